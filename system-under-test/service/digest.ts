/**
 * A running hash over everything applied: index, command, answer. Nodes that have applied the same log and answered
 * alike have equal digests; 64 bits, cyrb53's mixing over two lanes. Not for adversaries, for bugs.
 */
export class Digest {
  #high = 0x9e3779b9 | 0;
  #low = 0x85ebca6b | 0;

  note(text: string): void {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      high = Math.imul(high ^ code, 0x9e3779b1);
      low = Math.imul(low ^ code, 0x5f356495);
    }
    this.#high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
    this.#low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return hex(this.#high) + hex(this.#low);
  }

  static parse(text: string): Digest {
    if (!/^[0-9a-f]{16}$/.test(text)) throw new TypeError(`a digest has 16 hexadecimal digits, not "${text}"`);
    const digest = new Digest();
    digest.#high = Number.parseInt(text.slice(0, 8), 16) | 0;
    digest.#low = Number.parseInt(text.slice(8), 16) | 0;
    return digest;
  }
}

const hex = (bits: number): string => (bits >>> 0).toString(16).padStart(8, '0');
