import { describe, expect, test } from 'vitest';
import type { Value } from '../../../../checkers/history/operation.ts';
import { mutexMonitor } from '../../../../checkers/linearizability/monitors/lock/mutex.ts';
import { generated } from '../generated.ts';
import { objects, type SequentialObject } from '../objects.ts';
import { Random } from '../random.ts';
import type { Call } from '../recording.ts';
import { agreesWithDefinition, agreesWithSearch, noCounts } from './agreement.ts';

const small = 25_000;
const middle = 1500;
const monitor = mutexMonitor;

function anyMutex(seed: number): { object: SequentialObject; initial?: Value } {
  const object = objects.find(({ model }) => model === 'mutex')!;
  const fresh = seed % 3 === 0;
  return { object: { ...object, keyed: false, fresh }, ...(fresh ? { initial: true } : {}) };
}

/** Denials make most histories; without them the lock changes hands. */
function granted(calls: readonly Call[], seed: number): readonly Call[] {
  const share = [0, 0.5, 1][seed % 3]!;
  const random = new Random(seed);
  return calls.filter(({ result }) => result !== false || random.chance(share));
}

describe('the monitor of a mutex', () => {
  test('agrees with the definition', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= small; seed++) {
      const { object, initial } = anyMutex(seed);
      const calls = granted(generated(object, seed, 10), seed >> 2);
      agreesWithDefinition({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts);
    }
    expect(counts.legal).toBeGreaterThan(small / 4);
    expect(counts.illegal).toBeGreaterThan(small / 8);
    expect(counts.notApplicable).toBeLessThan(small / 50);
  });

  test('agrees with the search on longer histories', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= middle; seed++) {
      const { object, initial } = anyMutex(seed);
      const calls = granted(generated(object, seed, 90), seed >> 2);
      agreesWithSearch({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts, 20_000);
    }
    expect(counts.legal).toBeGreaterThan(middle / 8);
    expect(counts.illegal).toBeGreaterThan(middle / 8);
  });
});
