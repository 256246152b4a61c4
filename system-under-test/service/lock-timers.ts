import type { Clock, Timer } from '../world/world.ts';
import type { Operation } from './command.ts';
import type { Locks } from './locks.ts';
import type { Lease } from './rules.ts';

/**
 * The leader's watch over leases and waits. It measures with its own monotonic clock from the moment it applied the
 * grant, renewal or acquire; what it concludes takes effect only through the log. A new leader starts every watch anew
 * with the full time, so a lease may last longer than asked for, never shorter (SYSTEMS 7.1).
 */
export class LockTimers {
  readonly #clock: Clock;
  readonly #locks: Locks;
  readonly #propose: (operation: Operation) => void;
  #leading = false;
  readonly #leases = new Map<string, { readonly lease: Lease; readonly timer: Timer }>();
  readonly #waits = new Map<number, { readonly lock: string; readonly dueMs: number; readonly timer: Timer }>();

  constructor(clock: Clock, locks: Locks, propose: (operation: Operation) => void) {
    this.#clock = clock;
    this.#locks = locks;
    this.#propose = propose;
  }

  lead(): void {
    this.follow();
    this.#leading = true;
    for (const lock of this.#locks.names()) this.changed(lock);
  }

  follow(): void {
    this.#leading = false;
    for (const { timer } of [...this.#leases.values(), ...this.#waits.values()]) timer.cancel();
    this.#leases.clear();
    this.#waits.clear();
  }

  /** Brings the watches over one lock up to date. */
  changed(lock: string): void {
    if (!this.#leading) return;
    this.#watchLease(lock);
    this.#watchWaits(lock);
  }

  /**
   * The waits of this lock that are over although their timers have not run yet. Proposed before anything that frees
   * the lock, so that nobody is granted it whose time has passed.
   */
  overdue(lock: string): readonly Operation[] {
    const nowMs = this.#clock.monotonicMs();
    const operations: Operation[] = [];
    for (const [waiter, wait] of this.#waits) {
      if (wait.lock === lock && wait.dueMs <= nowMs) operations.push({ op: 'abandon', lock, waiter });
    }
    return operations;
  }

  #watchLease(lock: string): void {
    const lease = this.#locks.lease(lock);
    const watched = this.#leases.get(lock);
    if (watched?.lease === lease) return;
    watched?.timer.cancel();
    this.#leases.delete(lock);
    if (lease === null) return;
    const { token, renewal, ttlMs } = lease;
    this.#leases.set(lock, { lease, timer: this.#watch(ttlMs, { op: 'expire', lock, token, renewal }) });
  }

  #watchWaits(lock: string): void {
    const waiters = this.#locks.waiters(lock);
    for (const [index, wait] of this.#waits) {
      if (wait.lock !== lock || waiters.some((waiter) => waiter.index === index)) continue;
      wait.timer.cancel();
      this.#waits.delete(index);
    }
    for (const { index, waitMs } of waiters) {
      if (this.#waits.has(index)) continue;
      const timer = this.#watch(waitMs, { op: 'abandon', lock, waiter: index });
      this.#waits.set(index, { lock, dueMs: this.#clock.monotonicMs() + waitMs, timer });
    }
  }

  /** Proposes when the time is over, and again until the log has answered: a proposal may be refused meanwhile. */
  #watch(delayMs: number, operation: Operation): Timer {
    const propose = () => {
      timer = this.#clock.after(againMs, propose);
      this.#propose(operation);
    };
    let timer = this.#clock.after(delayMs, propose);
    return { cancel: () => timer.cancel() };
  }
}

const againMs = 500;
