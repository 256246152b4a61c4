import type { Value } from '../history/operation.ts';
import { operation, type Recorded, refused, type Understanding } from './model.ts';
import { field, show } from './value.ts';

/**
 * Vocabulary of locks with owners, which may be leases. `acquire` (value `{"owner": "c3", "ttlMs": 1000}`), `renew`
 * and `release` (value `{"owner": "c3", "token": 7}`). Without `ttlMs` a grant lasts until its release.
 */
export type LockInput =
  | {
      readonly kind: 'acquire';
      readonly owner: Value;
      readonly ttlNs: number;
      readonly from: number;
      readonly until: number;
    }
  | {
      readonly kind: 'renew' | 'release';
      readonly owner: Value;
      readonly token: number | undefined;
      readonly from: number;
      readonly until: number;
    };

/** What came back: granted (with the fencing token, if the system gives one), true, or false. */
export interface LockAnswer {
  readonly granted: boolean;
  readonly token: number | undefined;
}

/**
 * How early a lease may end before its time to live has passed on the history's clock: the rate error allowed between
 * that clock and the system's.
 */
export const leaseMargin = 0.1;

/**
 * The earliest moment at which a lease taken or renewed by this operation may have ended: it cannot have begun before
 * the operation was invoked.
 *
 * Expiry is an event of its own that nobody records, so a model lets it happen as late as possible: at the first
 * operation whose answer needs it. That is complete, because no operation between a real expiry and the first one that
 * notices it could tell the difference. From then on the state remembers the moment (`sinceNs`), because whatever
 * takes effect later in the order must not have returned before it: else an acquire of unknown outcome, which never
 * returns, could take over any lease at once.
 */
export const earliestExpiry = (invokedNs: number, ttlNs: number): number =>
  ttlNs === Number.POSITIVE_INFINITY ? ttlNs : invokedNs + ttlNs * (1 - leaseMargin);

/** May this operation have taken effect after the lease had expired? What never expires does not do so at the end of time. */
export const mayFollowExpiry = (input: LockInput, expiresNs: number): boolean =>
  expiresNs !== Number.POSITIVE_INFINITY && expiresNs <= input.until;

export function understandLock(recorded: Recorded, model: string): Understanding<LockInput, LockAnswer> {
  const { f, input, invokedNs: from, returnedNs: until } = recorded;
  const owner = field(input, 'owner');
  switch (f) {
    case 'acquire': {
      if (owner === undefined) return refused(`the model ${model} needs an acquire to name its owner: {"owner": ...}`);
      const ttlMs = field(input, 'ttlMs') ?? Number.POSITIVE_INFINITY;
      if (typeof ttlMs !== 'number') return refused(`ttlMs is a number of milliseconds, not ${show(ttlMs)}`);
      return answered(recorded, { kind: 'acquire', owner, ttlNs: ttlMs * 1e6, from, until });
    }
    case 'renew':
    case 'release': {
      if (owner === undefined) return refused(`the model ${model} needs a ${f} to name its owner: {"owner": ...}`);
      const token = field(input, 'token') ?? undefined;
      if (token !== undefined && typeof token !== 'number') return refused(`a token is a number, not ${show(token)}`);
      return answered(recorded, { kind: f, owner, token, from, until });
    }
    default:
      return refused(`the model ${model} knows acquire, renew and release`);
  }
}

function answered({ f, outcome, result }: Recorded, input: LockInput): Understanding<LockInput, LockAnswer> {
  if (outcome !== 'ok') return operation(input, undefined);
  if (result === undefined || result === true) return operation(input, { granted: true, token: undefined });
  if (result === false) return operation(input, { granted: false, token: undefined });
  if (f === 'acquire' && typeof result === 'number') return operation(input, { granted: true, token: result });
  return refused(`the result of ${f} is ${f === 'acquire' ? 'a token, ' : ''}true or false, not ${show(result)}`);
}
