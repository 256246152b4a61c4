import type { AnyModel } from '../../models/model.ts';
import type { Call } from '../call.ts';
import type { Letter } from '../letter.ts';
import { ABSORBED_FROM, ConfigurationSet, HIGH, LOW, STATE, USED, WIDTH } from './configuration-set.ts';
import { forgettingShared } from './forget.ts';
import { REFUSED, States } from './states.ts';
import { Demands, UnknownCalls } from './unknown-calls.ts';
import { UsedSets } from './used-sets.ts';

/** What the return of a call has shown. `too-many`: the configurations passed the bound, the frontier is spent. */
export type Closing = 'explained' | 'impossible' | 'too-many';

/** Calls that may be open at once on one key: a configuration has a bit for each. */
const slotsMax = 64;
const NO_STATE = -1;
/** Tables may grow so far beyond what the last tidying left. */
const slack = 64;
/** Moves that may be tried per return, on average; what is left over is saved up, and all that can be is there at first. */
const movesPerReturn = 2000;
const movesSavedMax = 100 * movesPerReturn;

/** What all frontiers of one follower share: room to work in. */
export class Workroom {
  readonly work = new ConfigurationSet();
  readonly next = new ConfigurationSet();
  /** More configurations than this in one step, and the frontier is given up. */
  readonly configurationsMax: number;

  constructor(configurationsMax: number) {
    this.configurationsMax = configurationsMax;
  }
}

/**
 * Every configuration that explains what has been told so far: a state, which of the open calls have taken effect, and
 * which calls of unknown outcome were made use of. Breadth-first just-in-time linearization (Lowe, "Testing for
 * Linearizability", 2017, section 3): at the return of a call, each configuration in which it has not taken effect yet
 * is led on by moves of open and unknown calls, until it has. When none is left, no order explains the history.
 *
 * Calls are opened and closed in the order of their events, and a call's answer must be known when it is opened; one
 * whose answer is not known is opened as one of unknown outcome. Exact. The reductions are those of the depth-first
 * search (`linearizability/search/search.ts` has the arguments): pure observers go as soon as they are legal; of open
 * twins the one that returns first; no unknown call whose effect leaves no trace; dominance of fewer unknown calls.
 * Each leads from an explanation of the rest to one that is not longer, and all explanations are looked at.
 *
 * A step costs O(configurations · open calls); memory is proportional to the configurations and to the calls that are
 * open or unknown, whatever the length of the history. What every configuration has made use of is forgotten.
 */
export class Frontier {
  private readonly room: Workroom;
  private states: States;
  private sets: UsedSets;
  private rows: Int32Array;
  /** By slot. */
  private calls: (Call | undefined)[] = [];
  private letters: (Letter | undefined)[] = [];
  private unknown = new UnknownCalls();
  private tidyAt = slack;
  /** Moves that may still be tried. */
  private moves = movesSavedMax;

  constructor(model: AnyModel, state: unknown, room: Workroom) {
    this.room = room;
    this.states = new States(model);
    this.sets = new UsedSets();
    this.rows = Int32Array.of(this.states.numberOf(state), UsedSets.none, 0, 0, NO_STATE);
  }

  get configurations(): number {
    return this.rows.length / WIDTH;
  }

  get unknownCalls(): number {
    return this.unknown.count;
  }

  /** States and sets held, those of no use any more included. */
  get entries(): number {
    return this.states.size + this.sets.size;
  }

  /** The state, if there is only one that the object can be in and nothing can change it any more by itself. */
  get settledState(): { readonly state: unknown } | undefined {
    this.tidy();
    if (this.configurations > 1 || this.unknown.count > 0) return undefined;
    return { state: this.states.get(this.rows[STATE]!) };
  }

  /** For looking ahead: a frontier that goes on from here by itself. It is to be thrown away before this one goes on. */
  fork(): Frontier {
    const fork: Frontier = Object.create(Frontier.prototype);
    return Object.assign(fork, this, {
      rows: this.rows.slice(),
      calls: this.calls.slice(),
      letters: this.letters.slice(),
      unknown: new UnknownCalls(this.unknown.letters),
      tidyAt: Number.POSITIVE_INFINITY,
    });
  }

  /** A call whose return will be told by `close`. False: more are open than a frontier can hold. */
  open(call: Call, letter: Letter): boolean {
    const free = this.calls.indexOf(undefined);
    const slot = free < 0 ? this.calls.length : free;
    if (slot === slotsMax) return false;
    this.calls[slot] = call;
    this.letters[slot] = letter;
    if (letter.observes) this.observe(slot, letter);
    return true;
  }

  /** A call of unknown outcome. */
  openUnknown(letter: Letter): void {
    this.unknown.add(letter);
  }

  /** The return of an open call. */
  close(call: Call): Closing {
    const slot = this.calls.indexOf(call);
    const { work, next, configurationsMax } = this.room;
    work.clear();
    next.clear();
    this.divide(slot);
    const demands = new Demands(this.letters);
    this.moves = Math.min(this.moves + movesPerReturn, movesSavedMax);
    for (let row = 0; row < work.count; row++) {
      if (work.isReplaced(row)) continue;
      this.leadOn(row, slot, demands);
      if (work.count + next.count > configurationsMax || this.moves < 0) return 'too-many';
    }
    if (next.count === 0) return 'impossible';
    this.rows = next.rows();
    this.calls[slot] = undefined;
    this.letters[slot] = undefined;
    if (this.entries + this.unknown.count > this.tidyAt) this.tidy();
    return 'explained';
  }

  /** Forgets states that no configuration is in, and unknown calls that all have made use of. */
  tidy(): void {
    const { states, sets, unknown } = forgettingShared(this.rows, this.sets, this.unknown);
    this.states.keep(states);
    this.sets = sets;
    this.unknown = unknown;
    this.tidyAt = 2 * (this.entries + unknown.count) + slack;
  }

  /** A new observer takes effect at once wherever it is legal. */
  private observe(slot: number, letter: Letter): void {
    const { rows } = this;
    const field = slot < 32 ? LOW : HIGH;
    for (let at = 0; at < rows.length; at += WIDTH) {
      if (this.states.step(rows[at + STATE]!, letter) !== REFUSED) rows[at + field]! |= 1 << (slot & 31);
    }
  }

  /** Configurations in which the returning call has taken effect are done; the others are to be led on. */
  private divide(slot: number): void {
    const { rows, sets } = this;
    const { work, next } = this.room;
    const lowBit = slot < 32 ? 1 << slot : 0;
    const highBit = slot < 32 ? 0 : 1 << (slot - 32);
    for (let at = 0; at < rows.length; at += WIDTH) {
      const low = rows[at + LOW]!;
      const high = rows[at + HIGH]!;
      const done = ((low & lowBit) | (high & highBit)) !== 0;
      if (done) next.add(rows[at + STATE]!, rows[at + USED]!, low & ~lowBit, high & ~highBit, NO_STATE, sets);
      else work.add(rows[at + STATE]!, rows[at + USED]!, low, high, NO_STATE, sets);
    }
  }

  /** All moves from one configuration of the work. */
  private leadOn(row: number, returning: number, demands: Demands): void {
    const { letters, room } = this;
    const at = row * WIDTH;
    const state = room.work.cells[at + STATE]!;
    const low = room.work.cells[at + LOW]!;
    const high = room.work.cells[at + HIGH]!;
    const used = room.work.cells[at + USED]!;
    const absorbedFrom = room.work.cells[at + ABSORBED_FROM]!;
    for (let slot = 0; slot < letters.length; slot++) {
      const letter = letters[slot];
      if (letter === undefined || isIn(low, high, slot)) continue;
      if (slot !== returning && this.twinReturnsBefore(slot, letter, low, high)) continue;
      const next = this.states.step(state, letter);
      if (next === REFUSED || this.absorbs(absorbedFrom, letter, next)) continue;
      const bit = 1 << (slot & 31);
      this.arrive(next, used, slot < 32 ? low | bit : low, slot < 32 ? high : high | bit, NO_STATE, returning);
    }
    const unknown = this.unknown.worthTrying(demands, this.states.keyOf(state));
    this.moves -= letters.length + unknown.length;
    for (const n of unknown) {
      const letter = this.unknown.letters[n]!;
      if (this.sets.has(used, n) || this.twinComesFirst(n, letter, used, low, high)) continue;
      const next = this.states.step(state, letter);
      if (next === REFUSED || next === state || this.absorbs(absorbedFrom, letter, next)) continue;
      this.arrive(next, this.sets.with(used, n), low, high, state, returning);
    }
  }

  /** A configuration after a move: observers that are legal now go too. */
  private arrive(state: number, used: number, low: number, high: number, from: number, returning: number): void {
    const { letters, sets } = this;
    const { work, next } = this.room;
    let seenLow = low;
    let seenHigh = high;
    for (let slot = 0; slot < letters.length; slot++) {
      const letter = letters[slot];
      if (letter === undefined || !letter.observes || isIn(low, high, slot)) continue;
      if (this.states.step(state, letter) === REFUSED) continue;
      if (slot < 32) seenLow |= 1 << slot;
      else seenHigh |= 1 << (slot - 32);
    }
    if (isIn(seenLow, seenHigh, returning)) {
      const bit = ~(1 << (returning & 31));
      if (returning < 32) seenLow &= bit;
      else seenHigh &= bit;
      next.add(state, used, seenLow, seenHigh, NO_STATE, sets);
    } else {
      const traceless = seenLow === low && seenHigh === high;
      work.add(state, used, seenLow, seenHigh, traceless ? from : NO_STATE, sets);
    }
  }

  /** The unknown call made use of just before leaves no trace if this one leads to the same state without it. */
  private absorbs(absorbedFrom: number, letter: Letter, next: number): boolean {
    return absorbedFrom !== NO_STATE && this.states.step(absorbedFrom, letter) === next;
  }

  /** An open call of the same kin, which has not taken effect, returns before this one. */
  private twinReturnsBefore(slot: number, { kin }: Letter, low: number, high: number): boolean {
    const { letters, calls } = this;
    for (let other = 0; other < letters.length; other++) {
      if (other === slot || letters[other]?.kin !== kin || isIn(low, high, other)) continue;
      if (calls[other]!.returnedAt < calls[slot]!.returnedAt) return true;
    }
    return false;
  }

  private twinComesFirst(n: number, { kin }: Letter, used: number, low: number, high: number): boolean {
    const before = this.unknown.twinBefore(n);
    if (before >= 0 && !this.sets.has(used, before)) return true;
    return this.letters.some((letter, slot) => letter?.kin === kin && !isIn(low, high, slot));
  }
}

const isIn = (low: number, high: number, slot: number): boolean =>
  ((slot < 32 ? low >>> slot : high >>> (slot - 32)) & 1) === 1;
