import { definiteHoldOverlap, linearizable, tokenOrder } from '../../checkers/index.ts';
import { eachProcess } from '../generator/combinators.ts';
import { type LockCycleOptions, lockCycle, shortPauseMs } from './lock-cycle.ts';
import type { Workload } from './workload.ts';

const leaseMs = 1000;
const locks = ['l1', 'l2', 'l3', 'l4'];

const options = (cycles: number): LockCycleOptions => ({
  locks,
  ttlMs: leaseMs,
  cycles,
  critical(held, context) {
    const afterMs = shortPauseMs(context, 30);
    if (held.done > 0 || context.random() < 0.6) return { kind: 'release', afterMs };
    const { lock, owner, token } = held;
    return { kind: 'operation', planned: { f: 'renew', key: lock, value: { owner, token } }, afterMs };
  },
});

export const lock: Workload = {
  name: 'lock',
  summary:
    'acquire (with and without waiting), renew and release leases; tokens in order, no two definite holders, linearizable',
  operations: ['acquire', 'renew', 'release'],
  clients: 'in-process',
  sessions: true,
  attempts: 2,
  timeoutMs: 1500,
  leaseMs,
  load: () => eachProcess((process) => lockCycle(process, options(Number.POSITIVE_INFINITY))),
  final: () => eachProcess((process) => lockCycle(process, options(1))),
  checkers: () => [tokenOrder(), definiteHoldOverlap(), linearizable('fenced-mutex')],
};
