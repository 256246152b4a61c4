import { assert } from './assert.ts';
import type { Configuration, Entry, Snapshot } from './protocol.ts';

/**
 * The log as this node believes it to be, durable or not: the entries after a base, which is the last entry that the
 * snapshot covers (0/0 without one). Indexes are contiguous and terms never decrease.
 */
export class Log {
  #baseIndex: number;
  #baseTerm: number;
  #entries: Entry[];
  /** Configurations by the index of their entry, ascending; the first is the one in force at the base. */
  #configurations: { readonly index: number; readonly config: Configuration }[];
  /** The last slice handed out: disk, peers and state machine mostly ask for the same one. */
  #sliceFrom = 0;
  #sliceTo = 0;
  #slice: readonly Entry[] = [];

  constructor(snapshot: Snapshot | null, bootstrap: Configuration, entries: readonly Entry[]) {
    this.#baseIndex = snapshot?.lastIndex ?? 0;
    this.#baseTerm = snapshot?.lastTerm ?? 0;
    this.#configurations = [{ index: this.#baseIndex, config: snapshot?.config ?? bootstrap }];
    this.#entries = [];
    for (const entry of entries) this.append(entry);
  }

  get baseIndex(): number {
    return this.#baseIndex;
  }

  get lastIndex(): number {
    return this.#baseIndex + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.length === 0 ? this.#baseTerm : this.#entries[this.#entries.length - 1]!.term;
  }

  /** In force from the moment its entry is appended, committed or not (dissertation 4.1). */
  get configuration(): Configuration {
    return this.#configurations[this.#configurations.length - 1]!.config;
  }

  /** `index` is not below the base. */
  configurationAt(index: number): Configuration {
    assert(index >= this.#baseIndex, () => `configuration at ${index} asked, the log begins after ${this.#baseIndex}`);
    return this.#configurations.findLast((known) => known.index <= index)!.config;
  }

  /** Undefined before the base and after the end. */
  termAt(index: number): number | undefined {
    if (index === this.#baseIndex) return this.#baseTerm;
    return this.#entries[index - this.#baseIndex - 1]?.term;
  }

  /** Entries `from` to `to`, both included; the caller must not change the array. */
  slice(from: number, to: number): readonly Entry[] {
    if (from === this.#sliceFrom && to === this.#sliceTo) return this.#slice;
    assert(from > this.#baseIndex && to <= this.lastIndex, () => `slice ${from}..${to} of ${this.describe()}`);
    this.#slice = this.#entries.slice(from - this.#baseIndex - 1, to - this.#baseIndex);
    this.#sliceFrom = from;
    this.#sliceTo = to;
    return this.#slice;
  }

  append(entry: Entry): void {
    assert(entry.index === this.lastIndex + 1, () => `entry ${entry.index} after ${this.describe()}`);
    assert(entry.term >= this.lastTerm, () => `entry of term ${entry.term} after ${this.describe()}`);
    this.#entries.push(entry);
    if (entry.kind === 'configuration') this.#configurations.push({ index: entry.index, config: entry.config });
  }

  /** Removes the entry at `index` and all that follow; a configuration among them is no longer in force. */
  truncateFrom(index: number): void {
    assert(index > this.#baseIndex, () => `truncation at ${index} of ${this.describe()}`);
    this.#entries.length = index - this.#baseIndex - 1;
    while (this.#configurations[this.#configurations.length - 1]!.index >= index) this.#configurations.pop();
    this.#forgetSlice();
  }

  /** Drops what the snapshot covers and keeps what follows, which the caller knows to be consistent with it. */
  startAfter(snapshot: Snapshot): void {
    assert(snapshot.lastIndex <= this.lastIndex, () => `snapshot at ${snapshot.lastIndex} of ${this.describe()}`);
    this.#entries = this.#entries.slice(snapshot.lastIndex - this.#baseIndex);
    this.#rebase(
      snapshot,
      this.#configurations.filter((known) => known.index > snapshot.lastIndex),
    );
  }

  /** Drops everything: the log is what the snapshot covers. */
  replaceBy(snapshot: Snapshot): void {
    this.#entries = [];
    this.#rebase(snapshot, []);
  }

  /** The last index at or before `index` whose term is at most `term`, or the base (dissertation 3.5, fast back-up). */
  lastWithTermAtMost(index: number, term: number): number {
    let found = Math.min(index, this.lastIndex);
    while (found > this.#baseIndex && this.termAt(found)! > term) found -= 1;
    return found;
  }

  describe(): string {
    return `log ${this.#baseIndex}/${this.#baseTerm}..${this.lastIndex}/${this.lastTerm}`;
  }

  #rebase(snapshot: Snapshot, later: { readonly index: number; readonly config: Configuration }[]): void {
    this.#baseIndex = snapshot.lastIndex;
    this.#baseTerm = snapshot.lastTerm;
    this.#configurations = [{ index: snapshot.lastIndex, config: snapshot.config }, ...later];
    this.#forgetSlice();
  }

  #forgetSlice(): void {
    this.#sliceFrom = 0;
    this.#sliceTo = 0;
    this.#slice = [];
  }
}
