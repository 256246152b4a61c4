import { describe, expect, test } from 'vitest';
import type { Value } from '../../../../checkers/history/operation.ts';
import { ownerMutexMonitor } from '../../../../checkers/linearizability/monitors/lock/owner-mutex.ts';
import { objects, type SequentialObject } from '../objects.ts';
import { Random } from '../random.ts';
import type { Call } from '../recording.ts';
import { agreesWithDefinition, agreesWithSearch, expectReasons, noCounts } from './agreement.ts';

const small = 25_000;
const middle = 1500;
const monitor = ownerMutexMonitor;

const forever = (owner: string) => ({ owner, token: 0, ttlMs: null, expiresNs: null }) as Value;

function anyLock(seed: number): { object: SequentialObject; initial?: Value } {
  const object = objects.find(({ model }) => model === 'owner-mutex')!;
  if (seed % 4 > 0) return { object: { ...object, keyed: false } };
  const fresh = { held: forever('a'), last: 0, since: 0 };
  return { object: { ...object, keyed: false, fresh }, initial: 'a' };
}

/** Owners that acquire, perhaps renew, and release, one after another; some time out, some answers and times are wrong. */
function holds(seed: number, count: number): Call[] {
  const random = new Random(seed);
  const owners = ['a', 'b', 'c', 'd'].slice(0, 2 + random.below(3));
  const doubt = random.pick([0, 0.1, 0.2]);
  const slack = random.pick([0.5, 2, 5]);
  const breaks = random.pick([0, 0.02, 0.3]);
  const calls: Call[] = [];
  const freeAt = new Map<string, number>();
  let now = 0;
  let holder = seed % 4 > 0 ? undefined : 'a';
  const call = (owner: string, f: string, at: number): boolean => {
    const invokedAt = Math.max((freeAt.get(owner) ?? 0) + 1e-6, at - slack * random.fraction());
    const returnedAt = Math.max(invokedAt, at) + 1e-6 + slack * random.fraction();
    const unknown = random.chance(doubt);
    const shared = { f, input: { owner }, invokedAt };
    if (unknown) calls.push({ ...shared, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY });
    else calls.push({ ...shared, result: true, outcome: 'ok', returnedAt });
    freeAt.set(owner, unknown ? at + 1e-3 : returnedAt);
    return !unknown || random.chance(0.5);
  };
  while (calls.length < count) {
    now += 1;
    if (random.chance(breaks / 10)) call(random.pick(owners), 'release', now);
    if (holder === undefined) {
      const owner = random.pick(owners);
      if (call(owner, 'acquire', Math.max(now, freeAt.get(owner) ?? 0))) holder = owner;
    } else {
      const f = random.pick(['renew', 'release', 'release']);
      now = Math.max(now, freeAt.get(holder) ?? 0);
      if (call(holder, f, now) && f === 'release') holder = undefined;
    }
    if (random.chance(breaks)) holder = undefined; // and nobody is told
  }
  return calls;
}

describe('the monitor of an owner-mutex', () => {
  test('agrees with the definition', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= small; seed++) {
      const { object, initial } = anyLock(seed);
      const calls = holds(seed, 3 + (seed % 7));
      agreesWithDefinition({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts);
    }
    expect(counts.legal).toBeGreaterThan(small / 4);
    expect(counts.illegal).toBeGreaterThan(small / 8);
    expect(counts.notApplicable).toBeLessThan(small / 2);
    expectReasons(counts, [/held it already/, /did not hold it/, /held twice/, /from the beginning/, /for ever/]);
  });

  test('agrees with the search on longer histories', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= middle; seed++) {
      const { object, initial } = anyLock(seed);
      const calls = holds(seed, 10 + (seed % 60));
      agreesWithSearch({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts, 20_000);
    }
    expect(counts.legal).toBeGreaterThan(middle / 16);
    expect(counts.illegal).toBeGreaterThan(middle / 8);
  });
});
