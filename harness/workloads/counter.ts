import { counterBounds, linearizable } from '../../checkers/index.ts';
import { each, perKey } from '../generator/combinators.ts';
import { integer } from '../random.ts';
import { finalReads } from './final-reads.ts';
import type { Workload } from './workload.ts';

const activeCounters = 2;
const operationsPerCounter = 150;

/**
 * Additions that return the new total, retried under one exactly-once identity when their outcome is unknown: a system
 * that executes a retry twice counts too far (SYSTEMS 2.2, 9).
 */
export const counter: Workload = {
  name: 'counter',
  summary: 'add to rotating counters, retrying after a lost answer with the same identity, and read; linearizable',
  operations: ['add', 'read'],
  object: 'counter',
  clients: 'in-process',
  sessions: true,
  attempts: 3,
  timeoutMs: 1000,
  load: () =>
    perKey({ active: activeCounters, operationsPerKey: operationsPerCounter, start: (n) => counterKey(`c${n}`) }),
  final: finalReads,
  checkers: () => [linearizable('counter'), counterBounds()],
};

const counterKey = (key: string) =>
  each((_worker, { random }) =>
    random() < 0.3
      ? { f: 'read', key }
      : { f: 'add', key, value: integer(random, 0, 5) === 0 ? -1 : integer(random, 1, 10) },
  );
