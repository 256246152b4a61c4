import { describe, expect, test } from 'vitest';
import { type Counts, Follower } from '../../../checkers/follow/follower.ts';
import { counter } from '../../../checkers/models/counter.ts';
import { kv } from '../../../checkers/models/kv.ts';
import type { AnyModel } from '../../../checkers/models/model.ts';
import { register } from '../../../checkers/models/register.ts';
import { type RegisterLoad, registerLoad } from './register-load.ts';

const operations = 200_000;

/** What is held at most, seen after every 500 events, in the first tenth of the history and in all of it. */
function held(model: AnyModel, load: Omit<RegisterLoad, 'seed' | 'calls'>, configurationsMax = 10_000) {
  const follower = new Follower(model, { configurationsMax });
  const peaks: Record<'early' | 'whole', Counts> = { early: follower.counts, whole: follower.counts };
  let events = 0;
  for (const event of registerLoad({ seed: 1, calls: operations, ...load })) {
    follower.take(event, ++events);
    if (events % 500 !== 0) continue;
    follower.look();
    peaks.whole = larger(peaks.whole, follower.counts);
    if (events < operations / 5) peaks.early = peaks.whole;
  }
  follower.end();
  return { ...peaks, standing: follower.standing, last: follower.counts };
}

const larger = (a: Counts, b: Counts): Counts =>
  Object.fromEntries(
    Object.entries(a).map(([name, count]) => [name, Math.max(count, b[name as keyof Counts])]),
  ) as never;

describe(`what is held of ${operations} operations`, () => {
  test('one register, 50 processes: as much as is open, and the unknown writes that nobody has read', () => {
    const { whole, standing } = held(register as AnyModel, { processes: 50, writes: 0.5, unknown: 0.001 });
    expect(standing).toEqual({ kind: 'pass' });
    expect(whole.waiting).toBeLessThan(20 * 50);
    expect(whole.blocks).toBeLessThan(20 * 50);
    expect(whole.configurations).toBeLessThan(10_000);
    expect(whole.unknown).toBeLessThan(operations * 0.001);
  });

  test('registers that take turns: what was held early on, and a little for each key that an unknown call keeps open', () => {
    const load = { processes: 10, writes: 0.25, cas: 0.15, unknown: 0.005, activeKeys: 3, callsPerKey: 150 };
    const { early, whole, standing } = held(kv as AnyModel, load);
    expect(standing).toEqual({ kind: 'pass' });
    expect(whole.waiting).toBeLessThan(2 * early.waiting);
    expect(whole.keys).toBeGreaterThan(operations / 160);
    expect(whole.awake).toBeLessThan(whole.keys / 2);
    expect(whole.configurations).toBeLessThan(4 * whole.awake);
    expect(whole.entries).toBeLessThan(8 * whole.awake + 200);
  });

  test('a key that comes to rest leaves its state and nothing else', () => {
    const { last, standing } = held(kv as AnyModel, { processes: 1, writes: 0.5, cas: 0.2 });
    expect(standing).toEqual({ kind: 'pass' });
    expect(last).toMatchObject({ keys: 1, awake: 0, waiting: 0, configurations: 0, entries: 0, blocks: 0, unknown: 0 });
  });

  test('a key that is given up holds nothing any more', () => {
    const load = { processes: 10, writes: 0.5, cas: 0.2 };
    const { last, standing } = held(kv as AnyModel, load, 0);
    expect(standing).toEqual({ kind: 'open', why: 'a key was too hard to follow' });
    expect(last).toMatchObject({ awake: 0, givenUp: 1, waiting: 0, configurations: 0, blocks: 0 });
  });
});

describe('what was forgotten', () => {
  const follow = (...calls: readonly (readonly [process: number, type: string, f: string, value?: unknown])[]) => {
    const follower = new Follower(register as AnyModel, { configurationsMax: 0 });
    const sequence = calls.map(([process, type, f, value]) => ({ process, type, f, value }) as never);
    for (const [i, event] of sequence.entries()) follower.take(event, i + 1);
    return follower;
  };
  const writes = Array.from({ length: 200 }, (_, i) => [
    [0, 'invoke', 'write', i],
    [0, 'ok', 'write', i],
  ]).flat() as [number, string, string, number][];

  test('and is read later is a violation', () => {
    const { violation } = follow(...writes, [1, 'invoke', 'read'], [1, 'ok', 'read', 7]);
    expect(violation?.why).toContain('7 was never written, or it had been overwritten for good');
  });

  test('and is written anew is a value like any other', () => {
    const again = [
      [1, 'invoke', 'write', 7],
      [1, 'ok', 'write', 7],
      [1, 'invoke', 'read'],
      [1, 'ok', 'read', 7],
    ] as const;
    expect(follow(...writes, ...again).standing).toEqual({ kind: 'pass' });
  });

  test('is not forgotten while a call is open that began before it was overwritten', () => {
    const { standing, counts } = follow([1, 'invoke', 'read'], ...writes, [1, 'ok', 'read', 7]);
    expect(standing).toEqual({ kind: 'pass' });
    expect(counts.waiting).toBe(0);
  });
});

test('a hard key is given up, and the others are followed on', () => {
  const follower = new Follower(counter as AnyModel, { configurationsMax: 50 });
  let line = 0;
  const take = (process: number, type: 'invoke' | 'ok', f: string, key: string, value?: number) =>
    follower.take({ process, type, f, key, ...(value === undefined ? {} : { value }) }, ++line);
  for (let process = 0; process < 12; process++) take(process, 'invoke', 'add', 'hard', 2 ** process);
  for (let process = 0; process < 12; process++) take(process, 'ok', 'add', 'hard');
  expect(follower.standing.kind).toBe('open');
  take(0, 'invoke', 'read', 'easy');
  take(0, 'ok', 'read', 'easy', 5);
  expect(follower.violation).toMatchObject({
    key: 'easy',
    why: expect.stringContaining('process 0 did read on key "easy"'),
  });
});
