import type { UsedSets } from './used-sets.ts';

// The fields of a configuration.
export const STATE = 0;
/** Number of the set of unknown calls made use of. */
export const USED = 1;
/** Bit by slot: open and linearized; slots 0 to 31, and 32 to 63. */
export const LOW = 2;
export const HIGH = 3;
/** The state before the last move, if that move used an unknown call and changed nothing else; otherwise -1. */
export const ABSORBED_FROM = 4;
export const WIDTH = 5;

const NONE = -1;
const stampMax = 0x7ffffff0;

/**
 * A set of configurations in order of arrival. Of two that differ only in the unknown calls they have made use of, one
 * whose calls are a subset of the other's stands for both (dominance, CHECKERS 2.2 R6): whatever completes the other
 * completes it too. Emptied in O(1), so that one set serves all keys.
 */
export class ConfigurationSet {
  /** Row by row, `WIDTH` numbers each. */
  cells = new Int32Array(64 * WIDTH);
  /** Rows, those that a later one has replaced included. */
  count = 0;
  private replaced = new Uint8Array(64);
  /** The row before this one with the same state and mask. */
  private links = new Int32Array(64);
  private slots = new Int32Array(128);
  private stamps = new Int32Array(128);
  private stamp = 1;
  private taken = 0;

  clear(): void {
    this.count = 0;
    this.taken = 0;
    if (this.stamp++ < stampMax) return;
    this.stamps.fill(0);
    this.stamp = 1;
  }

  /** A configuration with fewer unknown calls has come since: this row need not be looked at. */
  isReplaced(row: number): boolean {
    return this.replaced[row] === 1;
  }

  /** False if the configuration, or one that stands for it, is there already. */
  add(state: number, used: number, low: number, high: number, absorbedFrom: number, sets: UsedSets): boolean {
    const slot = this.slotOf(state, low, high);
    const fresh = this.stamps[slot] !== this.stamp;
    const head = fresh ? NONE : this.slots[slot]!;
    for (let row = head; row !== NONE; row = this.links[row]!) {
      if (this.replaced[row] === 1) continue;
      const other = this.cells[row * WIDTH + USED]!;
      if (sets.isSubset(other, used)) return false;
      if (sets.isSubset(used, other)) this.replaced[row] = 1;
    }
    if (this.count === this.links.length) this.growRows();
    const row = this.count++;
    const at = row * WIDTH;
    this.cells[at + STATE] = state;
    this.cells[at + USED] = used;
    this.cells[at + LOW] = low;
    this.cells[at + HIGH] = high;
    this.cells[at + ABSORBED_FROM] = absorbedFrom;
    this.links[row] = head;
    this.replaced[row] = 0;
    this.slots[slot] = row;
    this.stamps[slot] = this.stamp;
    if (fresh && ++this.taken * 2 > this.slots.length) this.growSlots();
    return true;
  }

  /** The rows that were not replaced, as an array of their own. */
  rows(): Int32Array {
    let kept = 0;
    for (let row = 0; row < this.count; row++) kept += 1 - this.replaced[row]!;
    const rows = new Int32Array(kept * WIDTH);
    let at = 0;
    for (let row = 0; row < this.count; row++) {
      if (this.replaced[row] === 1) continue;
      for (let field = 0; field < WIDTH; field++) rows[at++] = this.cells[row * WIDTH + field]!;
    }
    return rows;
  }

  /** The slot of the rows with this state and mask, or the empty one where they belong. */
  private slotOf(state: number, low: number, high: number): number {
    const last = this.slots.length - 1;
    let slot = hash(state, low, high) & last;
    while (this.stamps[slot] === this.stamp) {
      const at = this.slots[slot]! * WIDTH;
      const { cells } = this;
      if (cells[at + STATE] === state && cells[at + LOW] === low && cells[at + HIGH] === high) break;
      slot = (slot + 1) & last;
    }
    return slot;
  }

  private growRows(): void {
    const length = this.links.length * 2;
    this.cells = longer(this.cells, new Int32Array(length * WIDTH));
    this.links = longer(this.links, new Int32Array(length));
    this.replaced = longer(this.replaced, new Uint8Array(length));
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    this.stamps = new Int32Array(this.slots.length);
    this.stamp = 1;
    // In order of arrival, so that each slot ends up with the last row of its chain.
    for (let row = 0; row < this.count; row++) {
      const at = row * WIDTH;
      const slot = this.slotOf(this.cells[at + STATE]!, this.cells[at + LOW]!, this.cells[at + HIGH]!);
      this.slots[slot] = row;
      this.stamps[slot] = this.stamp;
    }
  }
}

function longer<T extends Int32Array | Uint8Array>(column: T, replacement: T): T {
  replacement.set(column);
  return replacement;
}

/** Multiply and rotate each word in, then the final mix of MurmurHash3 (Austin Appleby, public domain). */
function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a + 3, 0x9e3779b1);
  h = Math.imul(((h << 15) | (h >>> 17)) ^ b, 0x9e3779b1);
  h = Math.imul(((h << 15) | (h >>> 17)) ^ c, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
