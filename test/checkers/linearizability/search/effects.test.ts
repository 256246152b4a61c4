import { expect, test } from 'vitest';
import type { Value } from '../../../../checkers/history/operation.ts';
import type { AnyModel, Effect, Key } from '../../../../checkers/models/model.ts';
import { models } from '../../../../checkers/models/models.ts';
import { objects } from '../objects.ts';
import { Random } from '../random.ts';

interface Letter {
  readonly input: unknown;
  readonly seen: unknown;
}

/** What clients may have asked and seen, right and wrong answers alike, in the model's terms. */
function letters(model: AnyModel, seed: number): Letter[] {
  const object = objects.find((candidate) => candidate.model === model.name)!;
  const random = new Random(seed);
  const common = { invokedNs: 0, returnedNs: 1 };
  const values: readonly Value[] = [null, 0, 1, 2, '', 'a', 'ab', [], ['a'], ['a', 'b'], [0, 1], true, false];
  return Array.from({ length: 60 }, () => {
    const call = object.ask(random);
    const outcome = random.pick(['ok', 'ok', 'unknown'] as const);
    const result = random.pick([undefined, true, false, 1]);
    const asked = { ...call, input: call.input, output: random.pick(values), result, outcome, ...common };
    const understood = model.understand(asked);
    return understood.kind === 'operation' ? [understood] : [];
  }).flat();
}

/** The states that these letters lead through. */
function states(model: AnyModel, all: readonly Letter[], seed: number): unknown[] {
  const random = new Random(seed);
  const found = [model.initial];
  for (let i = 0; i < 40; i++) {
    const { input, seen } = random.pick(all);
    const step = model.step(random.pick(found), input, random.chance(0.5) ? undefined : seen);
    if (step.legal) found.push(step.state);
  }
  return found;
}

/** The step that an effect speaks of: the key of the next state, or `refused`. */
function told(effect: Effect, key: Key): { readonly key: Key } | 'refused' {
  switch (effect.kind) {
    case 'observes':
      return key === effect.needs ? { key } : 'refused';
    case 'denies':
      return key === effect.unlike ? 'refused' : { key };
    case 'writes':
      return { key: effect.makes };
    case 'exchanges':
      return key === effect.needs ? { key: effect.makes } : 'refused';
    case 'replaces':
      return key === effect.unlike ? 'refused' : { key: effect.makes };
    case 'may-exchange':
      return { key: key === effect.needs ? effect.makes : key };
    default:
      return effect satisfies never;
  }
}

/** Where the effect that a model declares is not what its step does. */
function contradictions(model: AnyModel, seed: number): string[] {
  const all = letters(model, seed);
  return states(model, all, seed).flatMap((state) =>
    all.flatMap(({ input, seen }) => {
      const effect = model.effect?.(input, seen);
      if (effect === undefined) return [];
      const step = model.step(state, input, seen);
      const really = step.legal ? { key: model.key(step.state) } : 'refused';
      const said = told(effect, model.key(state));
      return JSON.stringify(said) === JSON.stringify(really)
        ? []
        : [`${model.show(state)}, ${JSON.stringify({ input, seen, effect, really })}`];
    }),
  );
}

/** Where a model's growth breaks one of its laws. */
function shrinkages(model: AnyModel, seed: number): string[] {
  const growth = model.growth!;
  const all = letters(model, seed);
  const observers = all.filter(({ input, seen }) => model.observes(input, seen));
  const adders = all.filter(({ input, seen }) => growth.grows(input, seen));
  return states(model, all, seed).flatMap((state) =>
    observers.flatMap((observer) => {
      if (growth.mayBecome(state, observer.input, observer.seen)) return [];
      const now = model.step(state, observer.input, observer.seen).legal ? ['is legal now'] : [];
      const later = adders.flatMap(({ input, seen }) => {
        const step = model.step(state, input, seen);
        const hope = step.legal && growth.mayBecome(step.state, observer.input, observer.seen);
        return hope ? [`may come after ${JSON.stringify(input)}`] : [];
      });
      return [...now, ...later].map((why) => `${model.show(state)}: ${JSON.stringify(observer)} ${why}`);
    }),
  );
}

const seeds = Array.from({ length: 150 }, (_, i) => i + 1);
const declaring = [...models.values()].filter(({ effect }) => effect !== undefined);
const growing = [...models.values()].filter(({ growth }) => growth !== undefined);

test('these models say what operations need and make', () => {
  expect(declaring.map(({ name }) => name)).toEqual(['register', 'cas-register', 'kv', 'mutex']);
  expect(growing.map(({ name }) => name)).toEqual(['kv', 'counter', 'set']);
});

test.each(declaring.map((model) => [model.name, model] as const))('the effects of %s are its steps', (_, model) => {
  expect(seeds.flatMap((seed) => contradictions(model, seed)).slice(0, 3)).toEqual([]);
});

test.each(growing.map((model) => [model.name, model] as const))('%s grows as it says', (_, model) => {
  expect(seeds.flatMap((seed) => shrinkages(model, seed)).slice(0, 3)).toEqual([]);
});

test('every kind of effect is met', () => {
  const kinds = declaring.flatMap((model) =>
    seeds.flatMap((seed) => letters(model, seed).map(({ input, seen }) => model.effect!(input, seen)?.kind)),
  );
  const all = ['observes', 'denies', 'writes', 'exchanges', 'replaces', 'may-exchange'];
  expect([...new Set(kinds)].filter((kind) => kind !== undefined).sort()).toEqual(all.sort());
});

test('a wrong declaration is seen', () => {
  const kv = models.get('kv')!;
  const forgets: AnyModel = {
    ...kv,
    effect: (input, seen) => (seen === false ? { kind: 'writes', makes: null } : kv.effect!(input, seen)),
  };
  expect(seeds.flatMap((seed) => contradictions(forgets, seed)).length).toBeGreaterThan(0);
  const hopeless: AnyModel = { ...kv, growth: { ...kv.growth!, mayBecome: () => false } };
  expect(seeds.flatMap((seed) => shrinkages(hopeless, seed)).length).toBeGreaterThan(0);
});
