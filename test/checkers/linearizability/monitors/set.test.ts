import { describe, expect, test } from 'vitest';
import type { Value } from '../../../../checkers/history/operation.ts';
import { setMonitor } from '../../../../checkers/linearizability/monitors/set/set.ts';
import { generated } from '../generated.ts';
import { objects, type SequentialObject } from '../objects.ts';
import { Random } from '../random.ts';
import { agreesWithDefinition, agreesWithSearch, expectReasons, noCounts } from './agreement.ts';

const small = 25_000;
const middle = 1500;
const monitor = setMonitor;

function anySet(seed: number, elements: number): { object: SequentialObject; initial?: Value } {
  const object = objects.find(({ model }) => model === 'set')!;
  const random = new Random(seed);
  const fresh = random.pick<readonly Value[]>([[], [], [0], [1, 2]]);
  const adds = random.pick([0.3, 0.5, 0.7]);
  const ask = (choice: Random) => (choice.chance(adds) ? { f: 'add', input: choice.below(elements) } : { f: 'read' });
  return { object: { ...object, keyed: false, fresh, ask }, ...(fresh.length === 0 ? {} : { initial: fresh }) };
}

describe('the monitor of a set', () => {
  test('agrees with the definition', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= small; seed++) {
      const { object, initial } = anySet(seed, 1 + (seed % 5));
      const calls = generated(object, seed, 8);
      agreesWithDefinition({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts);
    }
    expect(counts.legal).toBeGreaterThan(small / 4);
    expect(counts.illegal).toBeGreaterThan(small / 8);
    expect(counts.notApplicable).toBeLessThan(small / 100);
    const read = [/ twice/, /nobody added/, /from the beginning/, /other misses/, /begun to add/, /found later/];
    expectReasons(counts, [...read, /misses what .* had added$/, /had added before$/]);
  });

  test('agrees with the search on longer histories', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= middle; seed++) {
      const { object, initial } = anySet(seed, 9 + (seed % 30)); // one digit: the object sorts as text does
      const calls = generated(object, seed, 70);
      agreesWithSearch({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts, 20_000);
    }
    expect(counts.legal).toBeGreaterThan(middle / 8);
    expect(counts.illegal).toBeGreaterThan(middle / 8);
  });
});
