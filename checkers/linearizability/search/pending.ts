import type { Cell } from './cell.ts';
import { WRITES } from './effects.ts';
import type { Window } from './window.ts';

export const NO_OPERATION = -1;

// The sorts of operations that have masks of their own.
const OTHER = 0;
const OBSERVER = 1;
const WRITE = 2;

/**
 * The definite operations that are open at the search's place in the history, by slot, as an array and as masks with
 * one bit for each slot.
 */
export class Pending {
  readonly words: number;
  readonly ops: Int32Array;
  /** Pending, and an observer. */
  readonly observers: Int32Array;
  /** Pending, and a write. */
  readonly writes: Int32Array;
  /** Pending, and linearized. */
  readonly linearized: Int32Array;
  /** Pending, a write, and covered (R7): it may have taken effect already, unseen. */
  readonly covered: Int32Array;
  /** Pending, and need not happen although it will return. */
  readonly spare: Int32Array;
  private readonly slots: Int32Array;
  private readonly optional: Uint8Array | undefined;
  /** By operation: 0, or which of the masks above it belongs to. */
  private readonly sorts: Uint8Array;

  constructor({ slots, letters, width, optional }: Window, observer: readonly number[], cell: Cell | undefined) {
    this.words = Math.max(1, Math.ceil(width / 32));
    this.slots = slots;
    this.optional = optional;
    this.spare = new Int32Array(this.words);
    this.ops = new Int32Array(width).fill(NO_OPERATION);
    this.observers = new Int32Array(this.words);
    this.writes = new Int32Array(this.words);
    this.linearized = new Int32Array(this.words);
    this.covered = new Int32Array(this.words);
    this.sorts = new Uint8Array(letters.length).fill(OTHER);
    for (let op = 0; op < letters.length; op++) {
      if (observer[letters[op]!] === 1) this.sorts[op] = OBSERVER;
      else if (cell !== undefined && cell.kinds[op] === WRITES) this.sorts[op] = WRITE;
    }
  }

  get bytes(): number {
    return this.sorts.length + 24 * this.ops.length;
  }

  /** The operation is invoked, or its return is taken back. */
  open(op: number): void {
    const slot = this.slots[op]!;
    const bit = 1 << (slot & 31);
    this.ops[slot] = op;
    if (this.sorts[op] === OBSERVER) this.observers[slot >>> 5]! |= bit;
    else if (this.sorts[op] === WRITE) this.writes[slot >>> 5]! |= bit;
    if (this.optional === undefined || this.optional[op] === 0) return;
    this.spare[slot >>> 5]! |= bit;
    if (this.sorts[op] === WRITE) this.covered[slot >>> 5]! |= bit;
  }

  /** The operation returns, or its invocation is taken back. `linearized` and `covered` lose it, too. */
  close(op: number): void {
    const slot = this.slots[op]!;
    const word = slot >>> 5;
    const others = ~(1 << (slot & 31));
    this.ops[slot] = NO_OPERATION;
    this.observers[word]! &= others;
    this.writes[word]! &= others;
    this.spare[word]! &= others;
    this.linearized[word]! &= others;
    this.covered[word]! &= others;
  }

  isObserver(op: number): boolean {
    return this.sorts[op] === OBSERVER;
  }

  isWrite(op: number): boolean {
    return this.sorts[op] === WRITE;
  }

  has(mask: Int32Array, op: number): boolean {
    const slot = this.slots[op]!;
    return ((mask[slot >>> 5]! >>> (slot & 31)) & 1) === 1;
  }

  add(mask: Int32Array, op: number): void {
    const slot = this.slots[op]!;
    mask[slot >>> 5]! |= 1 << (slot & 31);
  }

  remove(mask: Int32Array, op: number): void {
    const slot = this.slots[op]!;
    mask[slot >>> 5]! &= ~(1 << (slot & 31));
  }

  /** Some pending write neither is linearized nor may have gone unseen. */
  hasUncovered(): boolean {
    const { words, covered, writes, linearized } = this;
    for (let word = 0; word < words; word++) {
      if ((writes[word]! & ~linearized[word]! & ~covered[word]!) !== 0) return true;
    }
    return false;
  }

  /** R7: a write is being linearized; those that wait may have gone just before it. */
  coverAll(): void {
    const { words, covered, writes, linearized } = this;
    for (let word = 0; word < words; word++) covered[word]! |= writes[word]! & ~linearized[word]!;
  }

  /** R7: pending writes of the value, or of any other value, may have gone unseen. `makes`: by operation. */
  coverWritesOf(value: number, makes: Int32Array, same: boolean): void {
    const { writes, linearized, covered, ops, words } = this;
    for (let word = 0; word < words; word++) {
      for (let open = writes[word]! & ~linearized[word]! & ~covered[word]!; open !== 0; open &= open - 1) {
        if ((makes[ops[slotOf(word, open)]!] === value) === same) covered[word]! |= open & -open;
      }
    }
  }
}

/** The slot of the lowest bit of a word of a mask. */
export const slotOf = (word: number, bits: number): number => (word << 5) + 31 - Math.clz32(bits & -bits);
