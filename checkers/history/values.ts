import { ABSENT } from './absent.ts';
import { NumberIndex } from './number-index.ts';
import type { Value } from './operation.ts';
import { PairIndex } from './pair-index.ts';
import { RareColumn } from './rare-column.ts';
import { StringIndex } from './string-index.ts';

export { ABSENT } from './absent.ts';

/**
 * Interning: every value that is equal by structure gets the same small number, so that a history holds numbers and a
 * checker compares numbers. Numbers are dense and given in order of first sight.
 *
 * A number costs 12 to 24 bytes and no object. A list of two values (what a compare-and-set names) costs 28 to 36: it is
 * known by the ids of its parts, and made anew whenever it is asked for. Strings live in as many maps as needed, since
 * one JavaScript `Map` ends at 2^24 entries; what is left is found by its canonical text.
 */
export class ValueTable {
  private count = 0;
  /** By id: the number, or NaN for any other value, which no history can hold. */
  private numbers = new Float64Array(16);
  private readonly numberIndex = new NumberIndex();
  /** By id of what is no number: twice its place in `objects`, or one more than twice its number in `pairs`. */
  private readonly places = new RareColumn();
  private readonly objects: Value[] = [];
  private readonly strings = new StringIndex();
  private readonly composites = new StringIndex();
  private readonly words = new Map<null | boolean, number>();
  private readonly pairs = new PairIndex();
  private readonly pairIds = new RareColumn();
  private pairParts: ValueTable | undefined;

  /** How many different values there are; their numbers are 0 to size - 1. */
  get size(): number {
    return this.count;
  }

  /** What lists of two consist of. They have numbers of their own, so that parts take none away from values. */
  get parts(): ValueTable {
    this.pairParts ??= new ValueTable();
    return this.pairParts;
  }

  /** The value behind a number given out by this table. */
  get(id: number): Value {
    if (!(id >= 0 && id < this.count)) throw new RangeError(`no value has the number ${id}; there are ${this.count}`);
    const number = this.numbers[id]!;
    if (!Number.isNaN(number)) return number;
    const place = this.places.get(id);
    if ((place & 1) === 0) return this.objects[place >> 1]!;
    return [this.parts.get(this.pairs.first(place >> 1)), this.parts.get(this.pairs.second(place >> 1))];
  }

  /** Of a list of two: the number in `parts` of the first (0) or second (1) of them. `ABSENT` for any other value. */
  part(id: number, at: 0 | 1): number {
    if (!Number.isNaN(this.numbers[id]!)) return ABSENT;
    const place = this.places.get(id);
    if ((place & 1) === 0) return ABSENT;
    return at === 0 ? this.pairs.first(place >> 1) : this.pairs.second(place >> 1);
  }

  /** The number of a value, or `ABSENT` if it was never interned. */
  find(value: Value): number {
    if (typeof value === 'number') return this.numberIndex.find(this.numbers, value);
    if (typeof value === 'string') return this.strings.get(value);
    if (value === null || typeof value === 'boolean') return this.words.get(value) ?? ABSENT;
    if (isPair(value)) return this.findPair(this.parts.find(value[0]), this.parts.find(value[1]));
    return this.composites.get(canonical(value));
  }

  /** The number of a value, a new one if it was never seen. */
  intern(value: Value): number {
    if (typeof value === 'number') return this.internNumber(value);
    if (typeof value === 'string') return this.internString(value);
    if (value === null || typeof value === 'boolean') return this.internWord(value);
    if (isPair(value)) return this.internPair(this.parts.intern(value[0]), this.parts.intern(value[1]));
    return this.internComposite(value);
  }

  internNumber(value: number): number {
    const known = this.numberIndex.find(this.numbers, value);
    if (known !== ABSENT) return known;
    const id = this.nextId();
    this.numbers[id] = value === 0 ? 0 : value; // -0 and 0 are one value, as in JSON
    this.numberIndex.add(this.numbers, id);
    return id;
  }

  /** The number of the list of the two values that have these numbers in `parts`. */
  internPair(first: number, second: number): number {
    const known = this.pairs.find(first, second);
    if (known !== ABSENT) return this.pairIds.get(known);
    const pair = this.pairs.add(first, second);
    const id = this.place(2 * pair + 1);
    this.pairIds.set(pair, id);
    return id;
  }

  private findPair(first: number, second: number): number {
    if (first === ABSENT || second === ABSENT) return ABSENT;
    const pair = this.pairs.find(first, second);
    return pair === ABSENT ? ABSENT : this.pairIds.get(pair);
  }

  private internString(value: string): number {
    const known = this.strings.get(value);
    if (known !== ABSENT) return known;
    const id = this.place(2 * (this.objects.push(value) - 1));
    this.strings.set(value, id);
    return id;
  }

  private internWord(value: null | boolean): number {
    const known = this.words.get(value);
    if (known !== undefined) return known;
    const id = this.place(2 * (this.objects.push(value) - 1));
    this.words.set(value, id);
    return id;
  }

  private internComposite(value: Value): number {
    const text = canonical(value);
    const known = this.composites.get(text);
    if (known !== ABSENT) return known;
    const id = this.place(2 * (this.objects.push(value) - 1));
    this.composites.set(text, id);
    return id;
  }

  /** A new id for what is no number. */
  private place(place: number): number {
    const id = this.nextId();
    this.numbers[id] = Number.NaN;
    this.places.set(id, place);
    return id;
  }

  private nextId(): number {
    if (this.count === this.numbers.length) {
      const longer = new Float64Array(2 * this.count);
      longer.set(this.numbers);
      this.numbers = longer;
    }
    return this.count++;
  }
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

const isPair = (value: Value): value is readonly [Value, Value] => isList(value) && value.length === 2;
