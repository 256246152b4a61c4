import { longer } from './columns.ts';

/** Entries that a table has room for at first. */
const capacityAtFirst = 16;

/**
 * Gives every different tuple of `width` 32-bit integers a number: 0, 1, 2, ... in order of first sight. Exact, not a
 * hash set: tuples are compared word by word. Open addressing with linear probing over a table kept at most half full,
 * so an entry costs 4·width bytes and 8 to 16 bytes of slots.
 *
 * Growing leaves no garbage: the old slots are given back before the new ones are taken, since the tuples alone say
 * where everything belongs.
 */
export class TupleTable {
  /** The caller writes a tuple here and then calls `intern` or `find`. */
  readonly probe: Int32Array;
  private readonly width: number;
  private cells: Int32Array<ArrayBuffer>;
  private slots: Int32Array<ArrayBuffer>;
  private count = 0;

  constructor(width: number) {
    this.width = width;
    this.probe = new Int32Array(width);
    this.cells = new Int32Array(capacityAtFirst * width);
    this.slots = new Int32Array(2 * capacityAtFirst);
  }

  get size(): number {
    return this.count;
  }

  /** Memory held, in bytes. */
  get bytes(): number {
    return 4 * (this.cells.length + this.slots.length);
  }

  /** How many bytes more the table will hold after so many new tuples: 0 while there is room for them. */
  growthFor(tuples: number): number {
    return 2 * (this.count + tuples) <= this.slots.length ? 0 : this.bytes;
  }

  /** One word of a tuple that has a number. */
  word(id: number, at: number): number {
    return this.cells[id * this.width + at]!;
  }

  /** The number of the tuple in `probe`, or -1. */
  find(): number {
    return this.slots[this.slotOf(this.probe, 0)]! - 1;
  }

  /** The number of the tuple in `probe`; `size` before the call if it is new. */
  intern(): number {
    let slot = this.slotOf(this.probe, 0);
    const known = this.slots[slot]!;
    if (known !== 0) return known - 1;
    if (2 * this.count === this.slots.length) {
      this.grow();
      slot = this.slotOf(this.probe, 0);
    }
    const id = this.count++;
    const cell = id * this.width;
    for (let at = 0; at < this.width; at++) this.cells[cell + at] = this.probe[at]!;
    this.slots[slot] = id + 1;
    return id;
  }

  /** The slot that holds the tuple at `start` of `words`, or the empty one where it belongs. */
  private slotOf(words: Int32Array, start: number): number {
    const { width, slots, cells } = this;
    const last = slots.length - 1;
    let slot = hash(words, start, width) & last;
    for (;;) {
      const id = slots[slot]! - 1;
      if (id < 0) return slot;
      const cell = id * width;
      let at = 0;
      while (at < width && cells[cell + at] === words[start + at]) at++;
      if (at === width) return slot;
      slot = (slot + 1) & last;
    }
  }

  private grow(): void {
    const capacity = this.slots.length;
    this.slots.buffer.transfer(0);
    this.slots = new Int32Array(2 * capacity);
    this.cells = longer(this.cells, capacity * this.width);
    for (let id = 0; id < this.count; id++) this.slots[this.slotOf(this.cells, id * this.width)] = id + 1;
  }
}

/** Multiply and rotate each word in, then the final mix of MurmurHash3 (Austin Appleby, public domain). */
function hash(words: Int32Array, start: number, width: number): number {
  let h = width;
  for (let at = 0; at < width; at++) {
    h = Math.imul(h ^ words[start + at]!, 0x9e3779b1);
    h = (h << 15) | (h >>> 17);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
