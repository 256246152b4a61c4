import type { History } from '../checkers/history/history.ts';
import { OK } from '../checkers/history/history.ts';
import type { FaultRecord, VacuityCheck } from './store/run-record.ts';

/** Fewer successes than this of any kind of operation, and the run has hardly asked. */
const okOverall = 10;
/** And so many of every kind begun and ended while a fault was active, summed over its injections. */
const okDuringFault = 3;

/** A stretch of time in which a fault was known to hold: from the measurement that it took hold until its heal began. */
export interface FaultWindow {
  readonly fault: string;
  readonly fromNs: number;
  readonly toNs: number;
}

export interface VacuityInput {
  readonly history: History;
  /** The kinds of operation that the workload is about. */
  readonly operations: readonly string[];
  /** The faults that the nemesis was to cause. */
  readonly faults: readonly FaultRecord[];
  readonly windows: readonly FaultWindow[];
  /** Why the cluster never became ready or never recovered; undefined when it did. */
  readonly notReady: string | undefined;
  readonly notRecovered: string | undefined;
  /** Why the run ended before its time; undefined when it did not. */
  readonly interrupted: string | undefined;
}

/** Every way in which silence could look like success (SYSTEMS 15.9), each with what was counted. O(operations × windows). */
export function vacuityChecks(input: VacuityInput): VacuityCheck[] {
  const { notReady, notRecovered, interrupted } = input;
  const checks: VacuityCheck[] = [];
  if (interrupted !== undefined) checks.push({ name: 'completed', ok: false, what: interrupted });
  if (notReady !== undefined) return [...checks, { name: 'ready', ok: false, what: notReady }];
  checks.push({ name: 'ready', ok: true, what: 'the cluster became ready before the load began' });
  checks.push(...input.operations.map((f) => enoughOk(input, f)));
  for (const fault of input.faults) checks.push(tookHold(fault), exercised(input, fault.name));
  if (notRecovered !== undefined) checks.push({ name: 'recovered', ok: false, what: notRecovered });
  else checks.push({ name: 'recovered', ok: true, what: 'after healing, every node served again' });
  return checks;
}

function enoughOk({ history }: VacuityInput, f: string): VacuityCheck {
  const count = countOk(history, f, [{ fault: '', fromNs: 0, toNs: Number.POSITIVE_INFINITY }]);
  return {
    name: `enough ${f}`,
    ok: count >= okOverall,
    what: `${count} ${f} operations succeeded (at least ${okOverall} needed)`,
  };
}

function tookHold({ name, injections, proven, unmeasurable = 0 }: FaultRecord): VacuityCheck {
  // A measurement may fail on a busy machine; a fault that more often than not cannot be shown did not happen.
  const measured = injections - unmeasurable;
  const what =
    injections === 0
      ? `fault '${name}' was never injected`
      : `fault '${name}' took hold in ${proven} of ${measured} injections that could be measured`;
  return { name: `${name} took hold`, ok: proven > 0 && proven * 2 >= measured, what };
}

function exercised(input: VacuityInput, fault: string): VacuityCheck {
  const windows = input.windows.filter((window) => window.fault === fault);
  const counts = input.operations.map((f) => ({ f, count: countOk(input.history, f, windows) }));
  const least = counts.reduce((a, b) => (b.count < a.count ? b : a), { f: 'any', count: Number.POSITIVE_INFINITY });
  return {
    name: `operations during ${fault}`,
    ok: least.count >= okDuringFault,
    what: `while '${fault}' was active, ${counts.map(({ f, count }) => `${count} ${f}`).join(', ')} succeeded (at least ${okDuringFault} of each needed)`,
  };
}

function countOk(history: History, f: string, windows: readonly FaultWindow[]): number {
  const wanted = history.names.find(f);
  let count = 0;
  for (let op = 0; op < history.length; op++) {
    if (history.f[op] !== wanted || history.outcome[op] !== OK) continue;
    const from = history.invokedNs[op]!;
    const to = history.completedNs[op]!;
    if (windows.some((window) => from >= window.fromNs && to <= window.toNs)) count++;
  }
  return count;
}
