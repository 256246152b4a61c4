import { describe, expect, test } from 'vitest';
import { models } from '../../../checkers/models/models.ts';
import { explainable } from '../linearizability/brute-force.ts';
import { generated } from '../linearizability/generated.ts';
import { objects } from '../linearizability/objects.ts';
import { Random } from '../linearizability/random.ts';
import { events } from '../linearizability/recording.ts';
import { eventsUntilIllegal, followed, withInfos } from './following.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 1000);
const seedBase = Number(process.env.FAULTLINE_SEED ?? 0);
const callsMax = 8;

describe('following a history event by event', () => {
  for (const object of objects) {
    const model = models.get(object.model)!;
    const meanings = ['cas-register', 'kv'].includes(object.model)
      ? (['ignore', 'assert'] as const)
      : (['ignore'] as const);
    for (const failedCas of meanings) {
      test(`agrees with the definition: ${object.model}, failed compare-and-sets: ${failedCas}`, {
        timeout: 3_600_000,
      }, () => {
        const count = { pass: 0, violation: 0, open: 0 };
        for (let seed = seedBase + 1; seed <= seedBase + perModel; seed++) {
          const calls = generated(object, seed, callsMax);
          const history = withInfos(events(calls), new Random(seed));
          const legal = explainable(object, calls, { failedCas });
          const context = `seed ${seed}: ${history.map((event) => JSON.stringify(event)).join('\n')}`;

          const { standing } = followed(model, history, { failedCas });
          expect(standing.kind, context).toBe(legal ? 'pass' : 'violation');

          const looking = followed(model, history, { failedCas, look: true }).standing;
          const shownAt = looking.kind === 'violation' ? looking.events : undefined;
          expect(shownAt, context).toBe(eventsUntilIllegal(model, history, failedCas));
          count[standing.kind]++;
        }
        if (process.env.FAULTLINE_SWEEP) console.log(object.model, failedCas, JSON.stringify(count));
        expect(count.pass).toBeGreaterThan(perModel / 8);
        expect(count.violation).toBeGreaterThan(perModel / 8);
      });
    }
  }
});
