import { DENIES, type EffectColumns, MAY_EXCHANGE, NO_VALUE, OBSERVES, OPAQUE, REPLACES, WRITES } from './effects.ts';
import type { Steps } from './steps.ts';
import { REFUSED, type Transitions } from './transitions.ts';
import { TupleTable } from './tuple-table.ts';
import type { Window } from './window.ts';

/**
 * A part of which the model says what every operation needs and makes. Its states are values, numbered from 0 in the
 * part, and its steps are comparisons: the model need not be asked. O(operations) to make, O(1) per step.
 */
export class Cell implements Steps {
  readonly initial: number;
  readonly valueCount: number;
  /** By operation of the window; see `EffectColumns`. */
  readonly kinds: Uint8Array;
  readonly needs: Int32Array;
  readonly makes: Int32Array;
  /** Some operation can tell a value that nobody needs from another such value. */
  readonly denied: boolean;
  private readonly letters: Int32Array;
  private readonly transitions: Transitions;
  /** By value: an operation that made it, and of which value. */
  private readonly maker: Int32Array;
  private readonly source: Int32Array;

  private constructor(window: Window, effects: EffectColumns, transitions: Transitions, initial: number) {
    const { letters } = window;
    const { length } = letters;
    const values = new Values(length, effects.valueCount);
    this.letters = letters;
    this.transitions = transitions;
    this.kinds = new Uint8Array(length);
    this.needs = new Int32Array(length);
    this.makes = new Int32Array(length);
    this.initial = values.own(initial);
    let denied = false;
    for (let op = 0; op < length; op++) {
      const letter = letters[op]!;
      const kind = effects.kinds[letter]!;
      this.kinds[op] = kind;
      this.needs[op] = values.own(effects.needs[letter]!);
      this.makes[op] = values.own(effects.makes[letter]!);
      denied ||= kind === DENIES || kind === REPLACES || (kind === MAY_EXCHANGE && window.slots[op]! >= 0);
    }
    this.denied = denied;
    this.valueCount = values.count;
    this.maker = new Int32Array(this.valueCount).fill(-1);
    this.source = new Int32Array(this.valueCount).fill(NO_VALUE);
  }

  /**
   * The cell, or `undefined` if the model does not say what some operation does. It holds the value `initial` at first, by
   * number in `effects`, or what the transitions begin with.
   */
  static of(
    window: Window,
    effects: EffectColumns,
    transitions: Transitions,
    initial: number = effects.valueOf(transitions.initialKey),
  ): Cell | undefined {
    if (window.letters.some((letter) => effects.kinds[letter] === OPAQUE)) return undefined;
    return new Cell(window, effects, transitions, initial);
  }

  get bytes(): number {
    return 9 * this.kinds.length + 8 * this.valueCount;
  }

  step(state: number, op: number): number {
    const needs = this.needs[op]!;
    const kind = this.kinds[op]!;
    switch (kind) {
      case OBSERVES:
        return state === needs ? state : REFUSED;
      case DENIES:
        return state === needs ? REFUSED : state;
      case WRITES:
        return this.makes[op]!;
      case REPLACES:
        return state === needs ? REFUSED : this.makes[op]!;
      case MAY_EXCHANGE:
        return state === needs ? this.makes[op]! : state;
      default:
        return state === needs ? this.makes[op]! : REFUSED;
    }
  }

  /** Notes how a state was reached, so that the model can be asked for it later. */
  reach(state: number, op: number, next: number): void {
    if (this.maker[next] !== -1 || next === this.initial) return;
    this.maker[next] = op;
    this.source[next] = state;
  }

  numberOf(state: number): number {
    const path: number[] = [];
    for (let at = state; at !== this.initial; at = this.source[at]!) {
      path.push(this.maker[at]!);
      if (this.kinds[this.maker[at]!] === WRITES) break;
    }
    const { transitions, letters } = this;
    return path.reduceRight((from, op) => transitions.step(from, letters[op]!), transitions.initial);
  }
}

/** Numbers the values of one part from 0, unless those of the whole history are few enough to be used as they are. */
class Values {
  private readonly total: number;
  private readonly table: TupleTable | undefined;

  constructor(operations: number, total: number) {
    this.total = total;
    this.table = total <= 4 * operations + 64 ? undefined : new TupleTable(1);
  }

  get count(): number {
    return this.table?.size ?? this.total;
  }

  own(value: number): number {
    if (value === NO_VALUE || this.table === undefined) return value;
    this.table.probe[0] = value;
    return this.table.intern();
  }
}
