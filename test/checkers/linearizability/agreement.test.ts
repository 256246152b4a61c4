import { describe, expect, test } from 'vitest';
import type { History } from '../../../checkers/history/history.ts';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import type { FailedCas } from '../../../checkers/linearizability/part.ts';
import { models } from '../../../checkers/models/models.ts';
import { explainable, replays } from './brute-force.ts';
import { generated } from './generated.ts';
import { objects } from './objects.ts';
import { type Call, inOrder, record } from './recording.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 3000);
const callsMax = 7;
/** Explaining takes longer than deciding: the evidence of so many violations is looked at. */
const explainedEvery = 10;
/** Seeds 1 to `perModel` of each model; another base tests other histories. */
const seedBase = Number(process.env.FAULTLINE_SEED ?? 0);

/** How one history is judged, and what the brute force says of it. */
interface Way {
  readonly seed: number;
  readonly failedCas: FailedCas;
  readonly legal: boolean;
  readonly searchOnly: boolean;
}

describe('procedures and search agree with the definition', () => {
  test('every model has an object to compare it with', () => {
    expect(objects.map(({ model }) => model).sort()).toEqual([...models.keys()].sort());
  });

  for (const object of objects) {
    const meanings = ['cas-register', 'kv'].includes(object.model)
      ? (['ignore', 'assert'] as const)
      : (['ignore'] as const);
    for (const failedCas of meanings) {
      test(`${object.model}, failed compare-and-sets: ${failedCas}`, { timeout: 3_600_000 }, () => {
        const count = { legal: 0, illegal: 0 };
        for (let seed = seedBase + 1; seed <= seedBase + perModel; seed++) {
          const legal = compare(seed, failedCas);
          count[legal ? 'legal' : 'illegal']++;
        }
        if (process.env.FAULTLINE_SWEEP) console.log(`${object.model} (${failedCas})`, JSON.stringify(count));
        expect(count.legal).toBeGreaterThan(perModel / 8);
        expect(count.illegal).toBeGreaterThan(perModel / 8);
      });
    }

    /** Judges one history in all ways, fails if they differ, and checks the evidence that is given. */
    function compare(seed: number, failedCas: 'ignore' | 'assert'): boolean {
      const calls = generated(object, seed, callsMax);
      const history = record(calls);
      const legal = explainable(object, calls, { failedCas });
      for (const searchOnly of [false, true]) hold(calls, history, { seed, failedCas, legal, searchOnly });
      return legal;
    }

    function hold(calls: readonly Call[], history: History, { seed, failedCas, legal, searchOnly }: Way): void {
      const explain = !searchOnly && seed % explainedEvery === 0 ? 1 : 0;
      const options = { failedCas, linearizations: true, searchOnly, explain };
      const found = checkLinearizability(models.get(object.model)!, history, options);
      const context = () => `seed ${seed}: ${JSON.stringify(inOrder(calls))}\n${JSON.stringify(found)}`;
      if (found.verdict.kind !== (legal ? 'pass' : 'violation')) throw new Error(`the verdict is wrong; ${context()}`);
      for (const key of found.perKey) {
        if (key.kind === 'pass') {
          const replay = replays(object, calls, key.key, key.linearization!, { failedCas });
          if (!replay) throw new Error(`the linearization cannot be replayed; ${context()}`);
        }
        if (key.kind === 'violation' && key.explanation.prefix !== undefined) {
          const moment = inOrder(calls)[key.explanation.operation]!.returnedAt;
          const before = { failedCas, upTo: { moment, inclusive: false } };
          const replay = replays(object, calls, key.key, key.explanation.prefix!, before);
          if (!replay) throw new Error(`the prefix cannot be replayed; ${context()}`);
          const own = object.keyed ? { key: { is: key.key } } : {};
          const including = { failedCas, upTo: { moment, inclusive: true }, ...own };
          if (explainable(object, calls, including))
            throw new Error(`not the first that cannot be explained; ${context()}`);
        }
      }
    }
  }
});
