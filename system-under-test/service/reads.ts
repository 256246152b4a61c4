import { notRead, type Respond } from './requests.ts';

export interface PendingRead {
  readonly key: string;
  readonly respond: Respond;
  readonly dueMs: number;
}

interface Parked {
  readonly id: number;
  readonly index: number;
  readonly lease: boolean;
}

/** Linearizable reads under way: asked of consensus, or allowed and waiting for the state machine to catch up. */
export class Reads {
  readonly #pending = new Map<number, PendingRead>();
  #parked: Parked[] = [];
  #retries: number[] = [];
  #nextId = 1;

  add(read: PendingRead): number {
    const id = this.#nextId++;
    this.#pending.set(id, read);
    return id;
  }

  get(id: number): PendingRead | undefined {
    return this.#pending.get(id);
  }

  take(id: number): PendingRead | undefined {
    const read = this.#pending.get(id);
    this.#pending.delete(id);
    return read;
  }

  /** The read may be served once `index` is applied. */
  park(id: number, index: number, lease: boolean): void {
    this.#parked.push({ id, index, lease });
  }

  takeApplied(
    applied: number,
  ): readonly { readonly id: number; readonly read: PendingRead; readonly lease: boolean }[] {
    if (this.#parked.length === 0) return [];
    const ready = this.#parked.filter(({ index }) => index <= applied);
    if (ready.length > 0) this.#parked = this.#parked.filter(({ index }) => index > applied);
    return ready.flatMap(({ id, lease }) => {
      const read = this.#pending.get(id);
      return read === undefined ? [] : [{ id, read, lease }];
    });
  }

  /** The right to answer was lost meanwhile: to be asked for again. */
  retry(id: number): void {
    this.#retries.push(id);
  }

  takeRetries(): readonly number[] {
    return this.#retries.splice(0).filter((id) => this.#pending.has(id));
  }

  expire(nowMs: number): void {
    for (const [id, read] of this.#pending) {
      if (read.dueMs > nowMs) break; // all reads wait equally long, so the oldest come first
      this.#pending.delete(id);
      read.respond(notRead());
    }
  }
}
