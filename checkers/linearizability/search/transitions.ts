import type { AnyModel, Key } from '../../models/model.ts';
import type { Alphabet } from './letters.ts';
import { TupleTable } from './tuple-table.ts';

/** In place of a state: the model refuses the operation. */
export const REFUSED = -1;
const UNKNOWN_YET = -2;

/** With an alphabet up to this size, a state keeps a row with its successor under every letter. */
const denseLetterCountMax = 256;

/** An estimate of what one state costs besides the text of its key: the state, the key, and the map's entry. */
const bytesPerState = 160;

/**
 * The states that a search meets, as numbers, and what each letter makes of each state, asked of the model once and
 * remembered (the memoised model of Knossos). Shared by all parts of a history when the alphabet is small, one per
 * part otherwise, so that a finished part's states are forgotten.
 */
export class Transitions {
  /** The number of the state that everything starts from, and its key. */
  readonly initial: number;
  readonly initialKey: Key;
  /** How often the model was asked: the work that a search cannot see in its own nodes. */
  asked = 0;
  private readonly model: AnyModel;
  private readonly letters: Alphabet;
  private readonly states: unknown[] = [];
  private readonly numbers = new Map<Key, number>();
  private readonly dense: boolean;
  private readonly rows: Int32Array[] = [];
  private readonly pairs = new TupleTable(2);
  private successors = new Int32Array(16);
  private stateBytes = 0;

  constructor(initial: unknown, letters: Alphabet) {
    this.model = letters.model;
    this.letters = letters;
    this.dense = Transitions.shareable(letters);
    this.initialKey = this.model.key(initial);
    this.initial = this.numberOf(initial);
  }

  static shareable(letters: Alphabet): boolean {
    return letters.inputs.length <= denseLetterCountMax;
  }

  /** Memory held, in bytes: exact for the tables, estimated for the model's states. */
  get bytes(): number {
    const rows = this.dense ? this.rows.length * this.letters.inputs.length * 4 : 0;
    return rows + this.pairs.bytes + this.successors.length * 4 + this.stateBytes;
  }

  state(number: number): unknown {
    return this.states[number];
  }

  /** The next state, or `REFUSED`. */
  step(state: number, letter: number): number {
    if (this.dense) {
      const row = this.rows[state]!;
      const known = row[letter]!;
      if (known !== UNKNOWN_YET) return known;
      const next = this.ask(state, letter);
      row[letter] = next;
      return next;
    }
    const { pairs } = this;
    pairs.probe[0] = state;
    pairs.probe[1] = letter;
    const count = pairs.size;
    const pair = pairs.intern();
    if (pair < count) return this.successors[pair]!;
    const next = this.ask(state, letter);
    if (pair === this.successors.length) {
      const longer = new Int32Array(this.successors.length * 2);
      longer.set(this.successors);
      this.successors = longer;
    }
    this.successors[pair] = next;
    return next;
  }

  /** Why the model refuses a step, in words, or `undefined` if it does not. */
  why(state: number, letter: number): string | undefined {
    const step = this.model.step(this.states[state], this.letters.inputs[letter], this.letters.seen[letter]);
    return step.legal ? undefined : step.why();
  }

  show(state: number): string {
    return this.model.show(this.states[state]);
  }

  private ask(state: number, letter: number): number {
    this.asked++;
    const step = this.model.step(this.states[state], this.letters.inputs[letter], this.letters.seen[letter]);
    return step.legal ? this.numberOf(step.state) : REFUSED;
  }

  private numberOf(state: unknown): number {
    const key = this.model.key(state);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.states.push(state) - 1;
    this.numbers.set(key, number);
    // A state that has a long key is about as long itself.
    this.stateBytes += bytesPerState + (typeof key === 'string' ? 4 * key.length : 0);
    if (this.dense) this.rows.push(new Int32Array(this.letters.inputs.length).fill(UNKNOWN_YET));
    return number;
  }
}
