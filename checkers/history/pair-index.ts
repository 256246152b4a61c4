import { ABSENT } from './absent.ts';

/**
 * Pairs of small numbers, numbered densely in order of first sight: open addressing with linear probing, 16 to 24 bytes
 * a pair. Slots hold numbers one higher, so that zero is an empty slot.
 */
export class PairIndex {
  private slots = new Int32Array(16);
  private firsts = new Int32Array(8);
  private seconds = new Int32Array(8);
  private count = 0;

  first(pair: number): number {
    return this.firsts[pair]!;
  }

  second(pair: number): number {
    return this.seconds[pair]!;
  }

  /** The number of the pair, or `ABSENT`. */
  find(first: number, second: number): number {
    const entry = this.slots[this.slotOf(first, second)]!;
    return entry === 0 ? ABSENT : entry - 1;
  }

  /** Adds a pair that is not there; returns its number. */
  add(first: number, second: number): number {
    if (this.count === this.firsts.length) this.grow();
    const pair = this.count++;
    this.firsts[pair] = first;
    this.seconds[pair] = second;
    this.slots[this.slotOf(first, second)] = pair + 1;
    return pair;
  }

  private slotOf(first: number, second: number): number {
    const { slots, firsts, seconds } = this;
    const mask = slots.length - 1;
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry === 0 || (firsts[entry - 1] === first && seconds[entry - 1] === second)) return slot;
    }
  }

  private grow(): void {
    const size = this.firsts.length * 2;
    const { firsts, seconds } = this;
    this.firsts = new Int32Array(size);
    this.seconds = new Int32Array(size);
    this.firsts.set(firsts);
    this.seconds.set(seconds);
    this.slots = new Int32Array(size * 2);
    for (let pair = 0; pair < this.count; pair++) {
      this.slots[this.slotOf(this.firsts[pair]!, this.seconds[pair]!)] = pair + 1;
    }
  }
}
