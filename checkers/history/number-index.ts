/**
 * From numbers to their ids: open addressing with linear probing, 8 to 16 bytes per number. The numbers themselves stay
 * with the owner, by id. Slots hold ids one higher, so that zero is an empty slot.
 */
export class NumberIndex {
  private slots = new Int32Array(16);
  private count = 0;
  /** Where the last search ended. */
  private slot = 0;

  /** The id under which `numbers` holds the value, or `ABSENT`. */
  find(numbers: Float64Array, value: number): number {
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

  /** Adds the number that `find` has just looked for in vain, and that `numbers` now holds under the id. */
  addMissing(numbers: Float64Array, id: number): void {
    this.slots[this.slot] = id + 1;
    this.count++;
    if (this.count * 2 > this.slots.length) this.grow(numbers);
  }

  private grow(numbers: Float64Array): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    for (const entry of old) {
      if (entry === 0) continue;
      this.find(numbers, numbers[entry - 1]!);
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
