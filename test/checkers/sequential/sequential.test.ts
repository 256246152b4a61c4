import { describe, expect, test } from 'vitest';
import { models } from '../../../checkers/models/models.ts';
import { checkSequential } from '../../../checkers/sequential/sequential.ts';
import { staleButOrdered } from '../../../checkers/sequential/stale-but-ordered.ts';
import type { Call } from '../linearizability/recording.ts';
import { recordShared } from './brute-force.ts';

const kv = models.get('kv')!;

/** One call after the other, a process, what it did, and what came back. */
function history(
  ...steps: readonly (readonly [process: number, f: 'read' | 'write', key: string, value: number | null])[]
) {
  const calls = steps.map(([process, f, key, value], at) => {
    const answered = f === 'read' ? { output: value } : { input: value };
    const call: Call = { f, key, ...answered, outcome: 'ok', invokedAt: 2 * at, returnedAt: 2 * at + 1 };
    return { call, process };
  });
  return recordShared(calls);
}

const stale = history([0, 'write', 'x', 1], [1, 'read', 'x', null], [1, 'read', 'x', 1]);
const backwards = history([0, 'write', 'x', 1], [0, 'write', 'x', 2], [1, 'read', 'x', 2], [1, 'read', 'x', 1]);

/** Each process misses the other's write (Lamport 1979, the example of two critical sections). */
const blind = history([0, 'write', 'x', 1], [1, 'write', 'y', 1], [0, 'read', 'y', null], [1, 'read', 'x', null]);

describe('sequential consistency', () => {
  test('a stale read passes if there is an order in which it is not', () => {
    expect(checkSequential(kv, stale)).toMatchObject({ verdict: { kind: 'pass' }, order: [1, 0, 2], operations: 3 });
  });

  test('a process that sees values go back does not', () => {
    const { verdict } = checkSequential(kv, backwards);
    expect(verdict).toMatchObject({ kind: 'violation', operations: [6] });
    expect('why' in verdict && verdict.why).toMatch(/read of "x" -> 1 by process 1 \(index 6\)/);
  });

  test('it is not local: each key passes, both together do not', () => {
    for (const key of ['x', 'y']) expect(checkSequential(kv, blind, { key }).verdict.kind).toBe('pass');
    expect(checkSequential(kv, blind).verdict.kind).toBe('violation');
  });

  test('limits make it undecided', () => {
    expect(checkSequential(kv, stale, { stepLimit: 0 }).verdict).toEqual({
      kind: 'undecided',
      why: 'sequential consistency: out of steps',
    });
  });

  test('what the model cannot judge is undecided and says why', () => {
    const refusedBy = (model: string) => checkSequential(models.get(model)!, stale).verdict;
    expect(refusedBy('mutex')).toMatchObject({ kind: 'undecided', why: expect.stringMatching(/mutex knows/) });
    expect(refusedBy('fenced-mutex')).toMatchObject({
      kind: 'undecided',
      why: expect.stringMatching(/speaks of times/),
    });
  });
});

describe('the sentence added to a violation', () => {
  test.each([
    [stale, 'Stale but ordered: the history is sequentially consistent.'],
    [backwards, 'It is not even sequentially consistent on key "x".'],
    [blind, 'It is not even sequentially consistent.'],
  ])('%#', (of, sentence) => {
    expect(staleButOrdered(kv, of, 'x')).toBe(sentence);
  });

  test('of a long history, only the key in violation is asked about', () => {
    const others = Array.from({ length: 500 }, (_, value) => [2, 'write', 'z', value] as const);
    const long = history(...others, [0, 'write', 'x', 1], [1, 'read', 'x', null]);
    expect(staleButOrdered(kv, long, 'x')).toBe('Stale but ordered: key "x" by itself is sequentially consistent.');
    expect(staleButOrdered(kv, long, 'z')).toBe(undefined);
  });
});
