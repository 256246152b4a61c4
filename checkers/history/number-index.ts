import { ABSENT } from './absent.ts';

/** Natural numbers below this may have rows of their own. */
const DENSE_MAX = 1 << 28;

/**
 * From numbers to their ids. The numbers themselves stay with the owner, by id.
 *
 * Naturals that lie densely, as counters do, are found by a column of ids: 4 to 8 bytes each, and neighbours in time are
 * neighbours in memory. All others are found by open addressing with linear probing: 8 to 16 bytes each. Entries are ids
 * one higher, so that zero is an empty one.
 */
export class NumberIndex {
  private dense = new Int32Array(16);
  private slots = new Int32Array(16);
  private denseCount = 0;
  private slotCount = 0;
  /** Where the last search in `slots` ended. */
  private slot = 0;

  /** The id under which `numbers` holds the value, or `ABSENT`. */
  find(numbers: Float64Array, value: number): number {
    if (value >= 0 && value < this.dense.length) {
      const entry = this.dense[value]; // undefined for a fraction
      if (entry !== undefined && entry !== 0) return entry - 1;
    }
    return this.slotCount === 0 ? ABSENT : this.findSlot(numbers, value);
  }

  /** Adds the number that `numbers` holds under the id, and that is not here yet. */
  add(numbers: Float64Array, id: number): void {
    const value = numbers[id]!;
    if (this.isDense(value)) this.addDense(value, id);
    else this.addSlot(numbers, value, id);
  }

  /** At least a quarter of the column would be filled, as far as can be told now. */
  private isDense(value: number): boolean {
    return Number.isInteger(value) && value >= 0 && value < Math.min(DENSE_MAX, 4 * this.denseCount + 16);
  }

  private addDense(value: number, id: number): void {
    if (value >= this.dense.length) {
      const dense = new Int32Array(2 * value);
      dense.set(this.dense);
      this.dense = dense;
    }
    this.dense[value] = id + 1;
    this.denseCount++;
  }

  private addSlot(numbers: Float64Array, value: number, id: number): void {
    this.findSlot(numbers, value);
    this.slots[this.slot] = id + 1;
    this.slotCount++;
    if (this.slotCount * 2 > this.slots.length) this.grow(numbers);
  }

  private findSlot(numbers: Float64Array, value: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = hashNumber(value) & mask;
    for (;;) {
      const entry = slots[slot]!;
      if (entry === 0 || numbers[entry - 1] === value) {
        this.slot = slot;
        return entry - 1;
      }
      slot = (slot + 1) & mask;
    }
  }

  private grow(numbers: Float64Array): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    for (const entry of old) {
      if (entry === 0) continue;
      this.findSlot(numbers, numbers[entry - 1]!);
      this.slots[this.slot] = entry;
    }
  }
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

function hashNumber(value: number): number {
  let hash = value | 0;
  if (hash !== value) {
    double[0] = value;
    hash = halves[0]! ^ halves[1]!;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return hash ^ (hash >>> 15);
}
