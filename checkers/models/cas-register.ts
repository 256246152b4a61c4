import type { Value } from '../history/operation.ts';
import { isList } from '../history/values.ts';
import { illegal, legal, type Model, operation, type Recorded, refused, type Understanding } from './model.ts';
import { type RegisterInput, register, understandRead, understandWrite } from './register.ts';
import { keyOf, same, show } from './value.ts';

export type CasInput = { readonly kind: 'cas'; readonly from: Value; readonly to: Value };
export type CasRegisterInput = RegisterInput | CasInput;

/**
 * A register with compare-and-set: `cas` (value `[from, to]`; ok `result` true, or false when the register did not
 * hold `from`; an ok without result counts as true). A false answer asserts that the register differed.
 */
export const casRegister: Model<Value, CasRegisterInput, Value> = {
  name: 'cas-register',
  summary: 'read, write, cas [from, to] (ok with result false = it did not match); one register per key',
  partition: 'key',
  timed: false,
  initial: null,
  cell: { read: 'read', write: 'write', cas: 'cas' },
  startingFrom: (value) => ({ kind: 'state', state: value }),
  understand(recorded) {
    switch (recorded.f) {
      case 'read':
        return understandRead(recorded);
      case 'write':
        return understandWrite(recorded);
      case 'cas':
        return understandCas(recorded);
      default:
        return refused('the model cas-register knows read, write and cas');
    }
  },
  step(held, input, seen) {
    if (input.kind !== 'cas') return register.step(held, input, seen);
    const matches = same(held, input.from);
    if (seen === undefined) return legal(matches ? input.to : held);
    if (seen === matches) return legal(matches ? input.to : held);
    return illegal(() =>
      seen === true
        ? `it exchanged ${show(input.from)} for ${show(input.to)} while the value was ${show(held)}`
        : `it found no ${show(input.from)} although the value was ${show(held)}`,
    );
  },
  key: keyOf,
  show,
  observes(input, seen) {
    if (input.kind !== 'cas') return register.observes(input, seen);
    return seen === false || same(input.from, input.to);
  },
  effect(input, seen) {
    if (input.kind !== 'cas') return register.effect!(input, seen);
    const needs = keyOf(input.from);
    if (seen === false) return { kind: 'denies', unlike: needs };
    const makes = keyOf(input.to);
    if (seen === undefined) return { kind: 'may-exchange', needs, makes };
    return needs === makes ? { kind: 'observes', needs } : { kind: 'exchanges', needs, makes };
  },
};

export function understandCas({ outcome, input, result }: Recorded): Understanding<CasInput, boolean> {
  if (!isList(input) || input.length !== 2) return refused('a cas must carry the value [from, to]');
  const [from, to] = input as readonly [Value, Value];
  if (outcome !== 'ok') return operation({ kind: 'cas', from, to }, undefined);
  if (result !== undefined && typeof result !== 'boolean') {
    return refused(`the result of a cas is true or false, not ${show(result)}`);
  }
  return operation({ kind: 'cas', from, to }, result ?? true);
}
