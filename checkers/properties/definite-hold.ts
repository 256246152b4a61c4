import type { Checker } from '../checker.ts';
import { FAILED, type History, OK } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import { pass, undecided } from '../verdict.ts';
import { byKey, ofKey } from './keyed.ts';
import { argument, ownerOf, resultOf, type Token, tokenOf } from './lock-operations.ts';
import { Breaches, CannotJudge, property } from './property.ts';

export interface HoldOptions {
  /** The part of a lease that is given up to clocks that run at different rates; 0.1 by default. */
  readonly margin?: number;
}

/**
 * Two clients never hold one lock for certain at the same time (SYSTEMS 7.1c part 2). A grant is held for certain from
 * the completion of its `acquire` until the first of
 *
 * - the invocation of its release (whatever came of it, unless the release failed and never happened);
 * - the invocation of its `acquire`, or of its last `renew` that was granted, plus the lease time less the margin.
 *
 * A renewal is granted only to whoever still holds, so it confirms the whole time before it. Without a `ttlMs` the grant
 * has no lease, as of a plain mutex, and lasts until its release. Acquires of unknown outcome hold nothing.
 *
 * Detects: overlap of the certain intervals of two owners. Does not detect: harm done by a client that goes on after its
 * lease (no lease can prevent that; fencing does), nor overlap within the margin. Assumes clock rates within the margin.
 *
 * Time n log n, for sorting the grants of each lock; about 100 bytes a grant.
 */
export const definiteHoldOverlap = (options: HoldOptions = {}): Checker =>
  property('definite-hold', (history, budget) => {
    budget.claim(8 * history.length);
    const margin = options.margin ?? 0.1;
    const breaches = new Breaches();
    let grants = 0;
    for (const { key, operations } of byKey(history)) {
      const holds = holdsOf(history, operations, margin, () => budget.step());
      grants += holds.length;
      reportOverlaps(history, key, holds, breaches);
    }
    const details = { grants, margin, ...breaches.details(history) };
    if (breaches.any) return { verdict: breaches.verdict(history), details };
    return { verdict: grants === 0 ? undecided('the lock was never granted') : pass, details };
  });

/** One grant. Times are nanoseconds, or positions where the history has no times and no lease ends. */
interface Hold {
  readonly acquire: number;
  readonly owner: string;
  readonly token: Token | undefined;
  readonly from: number;
  /** Infinity for a grant without a lease. */
  leaseEnd: number;
  released: number;
}

const endOf = (hold: Hold): number => Math.min(hold.leaseEnd, hold.released);

/** The grants of one lock, in order of the acquires' invocations. */
function holdsOf(history: History, operations: Int32Array, margin: number, step: () => void): Hold[] {
  const acquire = history.names.find('acquire');
  const renew = history.names.find('renew');
  const release = history.names.find('release');
  const owners = new Map<string, Owner>();
  const holds: Hold[] = [];
  for (const op of operations) {
    step();
    const f = history.f[op];
    if ((f !== acquire && f !== renew && f !== release) || history.outcome[op] === FAILED) continue;
    const name = ownerOf(history, op);
    const owner = owners.get(name) ?? new Owner(history, margin, name);
    owners.set(name, owner);
    if (f === release) owner.release(op);
    else if (isRefusal(resultOf(history, op))) continue;
    else if (f === renew) owner.renew(op);
    else {
      const hold = owner.acquire(op);
      if (hold !== undefined) holds.push(hold);
    }
  }
  for (const owner of owners.values()) owner.confirmRenewals();
  return holds;
}

/** Held by another, or no longer held: `false`. A grant without a result is a plain mutex's. */
const isRefusal = (result: Value | undefined): boolean => result === false || result === null;

/**
 * What one owner did with one lock, in order of invocation. Where it is open which grant an operation touched (owners
 * that act through several processes, calls of unknown outcome, locks without tokens), releases end every grant that
 * they may have ended, and renewals extend a grant only if they can have touched no other.
 */
class Owner {
  private readonly history: History;
  private readonly margin: number;
  private readonly name: string;
  /** Acquires that were or may have been granted. */
  private readonly attempts: number[] = [];
  /** For each attempt, when the last of it and those before it completed. */
  private readonly attemptsDoneAt: number[] = [];
  private readonly byAttempt = new Map<number, Hold>();
  private readonly byToken = new Map<Token, Hold>();
  private readonly renewalsWithoutToken: number[] = [];
  /** The grants that no release without a token has ended yet. */
  private open: Hold[] = [];
  /** Grants without a token, which a release with any token may have meant. */
  private openWithoutToken: Hold[] = [];
  /** When the last of the releases so far completed, by token, and of those without one. */
  private readonly releasesDoneAt = new Map<Token | undefined, number>();
  private anyReleaseDoneAt = -1;

  constructor(history: History, margin: number, name: string) {
    this.history = history;
    this.margin = margin;
    this.name = name;
  }

  /** The new grant, unless there is none for certain. */
  acquire(op: number): Hold | undefined {
    const { history, name } = this;
    const completedAt = history.completedAt[op]!;
    this.attempts.push(op);
    this.attemptsDoneAt.push(Math.max(this.attemptsDoneAt.at(-1) ?? -1, completedAt));
    if (history.outcome[op] !== OK) return undefined;
    const token = tokenOf(resultOf(history, op));
    // The same token again is the same grant, whose lease began with its first acquire.
    if (token !== undefined && this.byToken.has(token)) return undefined;
    const from = history.timed ? history.completedNs[op]! : completedAt;
    const leaseEnd = invocation(history, op) + leaseNs(history, op, this.margin);
    const hold: Hold = { acquire: op, owner: name, token, from, leaseEnd, released: Number.POSITIVE_INFINITY };
    this.byAttempt.set(op, hold);
    if (token !== undefined) this.byToken.set(token, hold);
    if (this.mayBeReleasedAlready(op, token)) return undefined;
    this.open.push(hold);
    if (token === undefined) this.openWithoutToken.push(hold);
    return hold;
  }

  renew(op: number): void {
    if (this.history.outcome[op] !== OK) return;
    const token = tokenOf(argument(this.history, op, 'token'));
    if (token === undefined) this.renewalsWithoutToken.push(op);
    else this.extend(this.byToken.get(token), op);
  }

  release(op: number): void {
    const { history } = this;
    const token = tokenOf(argument(history, op, 'token'));
    const completedAt = history.completedAt[op]!;
    this.releasesDoneAt.set(token, Math.max(this.releasesDoneAt.get(token) ?? -1, completedAt));
    this.anyReleaseDoneAt = Math.max(this.anyReleaseDoneAt, completedAt);
    const at = invocation(history, op);
    if (token === undefined) {
      for (const hold of this.open) end(hold, at);
      this.open = [];
    } else {
      end(this.byToken.get(token), at);
      for (const hold of this.openWithoutToken) end(hold, at);
    }
    this.openWithoutToken = [];
  }

  /** Renewals that name no token, once all acquires are known. */
  confirmRenewals(): void {
    for (const op of this.renewalsWithoutToken) {
      const last = this.attempts.findLastIndex(
        (attempt) => this.history.invokedAt[attempt]! < this.history.completedAt[op]!,
      );
      if (last === -1) continue;
      const attempt = this.attempts[last]!;
      const isOnlyOne = last === 0 || this.attemptsDoneAt[last - 1]! < this.history.invokedAt[attempt]!;
      if (isOnlyOne) this.extend(this.byAttempt.get(attempt), op);
    }
  }

  /** A release that had not completed when the acquire began may have come after its grant. */
  private mayBeReleasedAlready(op: number, token: Token | undefined): boolean {
    const done =
      token === undefined
        ? this.anyReleaseDoneAt
        : Math.max(this.releasesDoneAt.get(undefined) ?? -1, this.releasesDoneAt.get(token) ?? -1);
    return done > this.history.invokedAt[op]!;
  }

  private extend(hold: Hold | undefined, op: number): void {
    const { history } = this;
    if (hold === undefined || !history.precedes(hold.acquire, op)) return;
    const leased = argument(history, op, 'ttlMs') === undefined ? hold.acquire : op;
    hold.leaseEnd = Math.max(hold.leaseEnd, invocation(history, op) + leaseNs(history, leased, this.margin));
  }
}

function end(hold: Hold | undefined, at: number): void {
  if (hold !== undefined) hold.released = Math.min(hold.released, at);
}

function leaseNs(history: History, op: number, margin: number): number {
  const ttlMs = argument(history, op, 'ttlMs');
  if (ttlMs === undefined) return Number.POSITIVE_INFINITY;
  if (typeof ttlMs !== 'number') throw new CannotJudge(`the ttlMs at index ${history.index(op)} is no number`);
  if (!history.timed) throw new CannotJudge('leases end by time, and the history has no times that can be relied on');
  return ttlMs * 1e6 * (1 - margin);
}

const invocation = (history: History, op: number): number =>
  history.timed ? history.invokedNs[op]! : history.invokedAt[op]!;

/** Sweeps over the holds by their beginning, with the two longest-lasting ones of different owners in hand. */
function reportOverlaps(history: History, key: number, holds: readonly Hold[], breaches: Breaches): void {
  const certain = holds.filter((hold) => hold.from < endOf(hold)).sort((a, b) => a.from - b.from);
  let longest: Hold | undefined;
  let ofOther: Hold | undefined;
  for (const hold of certain) {
    const rival = longest?.owner === hold.owner ? ofOther : longest;
    if (rival !== undefined && endOf(rival) > hold.from) {
      const why = `${rival.owner} and ${hold.owner} both held the lock${ofKey(history, key)} for certain`;
      breaches.add('overlap', () => ({ why, operations: [rival.acquire, hold.acquire] }));
    }
    if (longest === undefined || endOf(hold) > endOf(longest)) {
      if (longest?.owner !== hold.owner) ofOther = longest;
      longest = hold;
    } else if (longest.owner !== hold.owner && (ofOther === undefined || endOf(hold) > endOf(ofOther))) ofOther = hold;
  }
}
