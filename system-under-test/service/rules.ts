/**
 * The safety decisions of the state machine, each a named rule, so that a planted bug replaces exactly one (DESIGN 5.3).
 * All are pure; time is no argument of any.
 */
export interface ServiceRules {
  /** What becomes of a call numbered `seq` when `lastSeq` is the latest that the client's session executed. */
  readonly shouldExecute: (lastSeq: number, seq: number) => SessionDecision;
  /** Whether a request that carries `token` may read or write a resource that has seen `maxToken` (fencing). */
  readonly mayTouchResource: (maxToken: number, token: number) => boolean;
  readonly mayRelease: (lease: Lease, owner: string, token: number) => boolean;
  readonly mayRenew: (lease: Lease, owner: string, token: number) => boolean;
  /** Whether an expiry still concerns the lease it was proposed for. */
  readonly mayExpire: (lease: Lease, token: number, renewal: number) => boolean;
  /** Whether the next waiter in the queue may have the lock. */
  readonly mayGrantWaiter: (waiter: { readonly sessionAlive: boolean }) => boolean;
  /** The fencing token of a grant that follows one with `lastToken`. */
  readonly nextToken: (lastToken: number) => number;
}

export type SessionDecision = 'execute' | 'answer-again' | 'stale';

/** A lock that is held. */
export interface Lease {
  readonly owner: string;
  readonly token: number;
  readonly ttlMs: number;
  /** Log index of the grant or of the latest renewal. */
  readonly renewal: number;
}

export const rules: ServiceRules = {
  /**
   * Dissertation 6.3. Gaps are harmless: a number whose attempts all failed definitely is never used again, and with
   * one call open at a time a smaller number can only be a late copy.
   */
  shouldExecute(lastSeq, seq) {
    if (seq === lastSeq) return 'answer-again';
    return seq < lastSeq ? 'stale' : 'execute';
  },

  /** Kleppmann, "How to do distributed locking" (2016); reads too, or a zombie's write slips in between (SYSTEMS 7.1). */
  mayTouchResource: (maxToken, token) => token >= maxToken,

  /** Only the current holder under its current token: a late release must not free the lock of the next holder. */
  mayRelease: (lease, owner, token) => lease.owner === owner && lease.token === token,

  /** As for release: a renewal never revives a lock that was given away. */
  mayRenew: (lease, owner, token) => lease.owner === owner && lease.token === token,

  /** A deposed leader's expiry is void once the holder has renewed elsewhere (etcd issues 15247, 12528). */
  mayExpire: (lease, token, renewal) => lease.token === token && lease.renewal === renewal,

  /** A waiter whose session is gone no longer listens (the lock bug of etcd 3.4.3). */
  mayGrantWaiter: (waiter) => waiter.sessionAlive,

  /** Strictly increasing over all locks, through release, expiry, failover and snapshots. */
  nextToken: (lastToken) => lastToken + 1,
};
