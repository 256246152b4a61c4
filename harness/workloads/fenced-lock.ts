import type { Value } from '../../checkers/history/operation.ts';
import { fencing, tokenOrder } from '../../checkers/index.ts';
import { eachProcess } from '../generator/combinators.ts';
import { type LockCycleOptions, lockCycle, shortPauseMs } from './lock-cycle.ts';
import type { Workload } from './workload.ts';

const leaseMs = 1000;
/** A client that loses its node leaves its lock to the lease: there must be others to go on with. */
const locks = ['f1', 'f2', 'f3'];

/**
 * Read the resource, think, write its successor: the critical section that loses an update when two holders overlap.
 * Every value names its writer, so that no two writes are alike.
 */
const options = (cycles: number): LockCycleOptions => ({
  locks,
  ttlMs: leaseMs,
  cycles,
  critical({ lock, owner, token, read, done }, context) {
    const afterMs = shortPauseMs(context, 10);
    const key = `resource-${lock}`;
    if (done === 0) return { kind: 'operation', planned: { f: 'fenced-read', key, value: { token } }, afterMs };
    if (done > 1) return { kind: 'release', afterMs };
    const value = { n: successor(read), by: `${owner}/${token}` };
    const thinkMs = shortPauseMs(context, 60);
    return { kind: 'operation', planned: { f: 'fenced-write', key, value: { token, value }, thinkMs }, afterMs: 0 };
  },
});

const successor = (read: Value | undefined): number => ((read as { readonly n?: number } | null)?.n ?? 0) + 1;

export const fencedLock: Workload = {
  name: 'fenced-lock',
  summary: 'pausable client processes update a resource under a lock, with its fencing token; no update lost',
  operations: ['acquire', 'fenced-read', 'fenced-write', 'release'],
  clients: 'processes',
  concurrencyMax: 6,
  sessions: true,
  attempts: 2,
  timeoutMs: 4000,
  leaseMs,
  load: () => eachProcess((process) => lockCycle(process, options(Number.POSITIVE_INFINITY))),
  final: () => eachProcess((process) => lockCycle(process, options(1))),
  checkers: () => [tokenOrder(), fencing()],
};
