import { type Checker, type Finding, judge, type Limits } from '../checkers/checker.ts';
import type { History } from '../checkers/history/history.ts';
import { graver, pass, undecided, type Verdict } from '../checkers/verdict.ts';
import type { Finding as StoredFinding, VacuityCheck, VerdictRecord } from './store/run-record.ts';

/**
 * The verdict of a run: what the checkers found in its history, and whether the run could have found anything. A
 * violation stands on its own evidence; a pass also needs every vacuity check (SYSTEMS 15.9).
 */
export function judgeRun(
  history: History,
  checkers: readonly Checker[],
  vacuity: readonly VacuityCheck[],
  limits: Limits,
): VerdictRecord {
  const began = limits.now();
  const findings = judge(checkers, history, limits);
  const vacuous = vacuity.filter(({ ok }) => !ok);
  const verdict = [
    ...findings.map((finding) => finding.verdict),
    vacuous.length === 0 ? pass : undecided(vacuous.map(({ what }) => what).join('; ')),
  ].reduce(graver, pass as Verdict);
  return {
    version: 1,
    verdict: verdict.kind,
    why: verdict.kind === 'pass' ? 'every checker passed, the faults took hold, and the cluster recovered' : verdict.why,
    findings: findings.map(stored),
    vacuity: [...vacuity],
    checkMs: Math.round((limits.now() - began) * 1000) / 1000,
  };
}

const stored = ({ checker, verdict, details }: Finding): StoredFinding => ({
  checker,
  verdict: verdict.kind,
  why: verdict.kind === 'pass' ? '' : verdict.why,
  operations: verdict.kind === 'violation' ? [...verdict.operations] : [],
  ...(details === undefined ? {} : { details }),
});
