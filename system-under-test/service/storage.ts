import type { Effect, Entry, HardState, Restored, Snapshot } from '../raft/protocol.ts';
import type { Disk } from '../world/world.ts';

type Persist = Extract<Effect, { kind: 'persist' }>;

/** Where the kept log begins: the last entry that a snapshot has taken the place of; 0 and 0 without one. */
interface Base {
  readonly index: number;
  readonly term: number;
}

/** One record of the log on disk: what it changes, in this order. */
interface WalRecord {
  /** Only in the first record of a rewritten log. */
  readonly base?: Base;
  readonly hard?: HardState;
  /** Take the place of all entries from the first one's index on. */
  readonly entries?: readonly Entry[];
}

const logName = 'raft';
const snapshotName = 'snapshot';

export interface StorageOwner {
  /** Everything up to and including this persist effect is durable. */
  durable(sequence: number): void;
  /** What the disk holds is unknown: the node must stop before it says anything more. */
  failed(error: Error): void;
}

/**
 * What consensus must not forget, on disk: one log of hard state and entries, and one snapshot. Syncs are grouped:
 * while one is in flight, all that comes in goes into the next.
 */
export class Storage {
  readonly #disk: Disk;
  readonly #owner: StorageOwner;
  /** What the log on disk amounts to, once all that was appended is durable. */
  #base: Base = { index: 0, term: 0 };
  #hard: HardState = { term: 0, votedFor: null };
  #entries: Entry[] = [];
  /** The latest persist effect taken, and the latest reported durable. */
  #taken = 0;
  #durable = 0;
  #syncing = false;
  /** A snapshot that discards the log is being written: nothing may be added to the old log meanwhile. */
  #holding = false;
  #snapshots: Promise<void> = Promise.resolve();
  #snapshotsQueued = 0;

  constructor(disk: Disk, owner: StorageOwner) {
    this.#disk = disk;
    this.#owner = owner;
  }

  /** Nothing is waiting for the disk. */
  get idle(): boolean {
    return this.#durable === this.#taken;
  }

  get durable(): number {
    return this.#durable;
  }

  /** A snapshot is on its way to disk. */
  get snapshotting(): boolean {
    return this.#snapshotsQueued > 0;
  }

  /** Reads what an earlier life left. Throws when that is damaged, or no state that a crash explains. */
  async recover(): Promise<Restored> {
    const file = await this.#disk.readFile(snapshotName);
    const snapshot = file === undefined ? null : (decode(file) as Snapshot);
    for (const record of await this.#disk.readLog(logName)) this.#replay(decode(record) as WalRecord);
    this.#alignWith(snapshot);
    return { hardState: this.#hard, snapshot, entries: this.#entries.slice() };
  }

  /** Takes one persist effect; `owner.durable` follows. */
  persist(effect: Persist): void {
    this.#taken = effect.sequence;
    const { hardState, entries, snapshot, keepsLog } = effect;
    if (hardState !== undefined) this.#hard = hardState;
    if (snapshot !== undefined) {
      this.#trim(snapshot, keepsLog === true);
      this.#queueSnapshot(snapshot, keepsLog === true);
    }
    if (entries !== undefined) this.#replaceFrom(entries);
    if (this.#holding) return;
    if (hardState !== undefined || entries !== undefined) {
      this.#disk.append(logName, encode({ ...(hardState && { hard: hardState }), ...(entries && { entries }) }));
    }
    this.#sync();
  }

  #sync(): void {
    if (this.#syncing) return;
    this.#syncing = true;
    const sequence = this.#taken;
    this.#disk.sync().then(
      () => {
        this.#syncing = false;
        if (this.#taken > sequence && !this.#holding) this.#sync();
        this.#report(sequence);
      },
      (error: Error) => this.#owner.failed(error),
    );
  }

  #report(sequence: number): void {
    if (sequence <= this.#durable) return;
    this.#durable = sequence;
    this.#owner.durable(sequence);
  }

  /**
   * A snapshot that keeps the log repeats what the log says, so nothing waits for it: until it is durable, the old
   * snapshot and the untrimmed log stay. One that discards the log replaces it, so everything waits.
   */
  #queueSnapshot(snapshot: Snapshot, keepsLog: boolean): void {
    if (!keepsLog) this.#holding = true;
    const bytes = encode(snapshot);
    const turn = ++this.#snapshotsQueued;
    this.#snapshots = this.#snapshots
      .then(() => this.#disk.writeFile(snapshotName, bytes))
      .then(() => {
        // The log may begin only after a snapshot that is on disk; when more are queued, the last one trims.
        if (turn < this.#snapshotsQueued) return;
        return this.#rewriteLog();
      })
      .then(() => {
        if (turn === this.#snapshotsQueued) this.#snapshotsQueued = 0;
      })
      .catch((error: Error) => this.#owner.failed(error));
  }

  async #rewriteLog(): Promise<void> {
    const sequence = this.#taken;
    this.#holding = false;
    const record: WalRecord = { base: this.#base, hard: this.#hard, entries: this.#entries };
    await this.#disk.rewriteLog(logName, [encode(record)]);
    this.#report(sequence);
  }

  #trim({ lastIndex, lastTerm }: Snapshot, keepsLog: boolean): void {
    this.#entries = keepsLog ? this.#entries.filter((entry) => entry.index > lastIndex) : [];
    this.#base = { index: lastIndex, term: lastTerm };
  }

  #replay({ base, hard, entries }: WalRecord): void {
    if (base !== undefined) {
      this.#base = base;
      this.#entries = [];
    }
    if (hard !== undefined) this.#hard = hard;
    if (entries !== undefined) this.#replaceFrom(entries);
  }

  #replaceFrom(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    const kept = first.index - this.#base.index - 1;
    if (kept < 0 || kept > this.#entries.length) {
      throw new Error(`entry ${first.index} does not follow a log of ${this.#base.index}+${this.#entries.length}`);
    }
    this.#entries.length = kept;
    for (const entry of entries) this.#entries.push(entry);
  }

  /** A crash between snapshot and trimming leaves an old log: it is kept only where it agrees with the snapshot. */
  #alignWith(snapshot: Snapshot | null): void {
    if (this.#base.index > (snapshot?.lastIndex ?? 0)) {
      throw new Error(`the log begins after entry ${this.#base.index}, which no snapshot covers`);
    }
    if (snapshot === null) return;
    const { lastIndex, lastTerm } = snapshot;
    const at = lastIndex - this.#base.index;
    const term = at === 0 ? this.#base.term : this.#entries[at - 1]?.term;
    this.#trim(snapshot, term === lastTerm);
  }
}

const encode = (value: WalRecord | Snapshot): Uint8Array => Buffer.from(JSON.stringify(value));

function decode(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}
