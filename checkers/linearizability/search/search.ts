import { Configurations } from './configurations.ts';
import type { Alphabet } from './letters.ts';
import { REFUSED, type Transitions } from './transitions.ts';
import { UsedSets } from './used-sets.ts';
import type { Window } from './window.ts';

/** `stuck`: no order explains the history up to and including the return at `furthest`. */
export type Progress = 'linearizable' | 'stuck' | 'paused';

// The fields of a frame; the mask's words follow.
const POSITION = 0;
const STATE = 1;
const USED = 2;
const TRAIL = 3;
const CANDIDATES = 4;
const STAGE = 5;
const ABSORBED_FROM = 6;
const MASK = 7;

// How far a frame has come in trying moves.
const FRESH = 0;
const TRIED_DIRECT = 1;
const LISTED = 2;

const NO_STATE = -1;
const NO_OPERATION = -1;

/**
 * Just-in-time linearization (Lowe, "Testing for Linearizability", 2017) over the window of pending operations, depth
 * first, with visited configurations remembered.
 *
 * The search runs through the events. An invocation opens an operation; the return of an operation that is linearized
 * already closes it. Only the return of an operation that is not linearized *blocks*: then pending operations are
 * linearized, one per frame of the stack, until the blocked one is. Exact: every linearization can be put in this
 * form by moving each operation to the last moment at which some return demands it.
 *
 * Reductions, each with the reason why it loses no linearization (numbers of CHECKERS 2.2). They lead from a
 * completion of a configuration to one that is not longer; so among the visited configurations with a completion, one
 * whose completion is shortest would have a move to a shorter one, and cannot exist when the search has failed.
 * - R1: a pure observer goes as soon as it is pending and legal. It changes no state, so in any completion it can be
 *   moved to the front. (A write of the current value is no observer: moving it forward may free nothing and spend it.)
 * - R2: the order of moves: what unblocks first. An order loses nothing.
 * - R5: of pending twins (the same letter) only the one that returns first; one that never returns last, in order of
 *   invocation. In a completion that uses another first, the two can change places.
 * - R6: an unknown operation that leaves the state as it is, or whose only trace is wiped out by the next move, is not
 *   used: leaving it out is a completion too. Observers of unknown outcome were dropped before (`letters.ts`), and
 *   dominated configurations are known to `Configurations`.
 *
 * Time and memory O(n · 2^d · states) for n operations and d open at once; linear in n when little is ambiguous.
 */
export class Search {
  /** The position of the latest event at which the search was ever blocked. */
  furthest = 0;
  private readonly part: Window;
  private readonly transitions: Transitions;
  private readonly observer: readonly number[];
  private readonly end: number;
  private readonly maskWords: number;
  private readonly frameLength: number;
  private readonly returns: Int32Array;
  /** For the n-th unknown operation, the one before it with the same letter, or -1. */
  private readonly twinBefore: Int32Array;
  private readonly used: UsedSets;
  private readonly visited: Configurations;

  private position = 0;
  private state: number;
  /** Bit by slot: pending and linearized. */
  private readonly mask: Int32Array;
  /** Bit by slot: pending and an observer. */
  private readonly observers: Int32Array;
  private readonly pending: Int32Array;
  private usedSet = 0;
  private unknownOpen = 0;
  private readonly trail: Int32Array;
  private trailLength = 0;
  /** The state before the move just made, if that move used an unknown operation and changed nothing else. */
  private absorbedFrom = NO_STATE;

  private frames = new Int32Array(0);
  private depth = 0;
  /** Triples of operation, next state and rank; a frame owns those from its `CANDIDATES` on. */
  private candidates = new Int32Array(96);
  private candidateCount = 0;

  /** Decides the part's events before `end`; the returns after it are as if they were never recorded. */
  constructor(part: Window, letters: Alphabet, transitions: Transitions, end: number = part.events.length) {
    this.part = part;
    this.transitions = transitions;
    this.observer = letters.observer;
    this.end = end;
    this.maskWords = Math.max(1, Math.ceil(part.width / 32));
    this.frameLength = MASK + this.maskWords;
    this.returns = returnPositions(part);
    this.twinBefore = twinsBefore(part);
    this.used = new UsedSets(part.unknown.length);
    this.visited = new Configurations(this.maskWords, this.used);
    this.state = transitions.initial;
    this.mask = new Int32Array(this.maskWords);
    this.observers = new Int32Array(this.maskWords);
    this.pending = new Int32Array(part.width).fill(NO_OPERATION);
    this.trail = new Int32Array(part.ops.length);
  }

  /** Configurations visited so far. */
  get configurations(): number {
    return this.visited.count;
  }

  /** Memory held by this search alone, in bytes. */
  get bytes(): number {
    const columns = this.part.ops.length * 2 + this.frames.length + this.candidates.length;
    return this.visited.bytes + this.used.bytes + 4 * columns;
  }

  /** How many operations had returned, all explained, when the search got furthest. */
  get explained(): number {
    let count = 0;
    for (let at = 0; at < this.furthest; at++) count += this.part.events[at]! & 1;
    return count;
  }

  /** The operations in the order of the present, partial or complete linearization. */
  get linearization(): Int32Array {
    return this.trail.slice(0, this.trailLength);
  }

  /** The states in which the search was blocked at `furthest`. */
  get statesAtFurthest(): number[] {
    return this.visited.statesAt(this.furthest);
  }

  /** Works on, for about as many steps of the search or the model as the budget says; may be called again. */
  run(budget: number): Progress {
    const { transitions } = this;
    const askedBefore = transitions.asked;
    for (let steps = 0; ; steps++) {
      this.advance();
      if (this.position === this.end) return 'linearizable';
      if (steps + transitions.asked - askedBefore >= budget) return 'paused';
      if (this.position > this.furthest) this.furthest = this.position;
      if (this.visited.visit(this.position, this.state, this.mask, this.usedSet)) this.pushFrame();
      if (!this.nextMove()) return 'stuck';
    }
  }

  /** Runs forward through events to the next return that blocks, or to the end. */
  private advance(): void {
    const { events, slots, letters } = this.part;
    while (this.position < this.end) {
      const event = events[this.position]!;
      const op = event >>> 1;
      const slot = slots[op]!;
      if (slot < 0) {
        this.unknownOpen++;
      } else {
        const word = slot >>> 5;
        const bit = 1 << (slot & 31);
        if ((event & 1) === 0) {
          this.pending[slot] = op;
          if (this.observer[letters[op]!] === 1) {
            this.observers[word]! |= bit;
            this.observe(op, word, bit);
          }
        } else {
          if ((this.mask[word]! & bit) === 0) return;
          this.mask[word]! &= ~bit;
          this.observers[word]! &= ~bit;
          this.pending[slot] = NO_OPERATION;
        }
      }
      this.position++;
    }
  }

  /** Takes events back. The mask is the caller's to restore. */
  private retreat(to: number): void {
    const { events, slots, letters } = this.part;
    while (this.position > to) {
      const event = events[--this.position]!;
      const op = event >>> 1;
      const slot = slots[op]!;
      if (slot < 0) {
        this.unknownOpen--;
        continue;
      }
      const word = slot >>> 5;
      const bit = 1 << (slot & 31);
      if ((event & 1) === 0) {
        this.pending[slot] = NO_OPERATION;
        this.observers[word]! &= ~bit;
      } else {
        this.pending[slot] = op;
        if (this.observer[letters[op]!] === 1) this.observers[word]! |= bit;
      }
    }
  }

  /** R1, for one pending observer. */
  private observe(op: number, word: number, bit: number): void {
    if (this.transitions.step(this.state, this.part.letters[op]!) === REFUSED) return;
    this.mask[word]! |= bit;
    this.trail[this.trailLength++] = op;
  }

  /** R1, for all pending observers, after the state has changed. */
  private observeAll(): void {
    for (let word = 0; word < this.maskWords; word++) {
      let open = this.observers[word]! & ~this.mask[word]!;
      while (open !== 0) {
        const bit = open & -open;
        open ^= bit;
        this.observe(this.pending[(word << 5) + 31 - Math.clz32(bit)]!, word, bit);
      }
    }
  }

  private apply(op: number, next: number): void {
    const slot = this.part.slots[op]!;
    const before = this.state;
    if (slot < 0) this.usedSet = this.used.with(this.usedSet, -1 - slot);
    else this.mask[slot >>> 5]! |= 1 << (slot & 31);
    this.trail[this.trailLength++] = op;
    const trailLength = this.trailLength;
    this.state = next;
    this.observeAll();
    this.absorbedFrom = slot < 0 && this.trailLength === trailLength ? before : NO_STATE;
  }

  private pushFrame(): void {
    const { frameLength } = this;
    const frame = this.depth++ * frameLength;
    if (frame + frameLength > this.frames.length) this.frames = doubled(this.frames, 64 * frameLength);
    const { frames } = this;
    frames[frame + POSITION] = this.position;
    frames[frame + STATE] = this.state;
    frames[frame + USED] = this.usedSet;
    frames[frame + TRAIL] = this.trailLength;
    frames[frame + CANDIDATES] = this.candidateCount;
    frames[frame + STAGE] = FRESH;
    frames[frame + ABSORBED_FROM] = this.absorbedFrom;
    for (let word = 0; word < this.maskWords; word++) frames[frame + MASK + word] = this.mask[word]!;
  }

  /** Makes the next untried move of the topmost frame that has one; false when none is left anywhere. */
  private nextMove(): boolean {
    while (this.depth > 0) {
      const frame = (this.depth - 1) * this.frameLength;
      this.restore(frame);
      const blocked = this.part.events[this.position]! >>> 1;
      if (this.frames[frame + STAGE] === FRESH) {
        this.frames[frame + STAGE] = TRIED_DIRECT;
        const letter = this.part.letters[blocked]!;
        const next = this.transitions.step(this.state, letter);
        if (next !== REFUSED && !this.absorbs(letter, next)) {
          this.apply(blocked, next);
          return true;
        }
      }
      if (this.frames[frame + STAGE] === TRIED_DIRECT) {
        this.frames[frame + STAGE] = LISTED;
        this.listCandidates(blocked);
      }
      if (this.candidateCount > this.frames[frame + CANDIDATES]!) {
        this.candidateCount--;
        const at = 3 * this.candidateCount;
        this.apply(this.candidates[at]!, this.candidates[at + 1]!);
        return true;
      }
      this.depth--;
    }
    return false;
  }

  private restore(frame: number): void {
    const { frames } = this;
    this.retreat(frames[frame + POSITION]!);
    this.state = frames[frame + STATE]!;
    this.usedSet = frames[frame + USED]!;
    this.trailLength = frames[frame + TRAIL]!;
    this.absorbedFrom = frames[frame + ABSORBED_FROM]!;
    for (let word = 0; word < this.maskWords; word++) this.mask[word] = frames[frame + MASK + word]!;
  }

  /** R6: the unknown operation used just before leaves no trace if this letter leads to the same state without it. */
  private absorbs(letter: number, next: number): boolean {
    return this.absorbedFrom !== NO_STATE && this.transitions.step(this.absorbedFrom, letter) === next;
  }

  /** Puts the moves other than the direct one on the stack of candidates, the best last (R2). */
  private listCandidates(blocked: number): void {
    const from = this.candidateCount;
    const { pending, mask, part, usedSet } = this;
    for (let slot = 0; slot < pending.length; slot++) {
      const op = pending[slot]!;
      if (op === NO_OPERATION || ((mask[slot >>> 5]! >>> (slot & 31)) & 1) === 1) continue;
      if (op === blocked || this.twinReturnsBefore(op)) continue;
      this.list(op, blocked, this.returns[op]!);
    }
    for (let n = 0; n < this.unknownOpen; n++) {
      if (this.used.has(usedSet, n)) continue;
      const twin = this.twinBefore[n]!;
      if (twin >= 0 && !this.used.has(usedSet, twin)) continue;
      const op = part.unknown[n]!;
      if (this.twinReturnsBefore(op)) continue;
      this.list(op, blocked, n);
    }
    this.sortCandidates(from);
  }

  /** R5: a pending definite operation with the same letter returns earlier (an unknown one never returns). */
  private twinReturnsBefore(op: number): boolean {
    const { pending, mask, returns } = this;
    const { letters } = this.part;
    for (let slot = 0; slot < pending.length; slot++) {
      const other = pending[slot]!;
      if (other === NO_OPERATION || letters[other] !== letters[op] || returns[other]! >= returns[op]!) continue;
      if (((mask[slot >>> 5]! >>> (slot & 31)) & 1) === 0) return true;
    }
    return false;
  }

  private list(op: number, blocked: number, urgency: number): void {
    const letter = this.part.letters[op]!;
    const unknown = this.part.slots[op]! < 0;
    const next = this.transitions.step(this.state, letter);
    if (next === REFUSED || (unknown && next === this.state) || this.absorbs(letter, next)) return;
    const unblocks = this.transitions.step(next, this.part.letters[blocked]!) !== REFUSED;
    if (3 * this.candidateCount + 3 > this.candidates.length) this.candidates = doubled(this.candidates, 96);
    const at = 3 * this.candidateCount++;
    this.candidates[at] = op;
    this.candidates[at + 1] = next;
    this.candidates[at + 2] = rank(unblocks, unknown, urgency);
  }

  /** Insertion sort of the topmost frame's candidates, the lowest rank last. */
  private sortCandidates(from: number): void {
    const { candidates } = this;
    for (let i = from + 1; i < this.candidateCount; i++) {
      const op = candidates[3 * i]!;
      const next = candidates[3 * i + 1]!;
      const own = candidates[3 * i + 2]!;
      let at = i;
      for (; at > from && candidates[3 * at - 1]! < own; at--) candidates.copyWithin(3 * at, 3 * at - 3, 3 * at);
      candidates[3 * at] = op;
      candidates[3 * at + 1] = next;
      candidates[3 * at + 2] = own;
    }
  }
}

/** R2: moves that unblock first, definite operations before unknown ones, then by how soon they return. */
function rank(unblocks: boolean, unknown: boolean, urgency: number): number {
  return ((unblocks ? 0 : 2) + (unknown ? 1 : 0)) * 2 ** 29 + Math.min(urgency, 2 ** 29 - 1);
}

/** The position of each operation's return; later than all events for those that never return. */
function returnPositions(part: Window): Int32Array {
  const returns = new Int32Array(part.ops.length).fill(0x7fffffff);
  for (const [position, event] of part.events.entries()) if ((event & 1) === 1) returns[event >>> 1] = position;
  return returns;
}

function twinsBefore(part: Window): Int32Array {
  const last = new Map<number, number>();
  return part.unknown.map((op, n) => {
    const letter = part.letters[op]!;
    const before = last.get(letter) ?? -1;
    last.set(letter, n);
    return before;
  });
}

function doubled(column: Int32Array<ArrayBuffer>, lengthMin: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(Math.max(lengthMin, column.length * 2));
  longer.set(column);
  return longer;
}
