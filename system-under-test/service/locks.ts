import type { Json } from '../system.ts';
import { type Operation, type Origin, ok, type Response, type SessionCall } from './command.ts';
import type { Lease, ServiceRules } from './rules.ts';

/** An acquire that waits for its turn. */
export interface Waiter {
  /** Log index of the acquire: its name, and its place in the queue. */
  readonly index: number;
  readonly owner: string;
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly origin: Origin | null;
  readonly session: SessionCall | null;
}

interface Lock {
  lease: Lease | null;
  /** First come, first served; empty while the lock is free. */
  readonly waiters: Waiter[];
}

export interface LocksSnapshot {
  readonly lastToken: number;
  readonly locks: readonly {
    readonly name: string;
    readonly lease: Lease | null;
    readonly waiters: readonly Waiter[];
  }[];
}

/** What the rest of the state machine must do for the lock table. */
export interface LockKeeper {
  /** Whether whoever waits can still be told: its session exists, or it has none. */
  isAlive(waiter: Waiter): boolean;
  /** A waiter has its answer, long after its command was applied. */
  answer(waiter: Waiter, response: Response): void;
  /** The lease or the queue of this lock changed: whoever runs timers must look again. */
  changed(lock: string): void;
}

type AcquireOperation = Extract<Operation, { op: 'acquire' }>;

/**
 * Lease locks with fencing tokens (SYSTEMS 7.1). Nothing in here knows time: leases and waits end by log entries that
 * the leader proposes, so all replicas agree on who held what when.
 */
export class Locks {
  readonly #rules: ServiceRules;
  readonly #keeper: LockKeeper;
  readonly #locks = new Map<string, Lock>();
  #lastToken = 0;

  constructor(rules: ServiceRules, keeper: LockKeeper) {
    this.#rules = rules;
    this.#keeper = keeper;
  }

  /** Undefined: the caller waits, and is answered through the keeper. Not re-entrant: a holder finds it held, too. */
  acquire(index: number, operation: AcquireOperation, origin?: Origin, session?: SessionCall): Response | undefined {
    const lock = this.#locks.get(operation.lock) ?? { lease: null, waiters: [] };
    const { owner, ttlMs, waitMs } = operation;
    const waiter = { index, owner, ttlMs, waitMs, origin: origin ?? null, session: session ?? null };
    if (lock.lease === null) {
      this.#locks.set(operation.lock, lock);
      const response = this.#grant(index, lock, waiter);
      this.#keeper.changed(operation.lock);
      return response;
    }
    if (waitMs === 0) return held;
    lock.waiters.push(waiter);
    this.#keeper.changed(operation.lock);
    return undefined;
  }

  renew(index: number, name: string, owner: string, token: number): Response {
    const lock = this.#locks.get(name);
    if (!lock?.lease || !this.#rules.mayRenew(lock.lease, owner, token)) return ok(false);
    lock.lease = { ...lock.lease, renewal: index };
    this.#keeper.changed(name);
    return ok(true);
  }

  release(index: number, name: string, owner: string, token: number): Response {
    const lock = this.#locks.get(name);
    if (!lock?.lease || !this.#rules.mayRelease(lock.lease, owner, token)) return ok(false);
    this.#passOn(index, name, lock);
    return ok(true);
  }

  expire(index: number, name: string, token: number, renewal: number): Response {
    const lock = this.#locks.get(name);
    if (!lock?.lease || !this.#rules.mayExpire(lock.lease, token, renewal)) return ok(false);
    this.#passOn(index, name, lock);
    return ok(true);
  }

  /** The wait of one waiter is over. */
  abandon(name: string, waiterIndex: number): Response {
    const lock = this.#locks.get(name);
    const at = lock?.waiters.findIndex((waiter) => waiter.index === waiterIndex) ?? -1;
    if (!lock || at < 0) return ok(false);
    const [waiter] = lock.waiters.splice(at, 1);
    this.#keeper.answer(waiter as Waiter, held);
    this.#keeper.changed(name);
    return ok(true);
  }

  /**
   * All waits are over: at the begin of a term, since the new leader cannot know how long anyone has waited already,
   * and whoever asked through the old one has been told that the outcome is unknown.
   */
  abandonAll(): void {
    for (const [name, lock] of this.#locks) {
      if (lock.waiters.length === 0) continue;
      for (const waiter of lock.waiters.splice(0)) this.#keeper.answer(waiter, held);
      this.#keeper.changed(name);
    }
  }

  /** A retry of a waiting acquire takes over the wait: the answer goes to `origin` from now on. */
  redirect(session: SessionCall, origin: Origin): void {
    for (const { waiters } of this.#locks.values()) {
      const at = waiters.findIndex((waiter) => waiter.session?.client === session.client);
      if (at >= 0) waiters[at] = { ...(waiters[at] as Waiter), origin };
    }
  }

  names(): Iterable<string> {
    return this.#locks.keys();
  }

  lease(name: string): Lease | null {
    return this.#locks.get(name)?.lease ?? null;
  }

  waiters(name: string): readonly Waiter[] {
    return this.#locks.get(name)?.waiters ?? [];
  }

  snapshot(): LocksSnapshot {
    const locks = [...this.#locks].map(([name, { lease, waiters }]) => ({ name, lease, waiters: waiters.slice() }));
    return { lastToken: this.#lastToken, locks };
  }

  restore(snapshot: LocksSnapshot): void {
    this.#lastToken = snapshot.lastToken;
    this.#locks.clear();
    for (const { name, lease, waiters } of snapshot.locks) this.#locks.set(name, { lease, waiters: waiters.slice() });
  }

  /** Takes the lock from its holder and gives it to the first waiter that may have it; without one it is free. */
  #passOn(index: number, name: string, lock: Lock): void {
    lock.lease = null;
    for (let next = lock.waiters.shift(); next; next = lock.waiters.shift()) {
      if (this.#rules.mayGrantWaiter({ sessionAlive: this.#keeper.isAlive(next) })) {
        this.#keeper.answer(next, this.#grant(index, lock, next));
        break;
      }
      this.#keeper.answer(next, held);
    }
    if (lock.lease === null) this.#locks.delete(name);
    this.#keeper.changed(name);
  }

  #grant(index: number, lock: Lock, { owner, ttlMs }: Waiter): Response {
    const token = this.#rules.nextToken(this.#lastToken);
    this.#lastToken = token;
    lock.lease = { owner, token, ttlMs, renewal: index };
    return ok({ token });
  }
}

const held: Response = ok({ held: true } satisfies Json);
