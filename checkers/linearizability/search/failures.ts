import { longer } from './columns.ts';
import { TupleTable } from './tuple-table.ts';
import type { UsedSets } from './used-sets.ts';

const NONE = -1;
const NEXT = 0;
const USED = 1;
const BURDEN = 2;

/**
 * The configurations that were searched and led nowhere: position in the history, state, the pending operations that
 * are linearized, and the unknown operations used. Only pending operations are mentioned, so an entry's size depends on
 * concurrency and not on the length of the history. A search that never turns back stores nothing.
 *
 * What is compared exactly is the *key*; the rest, the *burden*, is compared as sets: a configuration whose burden
 * includes that of one that failed fails, too (dominance, CHECKERS 2.2 R6).
 */
export class Failures {
  /** The caller writes position, state and the words of the key here, ... */
  readonly key: Int32Array;
  /** ... the words of the burden here, and the number of the used set there. */
  readonly burden: Int32Array;
  used = 0;
  private readonly usedSets: UsedSets;
  private readonly table: TupleTable;
  private readonly linkLength: number;
  private readonly dominance: boolean;
  /** By entry of the table, the last link of its chain of burdens, none of which includes another. */
  private heads: Int32Array<ArrayBuffer> = new Int32Array(16);
  private links: Int32Array<ArrayBuffer>;
  private linkCount = 0;

  constructor(keyWords: number, burdenWords: number, usedSets: UsedSets, dominance: boolean) {
    this.table = new TupleTable(2 + keyWords);
    this.key = this.table.probe;
    this.burden = new Int32Array(burdenWords);
    this.usedSets = usedSets;
    this.dominance = dominance;
    this.linkLength = BURDEN + burdenWords;
    this.links = new Int32Array(16 * this.linkLength);
  }

  get bytes(): number {
    return this.table.bytes + 4 * (this.heads.length + this.links.length);
  }

  /** How many bytes more `add` may take: 0 unless something is full. */
  get growth(): number {
    const { table, heads, links, linkLength } = this;
    const full = (this.linkCount + 1) * linkLength > links.length;
    return table.growthFor(1) + (table.size === heads.length ? 4 * heads.length : 0) + (full ? 4 * links.length : 0);
  }

  /** Whether the configuration that the caller wrote is no better than one that failed. */
  known(): boolean {
    if (this.table.size === 0) return false;
    const entry = this.table.find();
    if (entry < 0) return false;
    for (let link = this.heads[entry]!; link !== NONE; link = this.links[link + NEXT]!) {
      if (this.dominance ? this.includes(link) : this.equals(link)) return true;
    }
    return false;
  }

  /** Adds the configuration that the caller wrote; those that include it are forgotten. */
  add(): void {
    const { table } = this;
    const size = table.size;
    const entry = table.intern();
    if (entry === this.heads.length) this.heads = longer(this.heads, 2 * entry);
    if (entry === size) this.heads[entry] = NONE;
    else if (this.dominance) this.forgetIncluding(entry);
    const link = this.linkCount++ * this.linkLength;
    if (link === this.links.length) this.links = longer(this.links, 2 * link);
    const { links, burden } = this;
    links[link + NEXT] = this.heads[entry]!;
    links[link + USED] = this.used;
    for (let at = 0; at < burden.length; at++) links[link + BURDEN + at] = burden[at]!;
    this.heads[entry] = link;
  }

  /** The states of the configurations at a position, each once. */
  statesAt(position: number): number[] {
    const states = new Set<number>();
    for (let entry = 0; entry < this.table.size; entry++) {
      if (this.table.word(entry, 0) === position) states.add(this.table.word(entry, 1));
    }
    return [...states];
  }

  /** The burden that was written includes that of the link. */
  private includes(link: number): boolean {
    const { links, burden } = this;
    for (let at = 0; at < burden.length; at++) if ((links[link + BURDEN + at]! & ~burden[at]!) !== 0) return false;
    return this.usedSets.isSubset(links[link + USED]!, this.used);
  }

  private equals(link: number): boolean {
    const { links, burden } = this;
    for (let at = 0; at < burden.length; at++) if (links[link + BURDEN + at] !== burden[at]) return false;
    return links[link + USED] === this.used;
  }

  private forgetIncluding(entry: number): void {
    const { links, heads } = this;
    let before = NONE;
    for (let link = heads[entry]!; link !== NONE; link = links[link + NEXT]!) {
      if (!this.isIncludedIn(link)) before = link;
      else if (before === NONE) heads[entry] = links[link + NEXT]!;
      else links[before + NEXT] = links[link + NEXT]!;
    }
  }

  private isIncludedIn(link: number): boolean {
    const { links, burden } = this;
    for (let at = 0; at < burden.length; at++) if ((burden[at]! & ~links[link + BURDEN + at]!) !== 0) return false;
    return this.usedSets.isSubset(this.used, links[link + USED]!);
  }
}
