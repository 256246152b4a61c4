// A model of one's own: `faultline check history.jsonl --model ./max-register.ts`.
//
// Everything in it is pure: nothing is mutated, nothing thrown, and equal arguments give equal answers.
import type { Model } from '../../../checkers/index.ts';

/** An operation in the model's own terms, made by `understand`. */
type Input = { readonly kind: 'read' } | { readonly kind: 'raise'; readonly to: number };

/** A register that only goes up. `raise` (value: to at least what), `read` (ok value: the largest so far). */
const maxRegister: Model<number, Input, number> = {
  name: 'max-register',
  summary: 'raise to at least a value, read of the largest so far; one register per key',
  // Operations on different keys never meet: each key is checked by itself. `whole` if they do.
  partition: 'key',
  // `step` does not look at times.
  timed: false,
  initial: 0,
  // What `--initial VALUE` means.
  startingFrom: (value) =>
    typeof value === 'number' ? { kind: 'state', state: value } : { kind: 'refused', why: 'it starts from a number' },

  // What a recorded operation means. `seen` is undefined where the client learned nothing that a state could
  // contradict: its outcome is unknown, or the answer is always the same.
  understand({ f, outcome, input, output }) {
    switch (f) {
      case 'read':
        return { kind: 'operation', input: { kind: 'read' }, seen: outcome === 'ok' ? Number(output) : undefined };
      case 'raise':
        if (typeof input !== 'number') return { kind: 'refused', why: 'a raise must carry a number' };
        return { kind: 'operation', input: { kind: 'raise', to: input }, seen: undefined };
      default:
        return { kind: 'refused', why: 'the model max-register knows read and raise' };
    }
  },

  // The next state, or why there is none.
  step(largest, input, seen) {
    if (input.kind === 'raise') return { legal: true, state: Math.max(largest, input.to) };
    if (seen === undefined || seen === largest) return { legal: true, state: largest };
    return { legal: false, why: () => `it read ${seen} while the largest was ${largest}` };
  },

  // States are equal exactly when their keys are.
  key: (largest) => largest,
  // A state in words, for explanations.
  show: String,
  // True only for what leaves *every* state as it is. A raise to a small value changes a smaller one.
  observes: (input) => input.kind === 'read',
};

export default maxRegister;
