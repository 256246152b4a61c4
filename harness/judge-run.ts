import { type Checker, type Finding, judge, type Limits } from '../checkers/checker.ts';
import { readHistory } from '../checkers/history/format.ts';
import type { History } from '../checkers/history/history.ts';
import { graver, pass, undecided, type Verdict, violation } from '../checkers/verdict.ts';
import type { Crash } from './environments/environment.ts';
import { faultWindows } from './fault-windows.ts';
import type { RunState } from './run-state.ts';
import { findingRecord, type VacuityCheck, type VerdictRecord } from './store/run-record.ts';
import { vacuityChecks } from './vacuity.ts';

/** A run's history is short: a checker that needs longer than this is stuck. */
const checkLimits = { timeMs: 60_000, memoryBytes: 2 * 2 ** 30 };
const interruptedCheckMs = 2000;

/** Reads the history back from its file, which is all that a judge may know of what clients saw, and judges it. */
export function judgeRun(state: RunState): VerdictRecord {
  const { options, interrupted } = state;
  const read = readHistory(options.history.readBack(), { format: 'jsonl' });
  if (read.kind !== 'history') throw new Error(`the recorded history is malformed: ${read.problems[0]?.what}`);
  const { history } = read;
  const vacuity = vacuityChecks({
    history,
    operations: options.plan.workload.operations,
    faults: state.faults,
    windows: faultWindows(history.named, options.environment.time.nowNs()),
    notReady: state.notReady,
    notRecovered: state.notRecovered,
    interrupted: interrupted ?? state.stoppedEarly,
  });
  const checkers = [
    ...options.plan.workload.checkers(),
    witness('replicas agree', state.divergence),
    witness('nodes stayed up', crashed(state.crashes)),
    witness('answers are well-formed', badAnswers(state.workers?.protocolErrors ?? [])),
  ];
  const timeMs = interrupted === undefined ? checkLimits.timeMs : interruptedCheckMs;
  return conclude(history, checkers, vacuity, { ...checkLimits, timeMs, now: options.nowMs });
}

/**
 * The verdict of a run: what the checkers found in its history, and whether the run could have found anything. A
 * violation stands on its own evidence; a pass also needs every vacuity check (SYSTEMS 15.9).
 */
export function conclude(
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
    vacuous.length === 0 ? pass : undecided(reasons(vacuous)),
  ].reduce(graver, pass as Verdict);
  return {
    version: 1,
    verdict: verdict.kind,
    why: verdict.kind === 'pass' ? 'every checker passed, and the run exercised what it claims' : verdict.why,
    findings: findings.map(findingRecord),
    vacuity: [...vacuity],
    checkMs: Math.round((limits.now() - began) * 1000) / 1000,
  };
}

/** The first few; the rest is in the table of vacuity checks. */
function reasons(vacuous: readonly VacuityCheck[]): string {
  const said = vacuous
    .slice(0, 2)
    .map(({ what }) => what)
    .join('; ');
  return vacuous.length > 2 ? `${said}; and ${vacuous.length - 2} more reasons` : said;
}

/** What the harness saw beside the history: white-box evidence, and answers that broke the system's own contract. */
const witness = (name: string, seen: string | undefined): Checker => ({
  name,
  check: (): Finding => ({ checker: name, verdict: seen === undefined ? pass : violation(seen, []) }),
});

/** Nobody killed them: an invariant that stopped a node, or a bug. */
const crashed = ([first, ...more]: readonly Crash[]): string | undefined =>
  first &&
  `${first.node} ended by itself at ${(first.atNs / 1e9).toFixed(3)} s with ${first.how}: ${lastLine(first.logTail)}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

const badAnswers = (errors: readonly string[]): string | undefined =>
  errors.length === 0 ? undefined : `${errors.length} answers broke the protocol, the first: ${errors[0]}`;
