import type { Value } from '../../checkers/history/operation.ts';
import { linearizable } from '../../checkers/index.ts';
import { perKey } from '../generator/combinators.ts';
import type { Completed, Generator, Planned } from '../generator/generator.ts';
import { finalReads } from './final-reads.ts';
import type { Workload } from './workload.ts';

/** Few keys at a time, so that clients meet; each for a short life, so that unknown outcomes do not pile up on it. */
const activeKeys = 3;
const operationsPerKey = 150;

export const register: Workload = {
  name: 'register',
  summary: 'read, write and compare-and-set on rotating registers, every written value unique; linearizable per key',
  operations: ['read', 'write', 'cas'],
  clients: 'in-process',
  sessions: false,
  attempts: 1,
  timeoutMs: 1500,
  load: () => perKey({ active: activeKeys, operationsPerKey, start: (number) => registerKey(`r${number}`, 1, null) }),
  final: (nodes, keys) => finalReads(nodes, keys.slice(-4 * activeKeys)),
  checkers: () => [linearizable('kv')],
};

/**
 * Half of the clients only read. A write to a leader that is cut off hangs until its client gives up; a client that only
 * reads goes on asking, and would be told an old value if the leader dared.
 */
const onlyReads = (worker: number, workers: number): boolean => worker >= workers / 2;

/** `next` is the value to write next; `seen` what the register was last known to hold, so that some swaps succeed. */
function registerKey(key: string, next: number, seen: Value): Generator {
  return {
    next(context) {
      const worker = context.free[0]!;
      const dice = context.random();
      if (onlyReads(worker, context.workers) || dice < 0.15) {
        return { kind: 'operation', worker, planned: { f: 'read', key }, rest: this };
      }
      const planned: Planned = dice < 0.65 ? { f: 'write', key, value: next } : { f: 'cas', key, value: [seen, next] };
      return { kind: 'operation', worker, planned, rest: registerKey(key, next + 1, seen) };
    },
    update(completed) {
      if (completed.planned.key !== key) return this;
      const now = heldAfter(completed);
      return now === undefined ? this : registerKey(key, next, now);
    },
  };
}

function heldAfter({ planned, type, value, result }: Completed): Value | undefined {
  if (type !== 'ok') return undefined;
  if (planned.f === 'read') return value ?? null;
  if (planned.f === 'write') return planned.value;
  return result === true ? (planned.value as readonly Value[])[1] : undefined;
}
