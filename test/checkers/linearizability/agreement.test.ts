import { describe, expect, test } from 'vitest';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { models } from '../../../checkers/models/models.ts';
import { explainable, replays } from './brute-force.ts';
import { generated } from './generated.ts';
import { objects } from './objects.ts';
import { inOrder, record } from './recording.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 3000);
const callsMax = 7;
/** Seeds 1 to `perModel` of each model; another base tests other histories. */
const seedBase = Number(process.env.FAULTLINE_SEED ?? 0);

describe('the search agrees with the definition', () => {
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

    /** Judges one history in both ways, fails if they differ, and checks the evidence that the search gives. */
    function compare(seed: number, failedCas: 'ignore' | 'assert'): boolean {
      const calls = generated(object, seed, callsMax);
      const history = record(calls);
      const legal = explainable(object, calls, { failedCas });
      const found = checkLinearizability(models.get(object.model)!, history, { failedCas, linearizations: true });
      const context = `seed ${seed}: ${JSON.stringify(inOrder(calls))}\n${JSON.stringify(found)}`;
      if (found.verdict.kind !== (legal ? 'pass' : 'violation')) throw new Error(`the verdict is wrong; ${context}`);
      for (const key of found.perKey) {
        if (key.kind === 'pass') {
          const replay = replays(object, calls, key.key, key.linearization!, { failedCas });
          if (!replay) throw new Error(`the linearization cannot be replayed; ${context}`);
        }
        if (key.kind === 'violation') {
          const moment = inOrder(calls)[key.explanation.operation]!.returnedAt;
          const before = { failedCas, upTo: { moment, inclusive: false } };
          const replay = replays(object, calls, key.key, key.explanation.prefix!, before);
          if (!replay) throw new Error(`the prefix cannot be replayed; ${context}`);
          const own = object.keyed ? { key: { is: key.key } } : {};
          const including = { failedCas, upTo: { moment, inclusive: true }, ...own };
          if (explainable(object, calls, including))
            throw new Error(`not the first that cannot be explained; ${context}`);
        }
      }
      return legal;
    }
  }
});
