import { ABSENT } from './absent.ts';

/** Bytes kept at most: beyond, texts are not interned any more. */
const BYTES_MAX = 1 << 30;

/**
 * Texts interned by their bytes, before any string is made of them: open addressing with linear probing over an arena
 * that holds each text once. ASCII only. About 20 bytes a text and its own length.
 */
export class ByteStrings {
  private arena = new Uint8Array(1024);
  private slots = new Int32Array(64);
  private hashes = new Int32Array(32);
  /** Where each text begins; one more entry says where the last one ends. */
  private starts = new Int32Array(33);
  private count = 0;

  /**
   * The number of the text in `bytes[from..to)`, a new one if it was never seen; numbers are dense. `hash` is any
   * function of those bytes. `ABSENT` if the text is new and there is no room for more.
   */
  intern(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = slots[slot]!;
      if (entry === 0) return this.add(bytes, from, to, hash, slot);
      if (this.hashes[entry - 1] === hash && this.equals(entry - 1, bytes, from, to)) return entry - 1;
      slot = (slot + 1) & mask;
    }
  }

  /** The text behind a number given out here; a new string each time. */
  text(id: number): string {
    return String.fromCharCode(...this.arena.subarray(this.starts[id]!, this.starts[id + 1]!));
  }

  private equals(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const { arena } = this;
    const start = this.starts[id]!;
    if (this.starts[id + 1]! - start !== to - from) return false;
    for (let i = from; i < to; i++) if (arena[start + i - from] !== bytes[i]) return false;
    return true;
  }

  private add(bytes: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    const start = this.starts[this.count]!;
    const end = start + to - from;
    if (end > BYTES_MAX) return ABSENT;
    if (end > this.arena.length) this.arena = longer(this.arena, new Uint8Array(2 * end));
    for (let i = from; i < to; i++) this.arena[start + i - from] = bytes[i]!;
    const id = this.count++;
    this.hashes[id] = hash;
    this.starts[id + 1] = end;
    this.slots[slot] = id + 1;
    if (this.count === this.hashes.length) this.grow();
    return id;
  }

  private grow(): void {
    const size = 2 * this.count;
    this.hashes = longer(this.hashes, new Int32Array(size));
    this.starts = longer(this.starts, new Int32Array(size + 1));
    this.slots = new Int32Array(2 * size);
    const mask = this.slots.length - 1;
    for (let id = 0; id < this.count; id++) {
      const hash = this.hashes[id]!;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = id + 1;
    }
  }
}

function longer<T extends Int32Array | Uint8Array>(old: T, replacement: T): T {
  replacement.set(old);
  return replacement;
}
