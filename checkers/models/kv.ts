import type { Value } from '../history/operation.ts';
import { isList } from '../history/values.ts';
import { type CasRegisterInput, casRegister, understandCas } from './cas-register.ts';
import {
  illegal,
  legal,
  type Model,
  operation,
  type Recorded,
  refused,
  type Step,
  type Understanding,
  unreachable,
} from './model.ts';
import { understandRead, understandWrite } from './register.ts';
import { keyOf, same, show } from './value.ts';

type KvInput =
  | CasRegisterInput
  | { readonly kind: 'delete' }
  | { readonly kind: 'append'; readonly value: Value }
  | { readonly kind: 'add'; readonly delta: number };

/**
 * One key of a key-value store; null means that the key is absent. Besides read, write and cas: `delete` (ok `result`
 * says whether the key existed), `append` (to a list; to a string if the key holds one and the value is one; an absent
 * key becomes a list) and `add` (a number to a number, an absent key counting as 0; ok `result` is the new total).
 *
 * An `append` or `add` to a value of another type is refused: no store answers ok to it and means anything.
 */
export const kv: Model<Value, KvInput, Value> = {
  name: 'kv',
  summary: 'read, write, cas, delete, append (lists and strings), add; one object per key, null when absent',
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
      case 'delete':
        return understandDelete(recorded);
      case 'append':
        return understandAppend(recorded);
      case 'add':
        return understandAdd(recorded);
      default:
        return refused('the model kv knows read, write, cas, delete, append and add');
    }
  },
  step(held, input, seen) {
    switch (input.kind) {
      case 'read':
      case 'write':
      case 'cas':
        return casRegister.step(held, input, seen);
      case 'delete':
        if (seen === undefined || seen === (held !== null)) return legal(null);
        return illegal(() => `it ${seen ? 'deleted an existing' : 'found no'} key while it held ${show(held)}`);
      case 'append':
        return append(held, input.value);
      case 'add':
        return add(held, input.delta, seen);
      default:
        return unreachable(input);
    }
  },
  key: keyOf,
  show,
  observes(input, seen) {
    switch (input.kind) {
      case 'read':
      case 'write':
      case 'cas':
        return casRegister.observes(input, seen);
      case 'delete':
        return seen === false;
      case 'append':
      case 'add':
        // An addition of 0 creates an absent key.
        return false;
      default:
        return unreachable(input);
    }
  },
  effect(input, seen) {
    switch (input.kind) {
      case 'read':
      case 'write':
      case 'cas':
        return casRegister.effect!(input, seen);
      case 'delete':
        if (seen === undefined) return { kind: 'writes', makes: null };
        return seen ? { kind: 'replaces', unlike: null, makes: null } : { kind: 'observes', needs: null };
      case 'append':
      case 'add':
        return undefined;
      default:
        return unreachable(input);
    }
  },
  growth: {
    grows: (input) => input.kind === 'append',
    mayBecome: (held, input, seen) =>
      input.kind !== 'read' || seen === undefined || held === null || isPrefix(held, seen),
  },
};

/** Whether appending to the first value may make the second of it. */
function isPrefix(held: Value, whole: Value): boolean {
  if (typeof held === 'string' && typeof whole === 'string') return whole.startsWith(held);
  if (!isList(held) || !isList(whole)) return same(held, whole);
  return held.length <= whole.length && held.every((element, at) => same(element, whole[at]!));
}

function append(held: Value, value: Value): Step<Value> {
  if (held === null) return legal([value]);
  if (isList(held)) return legal([...held, value]);
  if (typeof held === 'string' && typeof value === 'string') return legal(held + value);
  return illegal(() => `it appended ${show(value)} while the key held ${show(held)}`);
}

function add(held: Value, delta: number, seen: Value | undefined): Step<Value> {
  if (held !== null && typeof held !== 'number') {
    return illegal(() => `it added ${delta} while the key held ${show(held)}`);
  }
  const total = (held ?? 0) + delta;
  if (seen === undefined || same(seen, total)) return legal(total);
  return illegal(() => `it added ${delta} to ${show(held)} and got ${show(seen)}`);
}

function understandDelete({ outcome, result }: Recorded): Understanding<{ readonly kind: 'delete' }, Value> {
  if (outcome !== 'ok' || result === undefined) return operation({ kind: 'delete' }, undefined);
  if (typeof result !== 'boolean') return refused(`the result of a delete is true or false, not ${show(result)}`);
  return operation({ kind: 'delete' }, result);
}

function understandAppend({ input }: Recorded): Understanding<KvInput, Value> {
  if (input === undefined) return refused('an append must carry the value to be appended');
  return operation({ kind: 'append', value: input }, undefined);
}

function understandAdd({ outcome, input, result }: Recorded): Understanding<KvInput, Value> {
  if (typeof input !== 'number') return refused('an add must carry a number as its value');
  return operation({ kind: 'add', delta: input }, outcome === 'ok' ? result : undefined);
}
