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
  const holds: Hold[] = [];
  const byOwner = new Map<string, Hold[]>();
  // A renew or release is invoked after the completion of its acquire, so in order of invocation the grant comes first.
  for (const op of operations) {
    step();
    const f = history.f[op];
    if (f === acquire) {
      const hold = grant(history, op, margin);
      if (hold === undefined) continue;
      holds.push(hold);
      const own = byOwner.get(hold.owner);
      if (own === undefined) byOwner.set(hold.owner, [hold]);
      else own.push(hold);
    } else if (f === renew) {
      const hold = grantOf(history, op, byOwner);
      if (hold !== undefined) extend(history, op, hold, margin);
    } else if (f === release && history.outcome[op] !== FAILED) {
      const hold = grantOf(history, op, byOwner);
      if (hold !== undefined) hold.released = Math.min(hold.released, invocation(history, op));
    }
  }
  return holds;
}

function grant(history: History, op: number, margin: number): Hold | undefined {
  if (history.outcome[op] !== OK) return undefined;
  const result = resultOf(history, op);
  if (isRefusal(result)) return undefined;
  const leaseEnd = invocation(history, op) + leaseNs(history, op, margin);
  const from = history.timed ? history.completedNs[op]! : history.completedAt[op]!;
  const released = Number.POSITIVE_INFINITY;
  return { acquire: op, owner: ownerOf(history, op), token: tokenOf(result), from, leaseEnd, released };
}

/** Held by another: `false`, and nothing else; a grant without a result is a plain mutex's. */
const isRefusal = (result: Value | undefined): boolean => result === false || result === null;

/**
 * The grant that a renew or release speaks of: the owner's last one, with its token where one is named. One that was not
 * complete when the operation began cannot be meant.
 */
function grantOf(history: History, op: number, byOwner: ReadonlyMap<string, Hold[]>): Hold | undefined {
  const token = tokenOf(argument(history, op, 'token'));
  return byOwner
    .get(ownerOf(history, op))
    ?.findLast((hold) => (token === undefined || hold.token === token) && history.precedes(hold.acquire, op));
}

function extend(history: History, op: number, hold: Hold, margin: number): void {
  if (history.outcome[op] !== OK || isRefusal(resultOf(history, op))) return;
  const leased = argument(history, op, 'ttlMs') === undefined ? hold.acquire : op;
  hold.leaseEnd = Math.max(hold.leaseEnd, invocation(history, op) + leaseNs(history, leased, margin));
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
