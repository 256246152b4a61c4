import { describe, expect, test } from 'vitest';
import { historyOf } from '../../../checkers/history/pairing.ts';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { kv } from '../../../checkers/models/kv.ts';
import type { AnyModel } from '../../../checkers/models/model.ts';
import { register } from '../../../checkers/models/register.ts';
import { eventsUntilIllegal, followed } from './following.ts';
import { registerLoad } from './register-load.ts';

const model = register as AnyModel;
const casModel = kv as AnyModel;
/** No room for a single configuration: the zones are alone. */
const zonesAlone = { configurationsMax: 0 };
const histories = Number(process.env.FAULTLINE_SWEEP ?? 1500);

describe('zones alone, event by event', () => {
  for (const [name, load] of [
    ['few clients', { processes: 3, writes: 0.5, stale: 0.03 }],
    ['many clients', { processes: 12, writes: 0.5, stale: 0.03 }],
    ['mostly writes', { processes: 6, writes: 0.8, stale: 0.1 }],
    ['unknown outcomes', { processes: 5, writes: 0.5, stale: 0.03, unknown: 0.2 }],
    ['values that come back', { processes: 3, writes: 0.5, stale: 0.03, again: 0.1, unknown: 0.05 }],
  ] as const) {
    test(`${name}: the violation shows at the return that makes the history illegal`, { timeout: 3_600_000 }, () => {
      const count = { pass: 0, violation: 0, open: 0 };
      for (let seed = 1; seed <= histories; seed++) {
        const events = [...registerLoad({ ...load, seed, calls: 8 + (seed % 40) })];
        const context = `seed ${seed}:\n${events.map((event) => JSON.stringify(event)).join('\n')}`;
        const { standing } = followed(model, events, zonesAlone);
        count[standing.kind]++;
        if (standing.kind === 'open') continue;
        const shownAt = standing.kind === 'violation' ? standing.events : undefined;
        expect(shownAt, context).toBe(eventsUntilIllegal(model, events, 'ignore'));
      }
      expect(count.pass).toBeGreaterThan(histories / 8);
      expect(count.violation).toBeGreaterThan(histories / 8);
    });
  }
});

describe('zones and frontier together', () => {
  test('agree with the checker on longer histories', () => {
    const count = { pass: 0, violation: 0, open: 0 };
    for (let seed = 1; seed <= 150; seed++) {
      const load = {
        seed,
        calls: 600,
        processes: 6,
        writes: 0.4,
        cas: 0.15,
        unknown: 0.01,
        again: 0.02,
        stale: 0.0015,
      };
      const events = [...registerLoad({ ...load, activeKeys: 2, callsPerKey: 100 })];
      const { standing } = followed(casModel, events);
      const expected = checkLinearizability(casModel, historyOf(events)).verdict.kind;
      expect(standing.kind, `seed ${seed}`).toBe(expected);
      count[standing.kind]++;
    }
    expect(count.pass).toBeGreaterThan(20);
    expect(count.violation).toBeGreaterThan(20);
  });
});
