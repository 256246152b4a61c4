import { describe, expect, test } from 'vitest';
import { split } from '../../../../checkers/linearizability/part.ts';
import { Cell } from '../../../../checkers/linearizability/search/cell.ts';
import { Alphabet } from '../../../../checkers/linearizability/search/letters.ts';
import { all } from '../../../../checkers/linearizability/search/reductions.ts';
import { Search } from '../../../../checkers/linearizability/search/search.ts';
import { Stretch, type Whole } from '../../../../checkers/linearizability/search/stretch.ts';
import { timingOf } from '../../../../checkers/linearizability/search/timing.ts';
import { Transitions } from '../../../../checkers/linearizability/search/transitions.ts';
import { type Window, windowOf } from '../../../../checkers/linearizability/search/window.ts';
import { models } from '../../../../checkers/models/models.ts';
import { explainable } from '../brute-force.ts';
import { generated } from '../generated.ts';
import { objects } from '../objects.ts';
import { type Call, record } from '../recording.ts';
import { busyCalls, type Mix } from './busy.ts';
import { decide, searches } from './deciding.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 300);
const casRegister = models.get('cas-register')!;
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** Every stretch of every part, and whether it is refuted. */
function refuted(model: string, calls: readonly Call[], failedCas: 'ignore' | 'assert'): boolean[] {
  const history = record(calls);
  const alphabet = new Alphabet(models.get(model)!, history);
  const transitions = new Transitions(alphabet.model.initial, alphabet);
  return split(history, 'key', failedCas).flatMap((part) => {
    const window = windowOf(part, alphabet.spell(part) as Int32Array);
    const cell = Cell.of(window, alphabet.effects, transitions);
    if (cell === undefined) return [];
    const search = (stretch: Window, initial: number) =>
      new Search(stretch, alphabet, transitions, undefined, { ...all, stretches: false }, initial);
    const whole: Whole = { window, alphabet, cell, timing: timingOf(window, window.events.length), search };
    const positions = Array.from(window.events, (_, at) => at);
    return positions.flatMap((from) =>
      positions.slice(from).map((last) => new Stretch(whole, from, last + 1).run(1e9) === 'refuted'),
    );
  });
}

describe('a stretch of what can be explained can be explained', () => {
  for (const model of ['register', 'cas-register', 'kv', 'mutex']) {
    test(model, { timeout: 3_600_000 }, () => {
      const object = objects.find((candidate) => candidate.model === model)!;
      let judged = 0;
      for (const seed of seeds(perModel)) {
        const failedCas = seed % 2 ? 'ignore' : 'assert';
        const calls = generated(object, seed, 7);
        if (!explainable(object, calls, { failedCas })) continue;
        judged++;
        expect(refuted(model, calls, failedCas).includes(true), `seed ${seed}`).toBe(false);
      }
      expect(judged).toBeGreaterThan(perModel / 8);
    });
  }

  test('busy cells', { timeout: 3_600_000 }, () => {
    for (const seed of seeds(perModel / 3)) {
      const mix: Mix = {
        operations: 10 + (seed % 8),
        processes: 3 + (seed % 4),
        reads: 0.5,
        writes: seed % 2 ? 0.5 : 0.3,
        unknown: seed % 5 ? 0 : 0.2,
        ...(seed % 3 ? {} : { values: 3 }),
      };
      expect(refuted('cas-register', busyCalls(mix, seed), 'ignore').includes(true), `seed ${seed}`).toBe(false);
    }
  });
});

describe('a search that keeps turning back', () => {
  const contradicted: Mix = {
    operations: 10_000,
    processes: 50,
    values: 5,
    reads: 0.34,
    writes: 0.33,
    matching: 1,
    contradictedAfter: 9500,
  };

  test('ends once a stretch is refuted: 50 clients on one key, five values', () => {
    const { legal, configurations } = decide(casRegister, record(busyCalls(contradicted, 1)));
    expect([legal, configurations]).toEqual([false, 3978]);
  });

  test('names the stretch', () => {
    const mix = { ...contradicted, operations: 300, processes: 12, contradictedAfter: 250 };
    const lengths = seeds(20).flatMap((seed) => {
      const calls = busyCalls(mix, seed);
      const [search] = searches(casRegister, record(calls));
      expect(search!.run(Number.POSITIVE_INFINITY)).toBe('stuck');
      if (search!.contradiction === undefined) return [];
      const { from, end } = search!.contradiction;
      expect(end).toBeLessThanOrEqual(search!.refutedAt + 1);
      return [end - from];
    });
    expect(lengths.length).toBeGreaterThan(5);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(64);
  });
});
