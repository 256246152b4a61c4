import { describe, expect, test } from 'vitest';
import { check } from '../../../checkers/check.ts';
import { type AnyModel, type Model, models } from '../../../checkers/index.ts';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import { brokenLaw } from '../../../checkers/user-model/laws.ts';
import { loadModel } from '../../../checkers/user-model/load.ts';
import { asModel } from '../../../checkers/user-model/shape.ts';
import { generated } from '../linearizability/generated.ts';
import { objects } from '../linearizability/objects.ts';
import { type Call, record } from '../linearizability/recording.ts';
import maxRegister from './max-register.ts';

const url = (file: string) => new URL(file, import.meta.url).href;
const own = (changes: Partial<Model<never, never, never>> | object = {}) =>
  ({ ...maxRegister, ...changes }) as unknown as AnyModel;

const raise = (at: number, input: number): Call => ({
  f: 'raise',
  input,
  outcome: 'ok',
  invokedAt: at,
  returnedAt: at + 1,
});
const read = (at: number, output: number): Call => ({
  f: 'read',
  output,
  outcome: 'ok',
  invokedAt: at,
  returnedAt: at + 1,
});
const legal = record([raise(0, 3), raise(2, 1), read(4, 3)]);
const illegal = record([raise(0, 3), raise(2, 1), read(4, 1)]);

describe('a model of the user', () => {
  test('judges histories, as the file says', async () => {
    const loaded = await loadModel(url('./max-register.ts'));
    if (loaded.kind === 'refused') throw new Error(loaded.why);
    expect((await check(loaded.model, legal)).verdict).toEqual({ kind: 'pass' });
    const { verdict } = await check(loaded.model, illegal);
    expect(verdict).toMatchObject({ kind: 'violation', why: expect.stringMatching(/1/) });
  });

  test('is told apart from the models that come with faultline by its name', async () => {
    expect(await loadModel(url('../../../checkers/models/mutex.ts'))).toMatchObject({
      kind: 'refused',
      why: '"mutex" is the name of a model that comes with faultline; give yours another',
    });
  });

  test.each([
    ['./no-such-model.ts', /Cannot find module/],
    [
      '../../../checkers/models/value.ts',
      /must be the default export or the only one; the module exports field, keyOf, same, show/,
    ],
    ['../linearizability/random.ts', /a model is an object .*, not a function/],
  ])('%s is refused', async (file, why) => {
    expect(await loadModel(url(file))).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) });
  });

  test('that lacks members is refused, and they are named', () => {
    expect(asModel({ ...maxRegister, observes: undefined, partition: 'keys', step: 7 })).toEqual({
      kind: 'refused',
      why:
        "the model is incomplete: partition is a string (right: 'key' or 'whole'); step is a number (right: a function " +
        'of a state, an input and what was seen); observes is missing (right: a function of an input and what was seen)',
    });
    expect(asModel(null)).toMatchObject({ kind: 'refused' });
  });
});

describe('a model that fails is undecided, never a wrong verdict', () => {
  const broken = async (changes: object) => (await check(own(changes), illegal)).verdict;

  test('that throws, and on which operation', async () => {
    const step = (_: number, { kind }: { kind: string }) => {
      if (kind === 'raise') throw new TypeError('no such thing');
      return { legal: true, state: 0 };
    };
    expect(await broken({ step })).toEqual({
      kind: 'undecided',
      why: 'the model max-register threw in step of raise 3 -> ok: TypeError: no such thing (index 0)',
    });
  });

  test.each([
    [{ step: () => undefined }, /answered nonsense in step/],
    [{ key: () => ({}) }, /answered nonsense in key/],
    [{ understand: () => ({ kind: 'operation' }) }, /answered nonsense in understand of raise 3/],
  ])('that answers nonsense: %#', async (changes, why) => {
    expect(await broken(changes)).toMatchObject({ kind: 'undecided', why: expect.stringMatching(why) });
  });

  test('that never comes back', async () => {
    const step = () => {
      for (;;);
    };
    const { verdict } = await check(own({ step }), illegal, { timeLimitMs: 20 });
    expect(verdict).toEqual({ kind: 'undecided', why: 'out of time' });
  });
});

describe('the laws of a model are tried on the history', () => {
  let calls = 0;
  const held = { of: 0 };
  test.each([
    ['an observer that writes', { observes: () => true }, /said to observe only, and changes the state/],
    ['a step that mutates', mutating(), /changes the state that it is given/],
    [
      'a step by chance',
      {
        step: (state: number) => (calls++ % 2 === 0 ? { legal: true, state } : { legal: false, why: () => '' }),
      },
      /legal once and illegal another time/,
    ],
    ['keys by chance', { key: () => held.of++ }, /changes the state that it is given/],
    [
      'an unknown answer that is refused',
      {
        step: (state: number, input: unknown, seen: unknown) =>
          (input as { kind: string }).kind === 'read' && seen === undefined
            ? { legal: false, why: () => '' }
            : { legal: true, state },
      },
      /illegal when the answer is not known/,
    ],
    [
      'an effect that is not what the step does',
      { effect: (input: { to?: number }) => input.to && { kind: 'writes', makes: input.to } },
      /makes another state than its effect says/,
    ],
    [
      'a growth that is too short-sighted',
      { growth: { grows: () => true, mayBecome: () => false } },
      /is legal, though its growth says/,
    ],
    [
      'a cell that is none',
      { cell: { read: 'read', raise: 'write' } },
      /"raise" is the write of a register, which in the state 3 it is not: raise 1/,
    ],
  ])('%s', async (_, changes, law) => {
    const { verdict } = await check(own(changes), legal);
    expect(verdict).toMatchObject({ kind: 'undecided', why: expect.stringMatching(law) });
  });

  test('every model that comes with faultline keeps them, on random histories', () => {
    for (const object of objects) {
      for (let seed = 1; seed <= 100; seed++) {
        const history = record(generated(object, seed, 8));
        expect(brokenLaw(models.get(object.model)!, history, 'ignore')).toBe(undefined);
      }
    }
  });

  test('a model of the user gets the verdict of the one that it copies', async () => {
    for (const object of objects) {
      const model = models.get(object.model)!;
      for (let seed = 1; seed <= 20; seed++) {
        const history = record(generated(object, seed, 8));
        const { verdict } = await check({ ...model, name: 'copy' }, history);
        expect(verdict.kind).toBe(checkLinearizability(model, history).verdict.kind);
      }
    }
  });
});

/** States are one object, that every step changes. */
function mutating() {
  const initial = { largest: 0 };
  return {
    initial,
    key: (state: typeof initial) => state.largest,
    show: () => '',
    step(state: typeof initial, input: { to?: number }) {
      state.largest += input.to ?? 0;
      return { legal: true, state };
    },
  };
}
