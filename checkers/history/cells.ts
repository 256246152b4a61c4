import { ABSENT } from './absent.ts';
import type { ByteStrings } from './byte-strings.ts';
import { NUMBER_MAX } from './event.ts';
import type { Value } from './operation.ts';

/** The cells of an event's own fields; the items of lists come behind them. */
export const KEY = 0;
export const VALUE = 1;
export const RESULT = 2;
export const ERROR = 3;
const FIELDS = 4;

/** What a cell holds. */
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
/** An integer. */
export const NUMBER = 4;
/** Its number in the table of texts. */
export const TEXT = 5;
/** The first of its items, which are cells that follow each other. */
export const LIST = 6;

/** Longer texts are left to the long way: hardly worth a comparison, and not worth a copy. */
const TEXT_MAX = 256;

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
/** `null`, `true` and, behind its first letter, `false`, as `DataView.getInt32` reads them. */
const NULL_WORD = 0x6c6c756e;
const TRUE_WORD = 0x65757274;
const ALSE_WORD = 0x65736c61;

/**
 * The contents of an event's fields as numbers: a kind and a number a cell, no object. Knows null, booleans, integers up
 * to 2^53 - 1, short texts of plain ASCII without escapes, and lists of these; anything else is not recognised.
 *
 * Readers take the place where the content begins and return the place behind it, or `ABSENT`. None reads past a
 * newline, since no content that is recognised has one.
 */
export class Cells {
  /** What the last `natural` has read. */
  number = 0;
  /** What the last `count` or `text` has read: apart from `number`, for small integers cost less than doubles. */
  small = 0;
  /**
   * Short texts of late, rows of six: two words that the text with its closing quotation mark begins, which of their
   * bits belong to it, its number, its length in bytes with the quotation mark. Most texts are one of a few.
   */
  private readonly recent = emptyRecent();
  private kinds = new Uint8Array(64);
  private numbers = new Float64Array(64);
  private counts = new Int32Array(FIELDS);
  private used = FIELDS;
  /** Of each field a bit. */
  private present = 0;
  private readonly strings: ByteStrings;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(strings: ByteStrings) {
    this.strings = strings;
  }

  over(bytes: Uint8Array, view: DataView): void {
    this.bytes = bytes;
    this.view = view;
  }

  /** Forgets the cells of the event before. */
  clear(): void {
    this.present = 0;
    this.used = FIELDS;
  }

  /** The event has the field: only then its cell means anything. */
  has(field: number): boolean {
    return (this.present & (1 << field)) !== 0;
  }

  kind(cell: number): number {
    return this.kinds[cell]!;
  }

  /** The integer of a `NUMBER`, the number of a `TEXT`, the first item of a `LIST`. */
  content(cell: number): number {
    return this.numbers[cell]!;
  }

  /** How many items the `LIST` of a field has. */
  itemCount(field: number): number {
    return this.counts[field]!;
  }

  /** A field's content, into its cell. */
  value(field: number, at: number): number {
    this.present |= 1 << field;
    return this.bytes[at] === OPEN ? this.list(field, at + 1) : this.atom(field, at);
  }

  /** An integer from 0 to `NUMBER_MAX`, into `small`. */
  count(from: number): number {
    const { view } = this;
    const first = view.getInt32(from, true);
    const firstCount = digitCount(first);
    if (firstCount < 4) {
      this.small = digits(firstPart(first, firstCount));
      return firstCount === 0 || (firstCount > 1 && (first & 0xff) === ZERO) ? ABSENT : from + firstCount;
    }
    const second = view.getInt32(from + 4, true);
    const secondCount = digitCount(second);
    if (secondCount === 4) return this.longCount(from);
    this.small = digits(first) * powers[secondCount]! + digits(firstPart(second, secondCount));
    return (first & 0xff) === ZERO ? ABSENT : from + 4 + secondCount;
  }

  private longCount(from: number): number {
    const at = this.natural(from);
    if (this.number > NUMBER_MAX) return ABSENT;
    this.small = this.number | 0;
    return at;
  }

  /** An integer from 0 to 2^53 - 1, into `number`. Four digits at a time. */
  natural(from: number): number {
    const { view } = this;
    const first = view.getInt32(from, true);
    const second = view.getInt32(from + 4, true);
    if (digitCount(first) < 4 || digitCount(second) < 4) {
      const at = this.count(from);
      this.number = this.small;
      return at;
    }
    return (first & 0xff) === ZERO ? ABSENT : this.longNatural(from + 8, digits(first) * 10_000 + digits(second));
  }

  /** The digits behind the eighth. */
  private longNatural(from: number, high: number): number {
    const { view } = this;
    const third = view.getInt32(from, true);
    const thirdCount = digitCount(third);
    const number = high * powers[thirdCount]! + digits(firstPart(third, thirdCount));
    this.number = number;
    return thirdCount < 4 ? from + thirdCount : this.longestNatural(from + 4, number);
  }

  /** The digits behind the twelfth: more than four are too many. */
  private longestNatural(from: number, high: number): number {
    const last = this.view.getInt32(from, true);
    const lastCount = digitCount(last);
    this.number = high * powers[lastCount]! + digits(firstPart(last, lastCount));
    if (lastCount === 4 && digitCount(this.view.getInt32(from + 4, true)) > 0) return ABSENT;
    return this.number <= Number.MAX_SAFE_INTEGER ? from + lastCount : ABSENT;
  }

  /** A text behind its opening quotation mark: its number in the table, into `small`. */
  text(from: number): number {
    const { view, recent } = this;
    const low = view.getInt32(from, true);
    const high = view.getInt32(from + 4, true);
    const row = recentRow(low);
    if (((low ^ recent[row]!) & recent[row + 1]!) === 0 && ((high ^ recent[row + 2]!) & recent[row + 3]!) === 0) {
      this.small = recent[row + 4]!;
      return from + recent[row + 5]!;
    }
    return this.anyText(from, low, high);
  }

  private anyText(from: number, low: number, high: number): number {
    const { bytes } = this;
    let hash = 0;
    let at = from;
    for (; ; at++) {
      const c = bytes[at]!;
      if (c === QUOTE) break;
      if (c < 32 || c > 127 || c === BACKSLASH) return ABSENT;
      hash = Math.imul(hash ^ c, 0x01000193);
    }
    if (at - from > TEXT_MAX) return ABSENT;
    this.small = this.strings.intern(bytes, from, at, hash);
    if (this.small === ABSENT) return ABSENT;
    if (at - from < 8) this.remember(low, high, at + 1 - from);
    return at + 1;
  }

  /** The text that was just read and its closing quotation mark are the first `length` bytes of the two words. */
  private remember(low: number, high: number, length: number): void {
    const row = recentRow(low);
    this.recent[row] = low;
    this.recent[row + 1] = firstBytes(Math.min(4, length));
    this.recent[row + 2] = high;
    this.recent[row + 3] = firstBytes(Math.max(0, length - 4));
    this.recent[row + 4] = this.small;
    this.recent[row + 5] = length;
  }

  private atom(cell: number, at: number): number {
    const c = this.bytes[at]!;
    if (c === QUOTE) {
      const end = this.text(at + 1);
      return this.put(cell, TEXT, this.small, end);
    }
    if (c >= ZERO && c <= NINE) {
      const end = this.natural(at);
      return this.put(cell, NUMBER, this.number, end);
    }
    if (c === MINUS) return this.negative(cell, at + 1);
    const first = this.view.getInt32(at, true);
    if (first === NULL_WORD) return this.put(cell, NULL, 0, at + 4);
    if (first === TRUE_WORD) return this.put(cell, TRUE, 0, at + 4);
    if (c === 102 && this.view.getInt32(at + 1, true) === ALSE_WORD) return this.put(cell, FALSE, 0, at + 5);
    return ABSENT;
  }

  private negative(cell: number, from: number): number {
    const at = this.natural(from);
    return this.put(cell, NUMBER, -this.number, at);
  }

  private put(cell: number, kind: number, content: number, at: number): number {
    this.kinds[cell] = kind;
    this.numbers[cell] = content;
    return at;
  }

  /** The items of a list behind its opening bracket. */
  private list(field: number, from: number): number {
    const first = this.used;
    let at = from;
    if (this.bytes[at] !== CLOSE) {
      for (;;) {
        if (this.used === this.kinds.length) this.grow();
        at = this.atom(this.used++, at);
        if (at === ABSENT) return ABSENT;
        if (this.bytes[at] === CLOSE) break;
        if (this.bytes[at] !== COMMA) return ABSENT;
        at++;
      }
    }
    this.kinds[field] = LIST;
    this.numbers[field] = first;
    this.counts[field] = this.used - first;
    return at + 1;
  }

  private grow(): void {
    const { kinds, numbers } = this;
    this.kinds = new Uint8Array(2 * kinds.length);
    this.numbers = new Float64Array(2 * kinds.length);
    this.kinds.set(kinds);
    this.numbers.set(numbers);
  }

  /** The content of a field; undefined where the event has no such field. */
  field(field: number): Value | undefined {
    return this.has(field) ? this.toValue(field) : undefined;
  }

  /** The content of a cell as a value. */
  toValue(cell: number): Value {
    switch (this.kinds[cell]) {
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case NUMBER:
        return this.numbers[cell]!;
      case TEXT:
        return this.strings.text(this.numbers[cell]!);
      case LIST:
        return Array.from({ length: this.counts[cell]! }, (_, i) => this.toValue(this.numbers[cell]! + i));
      default:
        throw new Error(`cell ${cell} holds nothing`);
    }
  }
}

const powers = Int32Array.from([1, 10, 100, 1000, 10_000]);

/** How many of the four characters, from the first, are digits. */
function digitCount(word: number): number {
  const x = word ^ 0x30303030; // digits become 0 to 9
  const others = (((x & 0x7f7f7f7f) + 0x76767676) | x) & 0x80808080;
  return others === 0 ? 4 : (31 - Math.clz32(others & -others)) >> 3;
}

/** The first characters of four, moved to where the last ones stand, behind zeros. */
const firstPart = (word: number, count: number): number => (count === 4 ? word : (word << 8) << (24 - 8 * count));

/** The number that four digits say, the first of which stands in the lowest byte; zero bytes count as digits. */
function digits(word: number): number {
  const x = word & 0x0f0f0f0f;
  const pairs = (x * 10 + (x >>> 8)) & 0x00ff00ff;
  return (pairs & 0xff) * 100 + (pairs >>> 16);
}

const firstBytes = (count: number): number => (count === 4 ? -1 : (1 << (8 * count)) - 1);

const recentRow = (word: number): number => (Math.imul(word, 0x9e3779b1) >>> 26) * 6;

/** Rows that match nothing: no content has both words zero. */
function emptyRecent(): Int32Array {
  const recent = new Int32Array(64 * 6);
  for (let row = 0; row < recent.length; row += 6) recent[row + 1] = -1;
  return recent;
}
