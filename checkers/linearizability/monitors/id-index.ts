/** In place of a number that an index does not hold. */
export const NONE = -1;

/** A column is used while at most so many of its rows would be empty for one that is not. */
const sparsenessMax = 8;

/**
 * From the numbers of values (of keys, ...) that occur in one part to numbers of its own. Takes memory in proportion to
 * the ids expected, not to the history: ids that lie close together share a column, others an open-addressing table.
 */
export class IdIndex {
  private readonly from: number;
  private readonly column: Int32Array;
  /** The ids in the table's slots; `undefined`: the column is indexed by id directly. */
  private readonly ids: Int32Array | undefined;
  private readonly shift: number = 0;

  /** For at most `count` ids, all in `least` to `most`. */
  constructor(count: number, least: number, most: number) {
    const range = Math.max(0, most - least + 1);
    this.from = least;
    if (range <= sparsenessMax * (count + 1)) {
      this.column = new Int32Array(range).fill(NONE);
      return;
    }
    const bits = 33 - Math.clz32(count);
    this.shift = 32 - bits;
    this.ids = new Int32Array(1 << bits).fill(NONE);
    this.column = new Int32Array(1 << bits).fill(NONE);
  }

  /** The number under an id, or `NONE`. */
  get(id: number): number {
    if (this.ids === undefined) return this.column[id - this.from] ?? NONE;
    return this.column[this.slot(this.ids, id)]!;
  }

  /** Puts a number under an id; returns the one that was there, or `NONE`. */
  set(id: number, value: number): number {
    const row = this.ids === undefined ? id - this.from : this.slot(this.ids, id);
    if (this.ids !== undefined) this.ids[row] = id;
    const before = this.column[row]!;
    this.column[row] = value;
    return before;
  }

  /** The slot of an id, or the empty one where it belongs: Fibonacci hashing, linear probing. */
  private slot(ids: Int32Array, id: number): number {
    const mask = ids.length - 1;
    let slot = Math.imul(id, 0x9e3779b1) >>> this.shift;
    while (ids[slot] !== NONE && ids[slot] !== id) slot = (slot + 1) & mask;
    return slot;
  }
}

/** An index for the ids in a column at the given rows, and for some more; `NONE` among them is not counted. */
export function indexFor(column: Int32Array, rows: Int32Array, more: readonly number[] = []): IdIndex {
  let least = 0x7fffffff;
  let most = NONE;
  const widen = (id: number): void => {
    if (id === NONE) return;
    if (id < least) least = id;
    if (id > most) most = id;
  };
  for (let i = 0; i < rows.length; i++) widen(column[rows[i]!]!);
  for (const id of more) widen(id);
  return new IdIndex(rows.length + more.length, Math.min(least, most + 1), most);
}
