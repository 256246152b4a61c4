import { describe, expect, test } from 'vitest';
import { checkLinearizability } from '../../../../checkers/linearizability/linearizability.ts';
import { models } from '../../../../checkers/models/models.ts';
import { type Call, record } from '../recording.ts';

const never = Number.POSITIVE_INFINITY;

/** A call from one moment to another; operations are numbered by when they begin. */
const call = (f: string, invokedAt: number, returnedAt: number, more: Partial<Call> = {}): Call => ({
  f,
  invokedAt,
  returnedAt,
  outcome: returnedAt === never ? 'unknown' : 'ok',
  ...more,
});
const write = (value: number, from: number, to: number) => call('write', from, to, { input: value });
const read = (value: number | null, from: number, to: number) => call('read', from, to, { output: value });

function explained(model: string, calls: readonly Call[]) {
  const [key] = checkLinearizability(models.get(model)!, record(calls, false)).perKey;
  if (key?.kind !== 'violation') throw new Error(`expected a violation, found ${JSON.stringify(key)}`);
  return key.explanation;
}

/** What is left of a history, without how much work it was. */
function left(model: string, calls: readonly Call[]) {
  const { core, maybe, facets, minimal, before } = explained(model, calls).shrunk!;
  expect(minimal).toBe(true);
  expect(before).toBe(calls.length);
  return { core, maybe, ...(facets === undefined ? {} : { facets }) };
}

/** Calls that have nothing to do with what goes wrong later, on values of their own. */
const noise = (count: number, f: (i: number) => Partial<Call> & { readonly f: string }): Call[] =>
  Array.from({ length: count }, (_, i) => call(f(i).f, i / 1000, (i + 0.5) / 1000, f(i)));

describe('illegal histories of different models shrink to what matters', () => {
  test('register: a stale read, with the write that it missed and the one before', () => {
    const calls = [
      ...noise(30, (i) => ({ f: 'write', input: 100 + i })),
      write(3, 1, 2),
      write(7, 1.5, never),
      read(3, 2.2, 2.5),
      write(5, 3, 4),
      write(8, 3.5, 9),
      read(3, 6, 7),
    ];
    expect(left('register', calls)).toEqual({ core: [30, 33, 35], maybe: [] });
  });

  test('cas-register: two exchanges of one value', () => {
    const cas = (from: number, to: number, at: number) => call('cas', at, at + 5, { input: [from, to], result: true });
    const calls = [...noise(20, (i) => ({ f: 'write', input: 100 + i })), write(1, 1, 2), cas(1, 2, 3), cas(1, 4, 4)];
    expect(left('cas-register', calls)).toEqual({ core: [21, 22], maybe: [20] });
  });

  test('fifo-queue: what came first is overtaken', () => {
    const enqueue = (value: number, at: number) => call('enqueue', at, at + 0.5, { input: value });
    const dequeue = (value: number, at: number) => call('dequeue', at, at + 0.5, { output: value });
    const pairs = [10, 11, 12].flatMap((value, i) => [enqueue(value, 2 * i), dequeue(value, 2 * i + 1)]);
    const calls = [...pairs, enqueue(1, 20), enqueue(2, 21), enqueue(3, 22), dequeue(2, 23), dequeue(1, 24)];
    const { core, maybe } = left('fifo-queue', calls);
    expect([...core, ...maybe].sort((a, b) => a - b)).toEqual(expect.arrayContaining([6, 9]));
    expect(core.length + maybe.length).toBeLessThanOrEqual(4);
  });

  test('set: an element goes missing among hundreds that do not', () => {
    const calls = [
      ...noise(300, (i) => ({ f: 'add', input: i })),
      call('read', 5, 6, { output: Array.from({ length: 300 }, (_, i) => i).filter((i) => i !== 250) }),
    ];
    expect(left('set', calls)).toEqual({ core: [250, 300], maybe: [], facets: ['250'] });
  });

  test('mutex: granted twice', () => {
    const rounds = [0, 1, 2, 3].flatMap((i) => [
      call('acquire', 4 * i, 4 * i + 1),
      call('release', 4 * i + 2, 4 * i + 3),
    ]);
    const { core } = left('mutex', [...rounds, call('acquire', 20, 21), call('acquire', 22, 23)]);
    expect(core.slice(-2)).toEqual([8, 9]);
    expect(core.length).toBeLessThanOrEqual(3);
  });

  test('kv: a list in another order than it was appended to', () => {
    const append = (value: string, at: number) => call('append', at, at + 0.5, { input: value });
    const calls = [
      ...['a', 'b', 'c', 'd'].map((value, i) => append(value, i)),
      call('read', 10, 11, { output: ['a', 'b', 'd', 'c'] }),
    ];
    const { core } = left('kv', calls);
    expect(core).toHaveLength(2);
    expect(core).toContain(4);
  });

  test('kv: of hundreds of appends, a read that forgot one that the read before it found', () => {
    const read = (at: number, length: number, without?: number) =>
      call('read', at, at + 0.5, { output: Array.from({ length }, (_, i) => i).filter((i) => i !== without) });
    const appends = Array.from({ length: 400 }, (_, i) => call('append', i, i + 0.5, { input: i }));
    const reads = [read(100.6, 101), read(200.6, 201), read(300.6, 301, 150)];
    const { shrunk, paragraph } = explained('kv', [...appends, ...reads]);
    expect(shrunk).toMatchObject({ core: [202, 303], anchor: 202, maybe: [], before: 403, after: 2, minimal: true });
    expect(paragraph).toMatch(/^It begins with read .* found a state that nothing can have made since\.$/);
  });

  test('counter, multi-register and locks', () => {
    const add = (delta: number, at: number) => call('add', at, at + 0.5, { input: delta });
    expect(left('counter', [add(1, 0), add(2, 1), add(4, 2), read(0, 5, 6)]).core).toHaveLength(2);
    const txn = (at: number, ...steps: [string, string, number | null][]) =>
      call('txn', at, at + 0.5, { input: steps.map(([f, x, v]) => [f, x, f === 'r' ? null : v]), output: steps });
    const lost = [txn(0, ['w', 'x', 1], ['w', 'y', 1]), txn(1, ['w', 'z', 1]), txn(2, ['r', 'z', 1], ['r', 'x', null])];
    expect(left('multi-register', lost)).toEqual({ core: [0, 2], maybe: [], facets: ['"x"'] });
    const acquire = (owner: string, at: number) => call('acquire', at, at + 0.5, { input: { owner }, result: true });
    const release = (owner: string, at: number) => call('release', at, at + 0.5, { input: { owner }, result: true });
    const grants = [
      acquire('a', 0),
      release('a', 1),
      acquire('b', 2),
      release('b', 3),
      acquire('c', 4),
      acquire('d', 5),
    ];
    expect(left('owner-mutex', grants)).toEqual({ core: [4, 5], maybe: [] });
  });

  test('a long history is given a later beginning when its values come again and again', () => {
    const calls = [
      ...noise(300, (i) => (i % 3 === 2 ? { f: 'read', output: i % 2 } : { f: 'write', input: (i + 1 - (i % 3)) % 2 })),
    ];
    const values = calls.map(({ f, input }) => (f === 'write' ? input : undefined));
    const right = calls.map((each, i) =>
      each.f === 'read' ? { ...each, output: values.slice(0, i).findLast((value) => value !== undefined)! } : each,
    );
    const { shrunk } = explained('register', [...right, write(7, 1, 2), read(0, 3, 4)]);
    expect(shrunk).toMatchObject({ core: [300, 301], anchor: 300, maybe: [], before: 302, after: 2 });
  });
});

describe('the contradiction in prose', () => {
  const prose = (model: string, calls: readonly Call[]) => explained(model, calls).paragraph;

  test('by what must come before what', () => {
    expect(prose('register', [write(3, 0, 1), write(5, 2, 3), read(3, 4, 5)])).toBe(
      'Write 3 by process 0 (index 0) returned before write 5 by process 1 (index 2) was invoked. ' +
        'Write 5 (index 2) replaced what was made by write 3 (index 0), so read -> 3 by process 2 (index 4), ' +
        'which found that, comes before it. Write 5 (index 2) returned before read -> 3 (index 4) was invoked. ' +
        'So read -> 3 (index 4) would have to come both before and after write 5 (index 2), and no order does that.',
    );
  });

  test('of a value that nothing made', () => {
    expect(prose('register', [write(3, 0, 1), read(7, 4, 5)])).toBe(
      'Read -> 7 by process 1 (index 2) found a state that nothing can have made by then: at first it was null.',
    );
  });

  test('of what the initial value was found after', () => {
    expect(prose('register', [write(3, 0, 1), read(null, 4, 5)])).toContain('found the initial state null');
  });

  test('by the states that remain', () => {
    expect(prose('counter', [call('add', 0, 1, { input: 2 }), read(0, 4, 5)])).toBe(
      'Add 2 by process 0 (index 0) comes first. Read -> 0 by process 1 (index 2) was invoked after that had returned. ' +
        'Whatever the order, read -> 0 (index 2) has no place: in the state 2, it read 0 while the counter stood at 2.',
    );
  });

  test('with times, if the history has them', () => {
    const [key] = checkLinearizability(models.get('register')!, record([write(3, 0, 1), read(7, 4, 5)])).perKey;
    expect(key).toMatchObject({
      explanation: { paragraph: expect.stringContaining('(index 2, from 2 ms to 3 ms)') },
    });
  });
});

test('only so many keys are explained in full', () => {
  const calls = Array.from({ length: 25 }, (_, i) => ({ ...read(7, i, i + 0.5), key: i }));
  const { perKey } = checkLinearizability(models.get('register')!, record(calls));
  const shrunk = perKey.filter((key) => key.kind === 'violation' && key.explanation.shrunk !== undefined);
  expect(shrunk).toHaveLength(20);
});
