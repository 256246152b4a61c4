import { AdjustableClock, type HostClock } from '../../system-under-test/world/clock.ts';
import { seededRandom } from '../../system-under-test/world/random.ts';
import type { Disk, World } from '../../system-under-test/world/world.ts';

/**
 * A small simulated world for tests: virtual time, links that a test can cut or make to repeat themselves, disks that
 * outlive their node's crash. Events run in order of time; equal times in order of their making.
 */
export class Universe {
  nowMs = 0;
  /** Messages that may not pass now. */
  cut: (from: string, to: string) => boolean = () => false;
  /** How often a message arrives. */
  copies: (from: string, to: string, message: unknown) => number = () => 1;
  readonly latencyMs = 1;
  readonly syncMs = 1;
  #events: Event[] = [];
  #order = 0;
  readonly #handlers = new Map<string, (from: string, message: unknown) => void>();
  readonly #platters = new Map<string, Platter>();
  readonly #lives = new Map<string, number>();

  /** A new life of this node: its earlier life, if any, ends as by a crash. */
  boot(id: string): World & { readonly clock: AdjustableClock } {
    const life = this.crash(id);
    const isAlive = () => this.#lives.get(id) === life;
    const host: HostClock = {
      monotonicMs: () => this.nowMs,
      wallMs: () => 1_700_000_000_000 + this.nowMs,
      after: (delayMs, run) => this.after(delayMs, () => isAlive() && run()),
    };
    return {
      clock: new AdjustableClock(host),
      random: seededRandom(`simulated/${id}/${life}`),
      disk: new SimulatedDisk(this, this.#platter(id), isAlive),
      network: {
        send: (to, message) => isAlive() && this.#deliver(id, to, JSON.stringify(message), message),
        receive: (handler) => this.#handlers.set(id, handler),
      },
    };
  }

  /** Ends the node's life; what it had not synced is gone. Returns the number of the next life. */
  crash(id: string): number {
    const life = (this.#lives.get(id) ?? 0) + 1;
    this.#lives.set(id, life);
    this.#handlers.delete(id);
    return life;
  }

  after(delayMs: number, run: () => void): () => void {
    const event = { atMs: this.nowMs + delayMs, order: this.#order++, run };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((one) => one !== event);
    };
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await promisesSettled();
    for (let next = this.#takeDue(endMs); next; next = this.#takeDue(endMs)) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      await promisesSettled();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  /** A copy of a message that was sent long ago arrives. */
  redeliver(from: string, to: string, message: unknown): void {
    this.#deliver(from, to, JSON.stringify(message), message);
  }

  #takeDue(endMs: number) {
    let first: Event | undefined;
    for (const event of this.#events) {
      if (event.atMs > endMs) continue;
      if (!first || event.atMs < first.atMs || (event.atMs === first.atMs && event.order < first.order)) first = event;
    }
    if (first) this.#events.splice(this.#events.indexOf(first), 1);
    return first;
  }

  #deliver(from: string, to: string, text: string, message: unknown): void {
    if (this.cut(from, to)) return;
    for (let copy = 0; copy < this.copies(from, to, message); copy++) {
      this.after(this.latencyMs * (1 + 5 * copy), () => this.#handlers.get(to)?.(from, JSON.parse(text)));
    }
  }

  #platter(id: string): Platter {
    const platter = this.#platters.get(id) ?? { logs: new Map(), files: new Map() };
    this.#platters.set(id, platter);
    return platter;
  }
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** What survives a crash. */
interface Platter {
  readonly logs: Map<string, readonly Uint8Array[]>;
  readonly files: Map<string, Uint8Array>;
}

class SimulatedDisk implements Disk {
  readonly #universe: Universe;
  readonly #platter: Platter;
  readonly #isAlive: () => boolean;
  readonly #buffered = new Map<string, Uint8Array[]>();

  constructor(universe: Universe, platter: Platter, isAlive: () => boolean) {
    this.#universe = universe;
    this.#platter = platter;
    this.#isAlive = isAlive;
  }

  async readLog(name: string): Promise<readonly Uint8Array[]> {
    return this.#platter.logs.get(name) ?? [];
  }

  append(name: string, record: Uint8Array): void {
    this.#buffered.set(name, [...(this.#buffered.get(name) ?? []), record]);
  }

  sync(): Promise<void> {
    const batch = [...this.#buffered];
    this.#buffered.clear();
    return this.#later(() => {
      for (const [name, records] of batch)
        this.#platter.logs.set(name, [...(this.#platter.logs.get(name) ?? []), ...records]);
    });
  }

  rewriteLog(name: string, records: readonly Uint8Array[]): Promise<void> {
    this.#buffered.delete(name);
    return this.#later(() => this.#platter.logs.set(name, records));
  }

  async readFile(name: string): Promise<Uint8Array | undefined> {
    return this.#platter.files.get(name);
  }

  writeFile(name: string, bytes: Uint8Array): Promise<void> {
    return this.#later(() => this.#platter.files.set(name, bytes));
  }

  /** In a life that has ended, promises never resolve and nothing is written. */
  #later(write: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#universe.after(this.#universe.syncMs, () => {
        if (!this.#isAlive()) return;
        write();
        resolve();
      });
    });
  }
}

const promisesSettled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
