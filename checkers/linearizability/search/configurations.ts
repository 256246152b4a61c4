import { TupleTable } from './tuple-table.ts';
import type { UsedSets } from './used-sets.ts';

const NONE = -1;

/**
 * The configurations that a search has visited: position in the history, state, mask of the pending operations already
 * linearized, and the set of unknown operations used. Only pending operations are mentioned, so an entry's size
 * depends on concurrency and not on the length of the history.
 *
 * A configuration is also known when one was visited that differs only in having used a *subset* of the unknown
 * operations (dominance, CHECKERS 2.2 R6): whatever completes the new one completes the old one too, in as many
 * steps, since an unknown operation may always be left out.
 */
export class Configurations {
  private readonly maskWords: number;
  private readonly used: UsedSets;
  private readonly table: TupleTable;
  /** For each entry of the table, the last link of its chain of used sets, none of which contains another. */
  private heads = new Int32Array(0);
  private sets = new Int32Array(0);
  private links = new Int32Array(0);
  private linkCount = 0;
  /** Configurations visited. */
  count = 0;

  constructor(maskWords: number, used: UsedSets) {
    this.maskWords = maskWords;
    this.used = used;
    this.table = new TupleTable(2 + maskWords);
  }

  get bytes(): number {
    return this.table.bytes + 4 * (this.heads.length + this.sets.length + this.links.length);
  }

  /** Notes a visit; false if this configuration, or one that dominates it, was visited before. */
  visit(position: number, state: number, mask: Int32Array, usedSet: number): boolean {
    const { table, maskWords } = this;
    table.probe[0] = position;
    table.probe[1] = state;
    for (let at = 0; at < maskWords; at++) table.probe[2 + at] = mask[at]!;
    const size = table.size;
    const entry = table.intern();
    const fresh = entry === size;
    // Without unknown operations there is one used set, the empty one, and nothing to chain.
    if (this.used.words === 0) {
      if (fresh) this.count++;
      return fresh;
    }
    if (entry >= this.heads.length) this.heads = doubled(this.heads);
    if (fresh) this.heads[entry] = NONE;
    let before = NONE;
    for (let link = this.heads[entry]!; link !== NONE; link = this.links[link]!) {
      if (this.used.isSubset(this.sets[link]!, usedSet)) return false;
      if (!this.used.isSubset(usedSet, this.sets[link]!)) before = link;
      else if (before === NONE) this.heads[entry] = this.links[link]!;
      else this.links[before] = this.links[link]!;
    }
    if (this.linkCount === this.sets.length) {
      this.sets = doubled(this.sets);
      this.links = doubled(this.links);
    }
    this.sets[this.linkCount] = usedSet;
    this.links[this.linkCount] = this.heads[entry]!;
    this.heads[entry] = this.linkCount++;
    this.count++;
    return true;
  }

  /** The states of the configurations visited at a position, each once. */
  statesAt(position: number): number[] {
    const states = new Set<number>();
    for (let entry = 0; entry < this.table.size; entry++) {
      if (this.table.word(entry, 0) === position) states.add(this.table.word(entry, 1));
    }
    return [...states];
  }
}

function doubled(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(Math.max(16, column.length * 2));
  longer.set(column);
  return longer;
}
