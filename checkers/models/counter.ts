import type { Value } from '../history/operation.ts';
import { illegal, legal, type Model, operation, refused, unreachable } from './model.ts';
import { understandRead } from './register.ts';
import { same, show } from './value.ts';

type CounterInput = { readonly kind: 'read' } | { readonly kind: 'add'; readonly delta: number };

/** A number, 0 at first. `add` (value: the delta, of either sign; ok `result` may be the new total), `read`. */
export const counter: Model<number, CounterInput, Value> = {
  name: 'counter',
  summary: 'add of a delta (ok result = new total, if given), read; one counter per key',
  partition: 'key',
  timed: false,
  initial: 0,
  startingFrom: (value) =>
    typeof value === 'number' ? { kind: 'state', state: value } : refused('a counter starts from a number'),
  understand(recorded) {
    const { f, outcome, input, result } = recorded;
    switch (f) {
      case 'read':
        return understandRead(recorded);
      case 'add':
        if (typeof input !== 'number') return refused('an add must carry a number as its value');
        return operation({ kind: 'add', delta: input }, outcome === 'ok' ? result : undefined);
      default:
        return refused('the model counter knows add and read');
    }
  },
  step(total, input, seen) {
    switch (input.kind) {
      case 'read':
        if (seen === undefined || same(seen, total)) return legal(total);
        return illegal(() => `it read ${show(seen)} while the counter stood at ${total}`);
      case 'add': {
        const next = total + input.delta;
        if (seen === undefined || same(seen, next)) return legal(next);
        return illegal(() => `it added ${input.delta} to ${total} and got ${show(seen)}`);
      }
      default:
        return unreachable(input);
    }
  },
  key: (total) => total,
  show: String,
  observes: (input) => input.kind === 'read' || input.delta === 0,
  growth: {
    grows: (input) => input.kind === 'add' && input.delta >= 0,
    mayBecome: (total, _input, seen) => typeof seen !== 'number' || total <= seen,
  },
};
