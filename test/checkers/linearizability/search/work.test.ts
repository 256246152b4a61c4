import { describe, expect, test } from 'vitest';
import { checkLinearizability } from '../../../../checkers/linearizability/linearizability.ts';
import { all, type Reductions } from '../../../../checkers/linearizability/search/reductions.ts';
import { models } from '../../../../checkers/models/models.ts';
import { replays } from '../brute-force.ts';
import { objects } from '../objects.ts';
import { type Call, record } from '../recording.ts';
import { busyCalls, type Mix } from './busy.ts';
import { decide, none, searches } from './deciding.ts';

const casRegister = models.get('cas-register')!;
const cell = objects.find(({ model }) => model === 'cas-register')!;
const chains: Mix = { operations: 400, processes: 8, values: 5, reads: 0.34, writes: 0.33, matching: 1 };
const unique: Mix = { operations: 400, processes: 12, reads: 0.5, writes: 0.5 };

describe('configurations searched, exactly: a lost reduction is noticed', () => {
  const count = (mix: Mix, reductions: Reductions) =>
    decide(casRegister, record(busyCalls(mix, 1)), { reductions }).configurations;
  /** With all reductions, and without each of those that make a difference. */
  function counts(mix: Mix): Record<string, number> {
    const full = count(mix, all);
    const lost = Object.keys(all).map((name) => [name, count(mix, { ...all, [name]: none[name as keyof Reductions] })]);
    return { all: full, ...Object.fromEntries(lost.filter(([, configurations]) => configurations !== full)) };
  }

  test('values of which each is written once', () => {
    expect(counts(unique)).toEqual({ all: 114, lookAhead: 149, deadWrites: 202, covered: 115 });
  });

  test('compare-and-sets over five values, contradicted', () => {
    const contradicted = { ...chains, processes: 12, contradictedAfter: 300 };
    expect(counts(contradicted)).toEqual({ all: 177, lookAhead: 188, dominance: 184, covered: 192, stretches: 573 });
  });

  test('one outcome in twenty unknown, contradicted', () => {
    const crashed = { ...chains, operations: 200, unknown: 0.05, contradictedAfter: 150 };
    const lost = { lookAhead: 1120, twins: 1099, wanted: 2716, dominance: 6042, covered: 1931 };
    expect(counts(crashed)).toEqual({ all: 915, ...lost });
  });

  test('50 clients on one key, compare-and-sets over five values', () => {
    expect(count({ ...chains, operations: 10_000, processes: 50 }, all)).toBe(4126);
  });

  test('appends that one read has put in order', () => {
    const append = (input: string, at: number): Call => ({
      f: 'append',
      input,
      outcome: 'ok',
      invokedAt: at,
      returnedAt: 50 + at,
    });
    const texts = Array.from({ length: 7 }, (_, i) => String.fromCharCode(97 + ((i * 3) % 7)));
    const whole: Call = { f: 'read', output: [...texts].reverse(), outcome: 'ok', invokedAt: 100, returnedAt: 101 };
    const history = record([...texts.map((text, i) => append(text, i)), whole]);
    const searched = (growth: boolean) => decide(models.get('kv')!, history, { reductions: { ...all, growth } });
    expect(searched(true)).toEqual({ legal: true, configurations: 7 });
    expect(searched(false).configurations).toBeGreaterThan(1000);
  });
});

describe('R7: covered writes', () => {
  const never = Number.POSITIVE_INFINITY;
  const write = (input: number, invokedAt: number, returnedAt: number): Call => ({
    f: 'write',
    input,
    outcome: returnedAt === never ? 'unknown' : 'ok',
    invokedAt,
    returnedAt,
  });
  const read = (output: number, invokedAt: number, returnedAt: number): Call => ({
    f: 'read',
    output,
    outcome: 'ok',
    invokedAt,
    returnedAt,
  });
  const cas = (from: number, to: number, invokedAt: number, returnedAt: number): Call => ({
    f: 'cas',
    input: [from, to],
    result: true,
    outcome: 'ok',
    invokedAt,
    returnedAt,
  });
  const order = (calls: readonly Call[]) => {
    const found = checkLinearizability(casRegister, record(calls), { searchOnly: true, linearizations: true });
    const [key] = found.perKey;
    return key?.kind === 'pass' ? key.linearization : undefined;
  };

  test('a write of the value that is there hides another one', () => {
    const calls = [write(2, 0, 1), write(1, 2, 20), write(2, 3, 30), cas(2, 0, 4, 10), read(0, 21, 22)];
    expect(order(calls)).toEqual([0, 1, 2, 3, 4]);
  });

  test('so does one of unknown outcome', () => {
    const calls = [write(2, 0, 1), write(1, 2, 20), write(2, 3, never), cas(2, 0, 4, 10), read(0, 21, 22)];
    expect(order(calls)).toEqual([0, 1, 2, 3, 4]);
  });

  test('a write goes unseen only while it is pending', () => {
    expect(order([write(2, 0, 1), write(1, 2, 20), read(2, 21, 22)])).toBeUndefined();
    expect(order([write(2, 0, 1), write(2, 2, 3), write(1, 4, 20), read(2, 21, 22)])).toBeUndefined();
    expect(order([write(2, 0, 1), write(2, 2, 5), write(1, 4, 20), read(2, 21, 22)])).toEqual([0, 2, 1, 3]);
  });

  test('orders with many of them can be replayed', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const calls = busyCalls({ ...chains, operations: 200, unknown: seed % 2 ? 0 : 0.1 }, seed);
      const found = checkLinearizability(casRegister, record(calls), { searchOnly: true, linearizations: true });
      const [key] = found.perKey;
      if (key?.kind !== 'pass') throw new Error(`seed ${seed} is legal`);
      const inOrder = calls.toSorted((a, b) => a.invokedAt - b.invokedAt);
      expect(replays(cell, inOrder, undefined, key.linearization!, { failedCas: 'ignore' }), `seed ${seed}`).toBe(true);
    }
  });
});

describe('memory', () => {
  const hard = record([
    ...Array.from(
      { length: 40 },
      (_, i): Call => ({ f: 'add', input: 2 ** (i + 1), outcome: 'ok', invokedAt: i / 100, returnedAt: 9 + i }),
    ),
    { f: 'read', output: 2 ** 40 + 1, outcome: 'ok', invokedAt: 2, returnedAt: 8 },
  ]);
  const counter = models.get('counter')!;

  test('a search that never turns back stores next to nothing', () => {
    const [search] = searches(casRegister, record(busyCalls({ ...chains, operations: 20_000 }, 1)));
    const before = search!.bytes;
    expect(search!.run(Number.POSITIVE_INFINITY)).toBe('linearizable');
    // A frame and its moves for every return that blocked.
    expect(search!.bytes - before).toBeLessThan(20_000 * 64);
  });

  test('it stops before it holds a tenth more than its budget, and goes on when that is raised', () => {
    const [search] = searches(counter, hard);
    search!.memoryBudget = 200_000;
    expect(search!.run(Number.POSITIVE_INFINITY)).toBe('full');
    expect(search!.bytes).toBeLessThan(220_000);
    const { configurations } = search!;
    expect(search!.run(1000)).toBe('full');
    expect(search!.configurations).toBe(configurations);
    search!.memoryBudget = 800_000;
    expect(search!.run(Number.POSITIVE_INFINITY)).toBe('full');
    expect(search!.configurations).toBeGreaterThan(2 * configurations);
    expect(search!.bytes).toBeLessThan(880_000);
  });

  test('an answer is the same however often it had to stop', () => {
    const history = record(busyCalls({ ...chains, operations: 60, lies: 0.05 }, 3));
    const [search] = searches(casRegister, history);
    let progress = search!.run(7);
    for (
      search!.memoryBudget = search!.bytes;
      progress === 'paused' || progress === 'full';
      progress = search!.run(7)
    ) {
      if (progress === 'full') search!.memoryBudget += 1000;
    }
    const { legal, configurations } = decide(casRegister, history);
    expect([progress === 'linearizable', search!.configurations]).toEqual([legal, configurations]);
  });
});
