import { describe, expect, test } from 'vitest';
import type { Value } from '../../../../checkers/history/operation.ts';
import { counterMonitor } from '../../../../checkers/linearizability/monitors/counter/counter.ts';
import { generated } from '../generated.ts';
import { objects, type SequentialObject } from '../objects.ts';
import { Random } from '../random.ts';
import type { Call } from '../recording.ts';
import { agreesWithDefinition, agreesWithSearch, expectReasons, noCounts } from './agreement.ts';

const small = 30_000;
const middle = 1500;
const monitor = counterMonitor;

/** Which adds were told their total, and what they add. */
const kinds = [
  { told: 0, deltas: [1] },
  { told: 0, deltas: [2, 2, 0] },
  { told: 0.5, deltas: [-1] },
  { told: 1, deltas: [1, 2, 3, 0] },
  { told: 1, deltas: [1] },
  { told: 0.8, deltas: [1, 1, 1, 1, 2] },
  { told: 1, deltas: [1, 2, 5] },
];

function anyCounter(seed: number): { object: SequentialObject; initial?: Value } {
  const object = objects.find(({ model }) => model === 'counter')!;
  const random = new Random(seed);
  const fresh = random.pick([0, 0, 5]);
  const adds = random.pick([0.4, 0.6, 0.8]);
  const { deltas } = kinds[seed % kinds.length]!;
  return {
    object: {
      ...object,
      keyed: false,
      fresh,
      ask: (choice: Random) => (choice.chance(adds) ? { f: 'add', input: choice.pick(deltas) } : { f: 'read' }),
      outcomes(state, { f, input }) {
        if (f === 'read') return [{ state, output: state }];
        const total = (state as number) + (input as number);
        return [{ state: total, result: total }];
      },
    },
    ...(fresh === 0 ? {} : { initial: fresh }),
  };
}

/** Some adds were not told their total. */
function told(calls: readonly Call[], seed: number): Call[] {
  const random = new Random(seed);
  const share = kinds[seed % kinds.length]!.told;
  return calls.map((call) => {
    if (call.f !== 'add' || random.chance(share)) return call;
    const { result: _, output: __, ...silent } = call;
    return silent;
  });
}

describe('the monitor of a counter', () => {
  test('agrees with the definition', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= small; seed++) {
      const { object, initial } = anyCounter(seed);
      const calls = told(generated(object, seed, 8), seed);
      agreesWithDefinition({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts);
    }
    expect(counts.legal).toBeGreaterThan(small / 5);
    expect(counts.illegal).toBeGreaterThan(small / 8);
    expect(counts.notApplicable).toBeLessThan(small / 4);
    const plain = [/tells of less/, /tells of more/, /whose total is behind/, /exclude each other/];
    expectReasons(counts, [...plain, /no count of/]);
  });

  test('agrees with the search on longer histories', { timeout: 600_000 }, () => {
    const counts = noCounts();
    for (let seed = 1; seed <= middle; seed++) {
      const { object, initial } = anyCounter(seed);
      const calls = told(generated(object, seed, 70), seed);
      agreesWithSearch({ monitor, object, calls, ...(initial === undefined ? {} : { initial }) }, counts, 20_000);
    }
    expect(counts.legal).toBeGreaterThan(middle / 8);
    expect(counts.illegal).toBeGreaterThan(middle / 8);
  });
});
