import type { Disk } from '../../../system-under-test/world/world.ts';

/** What of a node survives its crash. */
export interface Platter {
  readonly logs: Map<string, Uint8Array[]>;
  readonly files: Map<string, Uint8Array>;
}

export interface DiskWorld {
  /** Runs later, in this life of the node only, and not while it is paused. */
  after(delayMs: number, run: () => void): void;
  /** How long the next sync takes, milliseconds. */
  syncMs(): number;
  nowMs(): number;
}

/** So many syncs are looked at for the median that a node's status tells. */
const recentSyncs = 32;

/**
 * A disk whose appended records are durable once a sync that was asked for later has ended; a crash takes the others.
 * Operations end in the order in which they were asked for, as on a file of one writer.
 */
export class SimulatedDisk implements Disk {
  readonly #platter: Platter;
  readonly #world: DiskWorld;
  readonly #buffered = new Map<string, Uint8Array[]>();
  readonly #recent: number[] = [];
  #slowMs = 0;
  #freeAtMs = 0;

  constructor(platter: Platter, world: DiskWorld) {
    this.#platter = platter;
    this.#world = world;
  }

  /** Median duration of the recent syncs, milliseconds. */
  get syncMs(): number {
    const sorted = this.#recent.toSorted((a, b) => a - b);
    return sorted[sorted.length >>> 1] ?? 0;
  }

  /** Each sync takes so much longer; 0 heals. Earlier syncs no longer count as recent. */
  slowSync(delayMs: number): void {
    this.#slowMs = delayMs;
    this.#recent.length = 0;
  }

  async readLog(name: string): Promise<readonly Uint8Array[]> {
    return this.#platter.logs.get(name)?.slice() ?? [];
  }

  append(name: string, record: Uint8Array): void {
    const records = this.#buffered.get(name);
    if (records === undefined) this.#buffered.set(name, [record]);
    else records.push(record);
  }

  sync(): Promise<void> {
    const batch = [...this.#buffered];
    this.#buffered.clear();
    return this.#write(() => {
      const { logs } = this.#platter;
      for (const [name, records] of batch) {
        const log = logs.get(name);
        if (log === undefined) logs.set(name, records);
        else log.push(...records);
      }
    });
  }

  rewriteLog(name: string, records: readonly Uint8Array[]): Promise<void> {
    this.#buffered.delete(name);
    return this.#write(() => this.#platter.logs.set(name, [...records]));
  }

  async readFile(name: string): Promise<Uint8Array | undefined> {
    return this.#platter.files.get(name);
  }

  writeFile(name: string, bytes: Uint8Array): Promise<void> {
    return this.#write(() => this.#platter.files.set(name, bytes));
  }

  #write(write: () => void): Promise<void> {
    const askedMs = this.#world.nowMs();
    this.#freeAtMs = Math.max(askedMs, this.#freeAtMs) + this.#world.syncMs() + this.#slowMs;
    return new Promise((resolve) => {
      this.#world.after(this.#freeAtMs - askedMs, () => {
        write();
        this.#recent.push(this.#world.nowMs() - askedMs);
        if (this.#recent.length > recentSyncs) this.#recent.shift();
        resolve();
      });
    });
  }
}
