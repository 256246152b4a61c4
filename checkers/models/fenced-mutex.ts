import type { Value } from '../history/operation.ts';
import { earliestExpiry, type LockAnswer, type LockInput, mayFollowExpiry, understandLock } from './lease.ts';
import { illegal, legal, type Model, refused, type Step, unreachable } from './model.ts';
import { keyOf, same, show } from './value.ts';

interface Grant {
  readonly owner: Value;
  /** `undefined` while only an acquire of unknown outcome, whose token nobody saw, can have made the grant. */
  readonly token: number | undefined;
  /** While the token is not known: those it cannot be, because their use was denied; ascending. */
  readonly denied: readonly number[];
  readonly ttlNs: number;
  readonly expiresNs: number;
}

interface Fenced {
  readonly grant: Grant | null;
  /** The highest token that was seen; it survives release and expiry. */
  readonly last: number;
  /** The lock cannot have come into this state earlier, because a lease had to expire first. */
  readonly sinceNs: number;
}

/**
 * An `owner-mutex` whose every grant carries a fencing token (the `result` of the acquire) higher than all before it;
 * renew and release must name owner and token of the current grant. Tokens may leave gaps. The token of a grant that
 * nobody saw lies somewhere above `last`.
 */
export const fencedMutex: Model<Fenced, LockInput, LockAnswer> = {
  name: 'fenced-mutex',
  summary: 'owner-mutex whose grants carry rising fencing tokens (acquire ok result = token); one lock per key',
  partition: 'key',
  timed: true,
  initial: { grant: null, last: Number.NEGATIVE_INFINITY, sinceNs: 0 },
  startingFrom: (value) =>
    typeof value === 'number'
      ? { kind: 'state', state: { grant: null, last: value, sinceNs: 0 } }
      : refused('a fenced-mutex starts from the highest token given out so far, a number'),
  understand(recorded) {
    const understood = understandLock(recorded, 'fenced-mutex');
    if (understood.kind === 'refused') return understood;
    const { input, seen } = understood;
    if (input.kind === 'acquire' && seen?.granted && seen.token === undefined) {
      return refused('the model fenced-mutex needs the token as the result of an acquire that was granted');
    }
    if (input.kind !== 'acquire' && input.token === undefined) {
      return refused(`the model fenced-mutex needs a ${input.kind} to name its token: {"owner": ..., "token": ...}`);
    }
    return understood;
  },
  step(state, input, seen) {
    if (input.until < state.sinceNs) return illegal(() => `it returned before the lease before could have expired`);
    switch (input.kind) {
      case 'acquire':
        return acquire(state, input, seen);
      case 'renew':
      case 'release':
        return useLock(state, input, seen);
      default:
        return unreachable(input);
    }
  },
  key: ({ grant, last, sinceNs }) =>
    grant === null
      ? `${last} ${sinceNs}`
      : `${last} ${sinceNs} ${grant.token} ${grant.denied} ${grant.expiresNs} ${grant.ttlNs} ${JSON.stringify(keyOf(grant.owner))}`,
  show: ({ grant, last }) =>
    grant === null
      ? `free, highest token ${last}`
      : `held by ${show(grant.owner)} with ${grant.token === undefined ? `a token above ${last}` : `token ${grant.token}`}`,
  observes: (input, seen) => input.kind === 'acquire' && seen?.granted === false,
};

function acquire(
  state: Fenced,
  input: Extract<LockInput, { kind: 'acquire' }>,
  seen: LockAnswer | undefined,
): Step<Fenced> {
  const { grant, last } = state;
  const { owner, ttlNs } = input;
  if (seen?.granted === false) {
    return grant === null ? illegal(() => `${show(owner)} was told that it is held while it was free`) : legal(state);
  }
  if (grant !== null && !mayFollowExpiry(input, grant.expiresNs)) {
    if (seen === undefined) return legal(state);
    return illegal(() => `it was granted to ${show(owner)} while ${fencedMutex.show(state)}`);
  }
  const sinceNs = Math.max(state.sinceNs, grant?.expiresNs ?? 0);
  const token = seen?.token;
  if (token !== undefined && token <= last) {
    return illegal(() => `it was granted with token ${token} after token ${last} had been given out`);
  }
  const mine = { owner, token, denied: [], ttlNs, expiresNs: earliestExpiry(input.from, ttlNs) };
  return legal({ grant: mine, last: token ?? last, sinceNs });
}

function useLock(
  state: Fenced,
  input: Extract<LockInput, { kind: 'renew' | 'release' }>,
  seen: LockAnswer | undefined,
): Step<Fenced> {
  const { grant, last, sinceNs } = state;
  const token = input.token!; // `understand` refuses one without it
  const mine = grant !== null && same(grant.owner, input.owner);
  const open = mine && grant.token === undefined && token > last && !grant.denied.includes(token);
  if (seen === undefined || seen.granted) {
    if (open || (mine && grant.token === token)) {
      if (input.kind === 'release') return legal({ grant: null, last: token, sinceNs });
      const expiresNs = earliestExpiry(input.from, grant.ttlNs);
      return legal({ grant: { ...grant, token, denied: [], expiresNs }, last: token, sinceNs });
    }
    if (seen === undefined) return legal(state);
    return illegal(
      () => `${show(input.owner)} did ${input.kind} it with token ${token} while ${fencedMutex.show(state)}`,
    );
  }
  if (open) {
    // Or it was the token, of a lease that had expired: whatever that explains, this explains too.
    const denied = [...grant.denied, token].sort((a, b) => a - b);
    return legal({ grant: { ...grant, denied }, last, sinceNs });
  }
  if (!mine || grant.token !== token) return legal(state);
  if (mayFollowExpiry(input, grant.expiresNs)) {
    return legal({ grant: null, last, sinceNs: Math.max(sinceNs, grant.expiresNs) });
  }
  return illegal(() => `${show(input.owner)} could not ${input.kind} it although it was ${fencedMutex.show(state)}`);
}
