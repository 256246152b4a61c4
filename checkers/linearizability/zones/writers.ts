import { ABSENT, type History } from '../../history/history.ts';
import type { Value } from '../../history/operation.ts';

/**
 * For each value, the operation of the present part that may write it. One array over the values of a history serves
 * all its parts: what a part enters is told from older entries by size, so that nothing is ever cleared.
 */
export class Writers {
  private readonly history: History;
  private readonly interned: number;
  private readonly entries: Int32Array;
  /** By number of the part: one more than what `numberOfPart` gives, or 0 if it was not asked for yet. */
  private readonly numbersOfParts: Int32Array;
  /** Entries below it are of other parts. */
  private base = 1;
  private baseNext = 1;

  private constructor(history: History) {
    this.history = history;
    this.interned = history.values.size;
    this.entries = new Int32Array(this.interned + history.values.parts.size);
    this.numbersOfParts = new Int32Array(history.values.parts.size);
  }

  /** Empty, for a part of so many operations. Another part of the same history must not be under way. */
  static for(history: History, operations: number): Writers {
    let writers = known.get(history);
    if (writers === undefined || !writers.fits()) {
      writers = new Writers(history);
      known.set(history, writers);
    }
    writers.restart(operations);
    return writers;
  }

  /**
   * The number by which a value is known here: that of the history, or another if only a compare-and-set names it.
   * `ABSENT` if the history holds it neither as a value nor within a pair.
   */
  numberOf(value: Value): number {
    const number = this.history.values.find(value);
    if (number !== ABSENT) return number;
    const part = this.history.values.parts.find(value);
    return part === ABSENT ? ABSENT : this.numberOfPart(part);
  }

  /**
   * The same for what a compare-and-set names: that of the history, or another if only such
   * operations name it. `part`: its number in `history.values.parts`.
   */
  numberOfPart(part: number): number {
    const known = this.numbersOfParts[part]!;
    if (known !== 0) return known - 1;
    const { values } = this.history;
    const interned = values.find(values.parts.get(part));
    const number = interned === ABSENT ? this.interned + part : interned;
    this.numbersOfParts[part] = number + 1;
    return number;
  }

  /** Enters the writer of a value; false if it has one already. */
  enter(number: number, op: number): boolean {
    if (this.entries[number]! >= this.base) return false;
    this.entries[number] = this.base + op;
    return true;
  }

  /** The operation that may write the value, or a negative number. */
  of(number: number): number {
    return this.entries[number]! - this.base;
  }

  private fits(): boolean {
    const { values } = this.history;
    return this.interned === values.size && this.entries.length === values.size + values.parts.size;
  }

  private restart(operations: number): void {
    if (this.baseNext + operations > entryMax) {
      this.entries.fill(0);
      this.baseNext = 1;
    }
    this.base = this.baseNext;
    this.baseNext = this.base + operations;
  }
}

const known = new WeakMap<History, Writers>();
const entryMax = 0x7fffffff;
