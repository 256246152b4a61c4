import type { Value } from '../history/operation.ts';
import { earliestExpiry, type LockAnswer, type LockInput, understandLock } from './lease.ts';
import { illegal, legal, type Model, type Step, unreachable } from './model.ts';
import { keyOf, same, show } from './value.ts';

/** `null` when free; otherwise who holds it, for how long a renewal extends it, and when it may have expired. */
type Held = { readonly owner: Value; readonly ttlNs: number; readonly expiresNs: number } | null;

/**
 * A lock that only its owner can release, and that may be a lease (see `lease.ts`). It is not reentrant: an owner who
 * asks again is told that the lock is held. Tokens are not looked at: `fenced-mutex` does that.
 */
export const ownerMutex: Model<Held, LockInput, LockAnswer> = {
  name: 'owner-mutex',
  summary: 'acquire {owner, ttlMs?}, renew, release by the owner only; leases may expire; one lock per key',
  partition: 'key',
  timed: true,
  initial: null,
  startingFrom: (value) =>
    value === null
      ? { kind: 'state', state: null }
      : {
          kind: 'state',
          state: { owner: value, ttlNs: Number.POSITIVE_INFINITY, expiresNs: Number.POSITIVE_INFINITY },
        },
  understand: (recorded) => understandLock(recorded, 'owner-mutex'),
  step(held, input, seen) {
    switch (input.kind) {
      case 'acquire':
        return acquire(held, input, seen);
      case 'renew':
      case 'release':
        return useLock(held, input, seen);
      default:
        return unreachable(input);
    }
  },
  key: (held) => (held === null ? null : `${held.expiresNs} ${held.ttlNs} ${JSON.stringify(keyOf(held.owner))}`),
  show: (held) => (held === null ? 'free' : `held by ${show(held.owner)}`),
  observes: (input, seen) => input.kind === 'acquire' && seen?.granted === false,
};

function acquire(held: Held, input: Extract<LockInput, { kind: 'acquire' }>, seen: LockAnswer | undefined): Step<Held> {
  const { owner, ttlNs } = input;
  const available = held === null || held.expiresNs <= input.until;
  const mine: Held = { owner, ttlNs, expiresNs: earliestExpiry(input.from, ttlNs) };
  if (seen === undefined) return legal(available ? mine : held);
  if (seen.granted) {
    return available ? legal(mine) : illegal(() => `it was granted to ${show(owner)} while ${ownerMutex.show(held)}`);
  }
  return held === null ? illegal(() => `${show(owner)} was told that it is held while it was free`) : legal(held);
}

function useLock(
  held: Held,
  input: Extract<LockInput, { kind: 'renew' | 'release' }>,
  seen: LockAnswer | undefined,
): Step<Held> {
  const mine = held !== null && same(held.owner, input.owner);
  if (seen === undefined || seen.granted) {
    if (mine)
      return legal(input.kind === 'release' ? null : { ...held, expiresNs: earliestExpiry(input.from, held.ttlNs) });
    if (seen === undefined) return legal(held);
    return illegal(() => `${show(input.owner)} did ${input.kind} it while it was ${ownerMutex.show(held)}`);
  }
  if (!mine) return legal(held);
  if (held.expiresNs <= input.until) return legal(null);
  return illegal(() => `${show(input.owner)} could not ${input.kind} it although it was ${ownerMutex.show(held)}`);
}
