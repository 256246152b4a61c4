import type { Value } from './operation.ts';

/** In place of a value's number where an event carried no such field. */
export const ABSENT = -1;

/**
 * Interning: every value that is equal by structure gets the same small number, so that a history holds numbers and a
 * checker compares numbers. Numbers are dense and given in order of first sight.
 *
 * Primitives never pass through JSON. A JavaScript `Map` ends at 2^24 entries, which a long history of unique integers
 * exceeds; numbers therefore live in an open-addressing table (4 bytes a slot) and strings in as many maps as needed.
 */
export class ValueTable {
  private readonly values: Value[] = [];
  private readonly strings = new StringIndex();
  private readonly composites = new StringIndex();
  private numberSlots = new Int32Array(64).fill(ABSENT);
  private numberCount = 0;
  private readonly words = new Map<null | boolean, number>();

  /** How many different values there are; their numbers are 0 to size - 1. */
  get size(): number {
    return this.values.length;
  }

  /** The value behind a number given out by this table. */
  get(id: number): Value {
    const value = this.values[id];
    if (value === undefined) throw new RangeError(`no value has the number ${id}; there are ${this.values.length}`);
    return value;
  }

  /** The number of a value, or `ABSENT` if it was never interned. */
  find(value: Value): number {
    if (typeof value === 'number') return this.numberSlots[this.slotOfNumber(value)]!;
    if (typeof value === 'string') return this.strings.get(value);
    if (value === null || typeof value === 'boolean') return this.words.get(value) ?? ABSENT;
    return this.composites.get(canonical(value));
  }

  /** The number of a value, a new one if it was never seen. */
  intern(value: Value): number {
    if (typeof value === 'number') return this.internNumber(value);
    if (typeof value === 'string') return this.internString(value);
    if (value === null || typeof value === 'boolean') return this.internWord(value);
    return this.internComposite(value);
  }

  private append(value: Value): number {
    return this.values.push(value) - 1;
  }

  private internString(value: string): number {
    const known = this.strings.get(value);
    if (known !== ABSENT) return known;
    const id = this.append(value);
    this.strings.set(value, id);
    return id;
  }

  private internWord(value: null | boolean): number {
    const known = this.words.get(value);
    if (known !== undefined) return known;
    const id = this.append(value);
    this.words.set(value, id);
    return id;
  }

  private internComposite(value: Value): number {
    const text = canonical(value);
    const known = this.composites.get(text);
    if (known !== ABSENT) return known;
    const id = this.append(value);
    this.composites.set(text, id);
    return id;
  }

  private internNumber(value: number): number {
    const slot = this.slotOfNumber(value);
    const known = this.numberSlots[slot]!;
    if (known !== ABSENT) return known;
    const id = this.append(value === 0 ? 0 : value); // -0 and 0 are one value, as in JSON
    this.numberSlots[slot] = id;
    this.numberCount++;
    if (this.numberCount * 2 > this.numberSlots.length) this.growNumbers();
    return id;
  }

  /** The slot that holds the number, or the empty one where it belongs. */
  private slotOfNumber(value: number): number {
    const mask = this.numberSlots.length - 1;
    let slot = hashNumber(value) & mask;
    for (;;) {
      const id = this.numberSlots[slot]!;
      if (id === ABSENT || this.values[id] === value) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private growNumbers(): void {
    const old = this.numberSlots;
    this.numberSlots = new Int32Array(old.length * 2).fill(ABSENT);
    for (const id of old) if (id !== ABSENT) this.numberSlots[this.slotOfNumber(this.values[id] as number)] = id;
  }
}

/** A map from strings to numbers that may pass the 2^24 entries of one `Map`. */
class StringIndex {
  private readonly maps: Map<string, number>[] = [new Map()];

  get(text: string): number {
    for (const map of this.maps) {
      const id = map.get(text);
      if (id !== undefined) return id;
    }
    return ABSENT;
  }

  set(text: string, id: number): void {
    let last = this.maps[this.maps.length - 1]!;
    if (last.size >= 1 << 23) {
      last = new Map();
      this.maps.push(last);
    }
    last.set(text, id);
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

/**
 * The identity of a value: JSON with the names of every object in code-unit order and no blanks. Two values are equal
 * by structure exactly when their canonical texts are equal.
 */
export function canonical(value: Value): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name]!)}`).join(',')}}`;
}

/** `Array.isArray`, for readonly lists. */
export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
