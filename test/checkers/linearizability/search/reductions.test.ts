import { describe, expect, test } from 'vitest';
import { DENIES } from '../../../../checkers/linearizability/search/effects.ts';
import { all, type Reductions } from '../../../../checkers/linearizability/search/reductions.ts';
import type { AnyModel } from '../../../../checkers/models/model.ts';
import { models } from '../../../../checkers/models/models.ts';
import { explainable } from '../brute-force.ts';
import { generated } from '../generated.ts';
import { objects } from '../objects.ts';
import { inOrder, record } from '../recording.ts';
import { busyCalls, type Mix } from './busy.ts';
import { decide, none, type Variant } from './deciding.ts';

const perModel = Number(process.env.FAULTLINE_SWEEP ?? 300);
const names = Object.keys(all) as (keyof Reductions)[];
const without = (name: keyof Reductions): Reductions => ({ ...all, [name]: none[name] });
const only = (name: keyof Reductions): Reductions => ({ ...none, [name]: all[name] });
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const meanings = ['ignore', 'assert'] as const;

describe('no reduction changes a verdict', () => {
  /** Fails unless the search answers the same with no, with each alone, with all, and with all but each. */
  function compare(model: AnyModel, calls: ReturnType<typeof busyCalls>, context: string): boolean {
    const history = record(calls);
    for (const failedCas of meanings) {
      const { legal } = decide(model, history, { failedCas, reductions: none });
      const variants = [['all', all] as const, ...names.map((name) => [`without ${name}`, without(name)] as const)];
      const alone = names.map((name) => [`only ${name}`, only(name)] as const);
      for (const [name, reductions] of [...variants, ...alone]) {
        if (decide(model, history, { failedCas, reductions }).legal === legal) continue;
        throw new Error(`${context}, ${name}: should be ${legal}; ${JSON.stringify(inOrder(calls))}`);
      }
    }
    return decide(model, history).legal;
  }

  for (const object of objects) {
    test(`of ${object.model}`, { timeout: 3_600_000 }, () => {
      const model = models.get(object.model)!;
      const legal = seeds(perModel).filter((seed) => compare(model, generated(object, seed, 16), `seed ${seed}`));
      expect(legal.length).toBeGreaterThan(perModel / 8);
      expect(legal.length).toBeLessThan(perModel);
    });
  }

  test('of busy cells', { timeout: 3_600_000 }, () => {
    const legal = seeds(3 * perModel).filter((seed) => {
      const mix: Mix = {
        operations: 10 + (seed % 12),
        processes: 3 + (seed % 7),
        values: 2 + (seed % 3),
        reads: 0.4,
        writes: seed % 2 ? 0.3 : 0.15,
        unknown: seed % 3 ? 0 : 0.2,
        lies: seed % 4 ? 0.1 : 0,
      };
      return compare(models.get('cas-register')!, busyCalls(mix, seed), `busy, seed ${seed}`);
    });
    expect(legal.length).toBeGreaterThan(perModel / 2);
    expect(legal.length).toBeLessThan(3 * perModel);
  });
});

describe('unsound reductions are caught by comparison with the definition', () => {
  const object = objects.find(({ model }) => model === 'cas-register')!;
  const casRegister = models.get('cas-register')!;
  type Input = { readonly kind: string };

  /** How many of so many small histories are judged wrongly. */
  function wrong(count: number, model: AnyModel, variant: Variant): number {
    const failedCas = variant.failedCas ?? 'assert';
    return seeds(count).filter((seed) => {
      const calls = generated(object, seed, 8);
      const { legal } = decide(model, record(calls), { ...variant, failedCas });
      return legal !== explainable(object, calls, { failedCas });
    }).length;
  }

  test('none is wrong when nothing is changed', () => {
    expect(wrong(4000, casRegister, {})).toBe(0);
  });

  test('a write of the value that is there goes eagerly, like an observer (CHECKERS 1, first)', () => {
    const eager: AnyModel = {
      ...casRegister,
      observes: (input, seen) => (input as Input).kind === 'write' || casRegister.observes(input, seen),
    };
    expect(wrong(4000, eager, {})).toBeGreaterThan(0);
  });

  test('crashed writes of values that nobody read are alike, whatever a denial tells of them (second)', () => {
    const alike: Variant = {
      reductions: { ...all, unobservable: false },
      respell(letters, part, { effects }) {
        const told = letters.filter((letter, op) => part.definite[op] === 1 && effects.kinds[letter] !== DENIES);
        const needed = new Set(Array.from(told, (letter) => effects.needs[letter]));
        const unread = (letter: number, op: number) =>
          letter >= 0 && part.definite[op] === 0 && !needed.has(effects.makes[letter]);
        const first = letters.find(unread) ?? -1;
        for (const [op, letter] of letters.entries()) if (unread(letter, op)) letters[op] = first;
      },
    };
    expect(wrong(4000, casRegister, alike)).toBeGreaterThan(0);
  });

  test('a value is dead although a crashed compare-and-set may start from it (third)', () => {
    const ignoring: Reductions = {
      ...all,
      deadWrites: (lookAhead, value, never) => lookAhead.neededBefore(value) === never,
    };
    const mix: Mix = { operations: 7, processes: 4, values: 5, reads: 0.3, writes: 0.4, matching: 1, unknown: 0.3 };
    const wrongly = seeds(6000).filter((seed) => {
      const calls = busyCalls(mix, seed).filter(
        ({ f, outcome, result }) => f !== 'cas' || outcome === 'unknown' || result,
      );
      const { legal } = decide(casRegister, record(calls), { reductions: ignoring });
      return legal !== explainable(object, calls, { failedCas: 'ignore' });
    });
    expect(wrongly.length).toBeGreaterThan(0);
  });
});
