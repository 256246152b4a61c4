import { TupleTable } from './tuple-table.ts';

/**
 * Sets of unknown operations that a search has made use of, as numbers: equal sets have equal numbers, and 0 is the
 * empty set. A long history has many unknown operations and a search meets few different sets of them, so a
 * configuration holds one number and not one bit for each.
 */
export class UsedSets {
  readonly words: number;
  private readonly table: TupleTable;

  /** Sets of numbers below `size`. */
  constructor(size: number) {
    this.words = Math.ceil(size / 32);
    this.table = new TupleTable(Math.max(1, this.words));
    this.table.intern();
  }

  get bytes(): number {
    return this.table.bytes;
  }

  has(set: number, member: number): boolean {
    return ((this.table.word(set, member >>> 5) >>> (member & 31)) & 1) === 1;
  }

  /** The set with one more member. */
  with(set: number, member: number): number {
    const { table } = this;
    for (let at = 0; at < this.words; at++) table.probe[at] = table.word(set, at);
    table.probe[member >>> 5]! |= 1 << (member & 31);
    return table.intern();
  }

  isSubset(a: number, b: number): boolean {
    if (a === b || a === 0) return true;
    for (let at = 0; at < this.words; at++) {
      if ((this.table.word(a, at) & ~this.table.word(b, at)) !== 0) return false;
    }
    return true;
  }
}
