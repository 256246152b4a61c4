import { describe, expect, test } from 'vitest';
import type { Value } from '../../../../checkers/history/operation.ts';
import { firstIllegal } from '../../../../checkers/linearizability/zones/first-illegal.ts';
import { explainedBefore, zones } from '../../../../checkers/linearizability/zones/zones.ts';
import { type Call, inOrder, record } from '../recording.ts';
import { cas, decided, none, questions, read, write } from './question.ts';
import { simulated } from './simulated.ts';
import { type Mixture, mixtures } from './single-writer.ts';

describe('why a register is not linearizable, in words', () => {
  const told: readonly (readonly [name: string, calls: readonly Call[], why: string, core: readonly number[]])[] = [
    [
      'a stale read',
      [write(3, 1, 2), write(5, 3, 4), read(3, 5, 6)],
      'read of 3 by process 2 (index 4) was invoked after write of 5 by process 1 (index 2) had returned, and write of 5 by process 1 (index 2) was invoked after write of 3 by process 0 (index 0) had returned, so 3 was already overwritten',
      [0, 1, 2],
    ],
    [
      'the initial value, read too late',
      [write(5, 1, 2), read(null, 3, 4)],
      'read of null by process 1 (index 2) was invoked after write of 5 by process 0 (index 0) had returned, so the initial value null was already overwritten',
      [0, 1],
    ],
    [
      'two values that each come before the other',
      [write(1, 1, 3), write(2, 2, 4), read(1, 5, 6), read(2, 7, 8), read(1, 9, 10)],
      '1 came before 2, since write of 1 by process 0 (index 0) returned before read of 2 by process 3 (index 6) was invoked; but 2 came before 1, since write of 2 by process 1 (index 1) returned before read of 1 by process 4 (index 8) was invoked; and no value was written twice',
      [0, 1, 3, 4],
    ],
    [
      'a value from nowhere',
      [write(1, 1, 2), read(7, 3, 4)],
      'read of 7 by process 1 (index 2) returned, but nothing can have written 7, and it is not the initial value',
      [1],
    ],
    [
      'a read from the future',
      [read(1, 1, 2), write(1, 3, 4)],
      'read of 1 by process 0 (index 0) returned before write of 1 by process 1 (index 2) was invoked, and nothing else wrote that value',
      [0, 1],
    ],
    [
      'one value exchanged twice, once by an operation of unknown outcome',
      [write(1, 1, 2), cas(1, 2, true, 3), cas(1, 3, true, 4, 6), read(2, 5, 7)],
      'cas from 1 to 3 by process 2 (index 3) took effect, and cas from 1 to 2 by process 1 (index 2) took effect (as read of 2 by process 3 (index 4) shows), but 1 was written only once, and each of them replaced it',
      [0, 1, 2, 3],
    ],
    [
      'exchanges that need each other',
      [cas(1, 2, true, 1, 3), cas(2, 1, true, 2, 4)],
      'each of these needs a value that only another of them can have written: cas from 1 to 2 by process 0 (index 0) took effect; cas from 2 to 1 by process 1 (index 1) took effect',
      [0, 1],
    ],
    [
      'a value read after it was exchanged',
      [write(1, 1, 2), cas(1, 2, true, 3, 4), read(1, 5, 6)],
      'read of 1 by process 2 (index 4) was invoked after cas from 1 to 2 by process 1 (index 2) had returned, which replaced 1, and 1 was there only once',
      [0, 1, 2],
    ],
    [
      'a value read after one that was made from it',
      [write(1, 1, 2), cas(1, 2, true, 3, 20), cas(2, 3, true, 4, 20), read(3, 5, 6), read(1, 7, 8)],
      'read of 1 by process 4 (index 6) was invoked after read of 3 by process 3 (index 4) had returned, but 3 was made from 1 through 2 exchanges, the last of them cas from 2 to 3 by process 2 (index 3), and 1 was there only once',
      [0, 1, 2, 3, 4],
    ],
    [
      'a refusal while the value was there',
      [write(1, 1, 2), cas(1, 2, false, 3, 4), read(1, 5, 6)],
      'cas from 1 to 2 by process 1 (index 2) found that the value was not 1, but it was all the time: write of 1 by process 0 (index 0) had returned before, and read of 1 by process 2 (index 4) was invoked after',
      [0, 1, 2],
    ],
    [
      'a refusal of a value that nothing replaced',
      [write(1, 1, 2), write(2, 3, 4), cas(2, 3, false, 5, 6), write(4, 7, 8)],
      'cas from 2 to 3 by process 2 (index 4) found that the value was not 2, but it was: write of 2 by process 1 (index 2) had returned before, and nothing invoked by then can have replaced it',
      [0, 1, 2],
    ],
  ];

  test.each(told)('%s', (_, calls, why, core) => {
    expect(decided(calls)).toEqual({ kind: 'illegal', why, core });
  });

  test('the key is named where there is one', () => {
    const calls = [read(7, 1, 2)].map((call) => ({ ...call, key: 'x' }));
    expect(decided(calls)).toMatchObject({ why: expect.stringMatching(/^on key "x": read of 7/) });
  });

  test('of a long chain of exchanges, the stretch that clashes', () => {
    const chain = Array.from({ length: 50 }, (_, i) => cas(i, i + 1, true, 10 * i + 2, 10 * i + 8));
    expect(decided([write(0, 0, 1), ...chain, write('x', 199, 201)])).toEqual({
      kind: 'illegal',
      why: '20 to 21 (1 exchange) came before "x", since cas from 19 to 20 by process 20 (index 40) returned before write of "x" by process 51 (index 42) was invoked; but "x" came before 20 to 21 (1 exchange), since write of "x" by process 51 (index 42) returned before cas from 20 to 21 by process 21 (index 44) was invoked; and no value was written twice',
      core: [20, 21, 22],
    });
  });
});

describe('what zones leave to others', () => {
  const inapplicable: readonly (readonly [string, readonly Call[]])[] = [
    ['a value written twice', [write(1, 1, 2), write(1, 3, 4)]],
    ['a value that two operations of unknown outcome may have written', [write(1, 1), cas(2, 1, true, 2)]],
    ['the initial value, written', [write(null, 1, 2)]],
    ['the initial value, exchanged for another', [write(1, 1, 2), cas(1, null, true, 3, 4)]],
    ['an answer that is missing', [{ f: 'read', outcome: 'ok', invokedAt: 1, returnedAt: 2 }]],
    ['an argument that is missing', [{ f: 'write', outcome: 'unknown', invokedAt: 1, returnedAt: 2 }]],
    ['a compare-and-set of three values', [{ ...cas(1, 2, true, 1, 2), input: [1, 2, 3] }]],
    ['a compare-and-set that answers neither yes nor no', [{ ...cas(1, 2, true, 1, 2), result: 'yes' }]],
    ['another operation', [{ f: 'append', input: 1, outcome: 'ok', invokedAt: 1, returnedAt: 2 }]],
  ];

  test.each(inapplicable)('%s', (_, calls) => {
    expect(decided(calls)).toBeUndefined();
  });

  test('an exchange of a value for itself is a read of it, and not a second writer', () => {
    expect(decided([write(1, 1, 2), cas(1, 1, true, 3, 4)])?.kind).toBe('linearizable');
    expect(decided([write(1, 1, 2), write(2, 3, 4), cas(1, 1, true, 5, 6)])?.kind).toBe('illegal');
  });

  test('what nobody can know to have happened is left out, what is needed is in', () => {
    const calls = [write(1, 1), cas(1, 2, true, 2), write(3, 3), read(2, 4, 5)];
    const decision = decided(calls);
    expect(decision?.kind === 'linearizable' && [...decision.order()]).toEqual([0, 1, 3]);
  });

  test('an unobserved operation of unknown outcome may be what a refusal needs', () => {
    const calls = [write(1, 1, 2), write(2, 3), cas(1, 3, false, 4, 5)];
    const decision = decided(calls);
    expect(decision?.kind === 'linearizable' && [...decision.order()]).toEqual([0, 1, 2]);
  });

  test('values of all kinds, equal by structure', () => {
    const values: Value[] = ['', '1', 1, true, [1, 2], { a: 1, b: [null] }];
    const calls = values.flatMap((value, i) => [write(value, 4 * i, 4 * i + 1), read(value, 4 * i + 2, 4 * i + 3)]);
    expect(decided(calls)?.kind).toBe('linearizable');
    expect(decided([write({ a: 1, b: 2 }, 1, 2), read({ b: 2, a: 1 }, 3, 4)])?.kind).toBe('linearizable');
    expect(decided([write(-0, 1, 2), read(0, 3, 4)])?.kind).toBe('linearizable');
  });

  test('an initial value of the caller', () => {
    expect(decided([read(7, 1, 2), cas(7, 8, true, 3, 4)], 'assert', 7)?.kind).toBe('linearizable');
    expect(decided([write(7, 1, 2)], 'assert', 7)).toBeUndefined();
  });
});

describe('long histories', () => {
  const share = (mixture: Mixture, seeds: number) => {
    let decisions = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const calls = simulated({ mixture, operations: 2000, processes: 2 + (seed % 10), unknown: 0.01, lies: 0 }, seed);
      if (decided(calls)?.kind === 'linearizable') decisions++;
    }
    return decisions;
  };

  test.each(Object.keys(mixtures) as Mixture[])('refusals leave few legal ones to the search: %s', (mixture) => {
    expect(share(mixture, 30)).toBeGreaterThanOrEqual(29);
  });

  test('where it goes wrong, and an order up to there', () => {
    const legal = simulated({ mixture: 'mixed', operations: 3000, processes: 10, unknown: 0.01, lies: 0 }, 5);
    const victim = inOrder(legal).filter(({ f, outcome }) => f === 'read' && outcome === 'ok')[900]!;
    const calls = legal.map((call) => (call === victim ? { ...call, output: 'never' } : call));
    const { question } = questions(record(calls), 'assert')[0]!;
    const at = firstIllegal(question, none)!;
    const op = question.part.ops[question.part.events[at]! >>> 1]!;
    expect(question.history.operation(op)).toMatchObject({ f: 'read', output: 'never' });
    const returned = question.part.events.subarray(0, at).filter((event) => (event & 1) === 1);
    const order = new Set(explainedBefore(question, at));
    expect(returned.every((event) => order.has(event >>> 1))).toBe(true);
  });

  test('a check that ends in the middle leaves nothing behind', () => {
    const calls = simulated({ mixture: 'register', operations: 140_000, processes: 5, unknown: 0, lies: 0 }, 1);
    const { question } = questions(record(calls), 'assert')[0]!;
    let checkpoints = 0;
    const limit = () => {
      if (++checkpoints === 2) throw new Error('out of time');
    };
    expect(() => zones.decide(question, limit)).toThrow('out of time');
    expect(zones.decide(question, none)?.kind).toBe('linearizable');
  });
});
