import { setFull } from '../../checkers/index.ts';
import { perKey } from '../generator/combinators.ts';
import type { Generator } from '../generator/generator.ts';
import { finalReads } from './final-reads.ts';
import type { Workload } from './workload.ts';

const activeSets = 2;
/** A read returns the whole set: short lives keep reads small. */
const operationsPerSet = 120;

export const set: Workload = {
  name: 'set',
  summary: 'add unique elements to rotating sets and read them whole; nothing lost, stale, doubled or invented',
  operations: ['add', 'read'],
  object: 'set',
  clients: 'in-process',
  sessions: false,
  attempts: 1,
  timeoutMs: 1500,
  load: () => perKey({ active: activeSets, operationsPerKey: operationsPerSet, start: (n) => setKey(`s${n}`, 1) }),
  final: finalReads,
  checkers: () => [setFull()],
};

function setKey(key: string, next: number): Generator {
  return {
    next(context) {
      const worker = context.free[0]!;
      if (context.random() < 0.3) return { kind: 'operation', worker, planned: { f: 'read', key }, rest: this };
      return { kind: 'operation', worker, planned: { f: 'add', key, value: next }, rest: setKey(key, next + 1) };
    },
    update() {
      return this;
    },
  };
}
