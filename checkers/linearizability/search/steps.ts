import type { Transitions } from './transitions.ts';
import type { Window } from './window.ts';

/** What the operations of one window make of states, both by number. */
export interface Steps {
  readonly initial: number;
  /** The next state, or `REFUSED`. */
  step(state: number, op: number): number;
  /** Told of every change of state, in the order of the search. */
  reach(state: number, op: number, next: number): void;
  /** The number of a state in the transitions of the model. */
  numberOf(state: number): number;
  /** Memory held, in bytes, besides what parts share. */
  readonly bytes: number;
}

/** Steps of a model that says no more than `step` does. */
export class ModelSteps implements Steps {
  readonly initial: number;
  readonly bytes = 0;
  private readonly transitions: Transitions;
  private readonly letters: Int32Array;

  constructor(window: Window, transitions: Transitions) {
    this.initial = transitions.initial;
    this.transitions = transitions;
    this.letters = window.letters;
  }

  step(state: number, op: number): number {
    return this.transitions.step(state, this.letters[op]!);
  }

  reach(): void {}

  numberOf(state: number): number {
    return state;
  }
}
