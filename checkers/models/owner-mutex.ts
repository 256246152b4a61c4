import type { Value } from '../history/operation.ts';
import { earliestExpiry, type LockAnswer, type LockInput, mayFollowExpiry, understandLock } from './lease.ts';
import { illegal, legal, type Model, type Step, unreachable } from './model.ts';
import { keyOf, same, show } from './value.ts';

interface Holder {
  readonly owner: Value;
  /** How far a renewal extends the lease. */
  readonly ttlNs: number;
  /** When the lease may have expired at the earliest. */
  readonly expiresNs: number;
}

/** `sinceNs`: the lock cannot have come into this state earlier, because a lease had to expire first. */
interface Lock {
  readonly holder: Holder | null;
  readonly sinceNs: number;
}

/**
 * A lock that only its owner can release, and that may be a lease (see `lease.ts`). It is not reentrant: an owner who
 * asks again is told that the lock is held. Tokens are not looked at: `fenced-mutex` does that.
 */
export const ownerMutex: Model<Lock, LockInput, LockAnswer> = {
  name: 'owner-mutex',
  summary: 'acquire {owner, ttlMs?}, renew, release by the owner only; leases may expire; one lock per key',
  partition: 'key',
  timed: true,
  initial: { holder: null, sinceNs: 0 },
  startingFrom: (owner) => {
    const forever = Number.POSITIVE_INFINITY;
    const holder = owner === null ? null : { owner, ttlNs: forever, expiresNs: forever };
    return { kind: 'state', state: { holder, sinceNs: 0 } };
  },
  understand: (recorded) => understandLock(recorded, 'owner-mutex'),
  step(lock, input, seen) {
    if (input.until < lock.sinceNs) return illegal(() => `it returned before the lease before could have expired`);
    switch (input.kind) {
      case 'acquire':
        return acquire(lock, input, seen);
      case 'renew':
      case 'release':
        return useLock(lock, input, seen);
      default:
        return unreachable(input);
    }
  },
  key: ({ holder, sinceNs }) =>
    holder === null ? sinceNs : `${sinceNs} ${holder.expiresNs} ${holder.ttlNs} ${JSON.stringify(keyOf(holder.owner))}`,
  show: ({ holder }) => (holder === null ? 'free' : `held by ${show(holder.owner)}`),
  observes: (input, seen) => input.kind === 'acquire' && seen?.granted === false,
};

function acquire(lock: Lock, input: Extract<LockInput, { kind: 'acquire' }>, seen: LockAnswer | undefined): Step<Lock> {
  const { holder, sinceNs } = lock;
  const { owner, ttlNs } = input;
  if (seen?.granted === false) {
    return holder === null ? illegal(() => `${show(owner)} was told that it is held while it was free`) : legal(lock);
  }
  const mine = { owner, ttlNs, expiresNs: earliestExpiry(input.from, ttlNs) };
  if (holder === null) return legal({ holder: mine, sinceNs });
  if (mayFollowExpiry(input, holder.expiresNs))
    return legal({ holder: mine, sinceNs: Math.max(sinceNs, holder.expiresNs) });
  if (seen === undefined) return legal(lock);
  return illegal(() => `it was granted to ${show(owner)} while ${ownerMutex.show(lock)}`);
}

function useLock(
  lock: Lock,
  input: Extract<LockInput, { kind: 'renew' | 'release' }>,
  seen: LockAnswer | undefined,
): Step<Lock> {
  const { holder, sinceNs } = lock;
  const mine = holder !== null && same(holder.owner, input.owner);
  if (seen === undefined || seen.granted) {
    if (mine && input.kind === 'release') return legal({ holder: null, sinceNs });
    if (mine) return legal({ holder: { ...holder, expiresNs: earliestExpiry(input.from, holder.ttlNs) }, sinceNs });
    if (seen === undefined) return legal(lock);
    return illegal(() => `${show(input.owner)} did ${input.kind} it while it was ${ownerMutex.show(lock)}`);
  }
  if (!mine) return legal(lock);
  if (mayFollowExpiry(input, holder.expiresNs))
    return legal({ holder: null, sinceNs: Math.max(sinceNs, holder.expiresNs) });
  return illegal(() => `${show(input.owner)} could not ${input.kind} it although it was ${ownerMutex.show(lock)}`);
}
