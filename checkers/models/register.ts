import type { Value } from '../history/operation.ts';
import {
  illegal,
  legal,
  type Model,
  operation,
  type Recorded,
  refused,
  type Understanding,
  unreachable,
} from './model.ts';
import { keyOf, same, show } from './value.ts';

export type RegisterInput = { readonly kind: 'read' } | { readonly kind: 'write'; readonly value: Value };

/** A cell that holds one value. `read` (ok value: what was read, null when nothing was written), `write` (value). */
export const register: Model<Value, RegisterInput, Value> = {
  name: 'register',
  summary: 'read, write of one value; one register per key',
  partition: 'key',
  timed: false,
  initial: null,
  cell: { read: 'read', write: 'write' },
  startingFrom: (value) => ({ kind: 'state', state: value }),
  understand(recorded) {
    switch (recorded.f) {
      case 'read':
        return understandRead(recorded);
      case 'write':
        return understandWrite(recorded);
      default:
        return refused('the model register knows read and write');
    }
  },
  step(held, input, seen) {
    switch (input.kind) {
      case 'read':
        if (seen === undefined || same(seen, held)) return legal(held);
        return illegal(() => `it read ${show(seen)} while the value was ${show(held)}`);
      case 'write':
        return legal(input.value);
      default:
        return unreachable(input);
    }
  },
  key: keyOf,
  show,
  observes: (input) => input.kind === 'read',
  effect(input, seen) {
    if (input.kind === 'write') return { kind: 'writes', makes: keyOf(input.value) };
    return seen === undefined ? undefined : { kind: 'observes', needs: keyOf(seen) };
  },
};

/** A read's answer is its value; an ok without one says nothing and is no answer. */
export function understandRead({ outcome, output }: Recorded): Understanding<{ readonly kind: 'read' }, Value> {
  if (outcome !== 'ok') return operation({ kind: 'read' }, undefined);
  if (output === undefined) return refused('an ok read must carry the value that was read (null when there was none)');
  return operation({ kind: 'read' }, output);
}

export function understandWrite({
  input,
}: Recorded): Understanding<{ readonly kind: 'write'; readonly value: Value }, never> {
  if (input === undefined) return refused('a write must carry the value to be written');
  return operation({ kind: 'write', value: input }, undefined);
}
