import type { Alphabet } from './letters.ts';
import type { Timing } from './timing.ts';
import type { Transitions } from './transitions.ts';
import { TupleTable } from './tuple-table.ts';
import type { Window } from './window.ts';

/**
 * Look-ahead for objects that grow (`Growth` of the model): until somebody who may do more than add can be at work, a
 * state must be one that every observer still to come can grow out of. Asked are the pending observers, and of the
 * others the one that returns last before such an operation is invoked: what it saw holds all that the others saw.
 *
 * One question to the model for each pair of state and observation, remembered.
 */
export class GrowthLookAhead {
  /** The latest return that a refusal was ever based on. */
  evidence = 0;
  private readonly letters: Int32Array;
  private readonly alphabet: Alphabet;
  private readonly transitions: Transitions;
  private readonly timing: Timing;
  private readonly done: Uint8Array;
  /** Definite observers that return, by return. */
  private readonly observers: number[] = [];
  /** Operations that may do more than add, by invocation; those before `firstChanger` are linearized. */
  private readonly changers: number[] = [];
  private readonly changerRank = new Map<number, number>();
  private firstChanger = 0;
  private readonly pairs = new TupleTable(2);
  private readonly answers: boolean[] = [];

  constructor(window: Window, alphabet: Alphabet, transitions: Transitions, timing: Timing, done: Uint8Array) {
    this.letters = window.letters;
    this.alphabet = alphabet;
    this.transitions = transitions;
    this.timing = timing;
    this.done = done;
    const { growth } = alphabet.model;
    for (let op = 0; op < this.letters.length; op++) {
      const letter = this.letters[op]!;
      if (alphabet.observer[letter] === 1) continue;
      if (growth!.grows(alphabet.inputs[letter], alphabet.seen[letter])) continue;
      this.changerRank.set(op, this.changers.push(op) - 1);
    }
    for (const event of timing.events) {
      const op = event >>> 1;
      if ((event & 1) === 0 || timing.returns[op] === timing.never) continue;
      if (alphabet.observer[this.letters[op]!] === 1) this.observers.push(op);
    }
  }

  get bytes(): number {
    return this.pairs.bytes + 8 * (this.answers.length + this.observers.length) + 40 * this.changers.length;
  }

  /** How many bytes more the questions about one state may take, with so many pending: 0 while there is room. */
  growthFor(pending: number): number {
    return this.pairs.growthFor(pending + 1);
  }

  /** Whether the state rules out some observer that is still to come, with `pending` among them. */
  hopeless(state: number, pending: Int32Array): boolean {
    const until = this.nextChange();
    for (let slot = 0; slot < pending.length; slot++) {
      const op = pending[slot]!;
      if (op >= 0 && this.timing.returns[op]! < until && this.rulesOut(state, op)) return true;
    }
    const last = this.lastObserver(until);
    return last >= 0 && this.rulesOut(state, last);
  }

  /** An operation is no longer linearized. */
  takeBack(op: number): void {
    const rank = this.changerRank.get(op);
    if (rank !== undefined && rank < this.firstChanger) this.firstChanger = rank;
  }

  private nextChange(): number {
    const { changers, done, timing } = this;
    while (this.firstChanger < changers.length && done[changers[this.firstChanger]!] === 1) this.firstChanger++;
    const op = changers[this.firstChanger];
    return op === undefined ? timing.never : timing.calls[op]!;
  }

  private lastObserver(until: number): number {
    const { observers, done, timing } = this;
    let low = 0;
    let high = observers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (timing.returns[observers[middle]!]! < until) low = middle + 1;
      else high = middle;
    }
    while (low > 0 && done[observers[low - 1]!] === 1) low--;
    return low > 0 ? observers[low - 1]! : -1;
  }

  private rulesOut(state: number, op: number): boolean {
    const letter = this.letters[op]!;
    if (this.done[op] === 1 || this.alphabet.observer[letter] === 0) return false;
    if (this.mayBecome(state, letter)) return false;
    if (this.timing.returns[op]! > this.evidence) this.evidence = this.timing.returns[op]!;
    return true;
  }

  private mayBecome(state: number, letter: number): boolean {
    const { pairs, alphabet } = this;
    pairs.probe[0] = state;
    pairs.probe[1] = letter;
    const known = this.answers[pairs.intern()];
    if (known !== undefined) return known;
    const { inputs, seen, model } = alphabet;
    const answer = model.growth!.mayBecome(this.transitions.state(state), inputs[letter], seen[letter]);
    this.answers.push(answer);
    return answer;
  }
}
