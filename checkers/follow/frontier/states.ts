import type { AnyModel, Key } from '../../models/model.ts';
import type { Letter } from '../letter.ts';

/** In place of a state: the model refuses the call. */
export const REFUSED = -1;

/** The states that one key has been in lately, as numbers. */
export class States {
  private readonly model: AnyModel;
  private states: unknown[] = [];
  private numbers = new Map<Key, number>();

  constructor(model: AnyModel) {
    this.model = model;
  }

  get size(): number {
    return this.states.length;
  }

  get(number: number): unknown {
    return this.states[number];
  }

  keyOf(number: number): Key {
    return this.model.key(this.states[number]);
  }

  numberOf(state: unknown): number {
    const key = this.model.key(state);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.states.length);
    return this.states.push(state) - 1;
  }

  /** The state after the call, or `REFUSED`. */
  step(number: number, letter: Letter): number {
    const step = this.model.step(this.states[number], letter.input, letter.seen);
    return step.legal ? this.numberOf(step.state) : REFUSED;
  }

  /** Forgets all states but these, which get the numbers of their places in the list. */
  keep(numbers: readonly number[]): void {
    const kept = numbers.map((number) => this.states[number]);
    this.states = [];
    this.numbers = new Map();
    for (const state of kept) this.numberOf(state);
  }
}
