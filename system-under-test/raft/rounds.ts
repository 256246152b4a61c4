import type { Leadership, Peer } from './leadership.ts';
import { heldByMajority } from './leadership.ts';
import { extendLease } from './lease.ts';
import type { Now } from './protocol.ts';
import type { Raft } from './raft.ts';
import { admitWaitingReads, releaseReads } from './reads.ts';

/**
 * Rounds of confirmation (dissertation 6.4, step 3). Every request of a leader carries the number of the latest round,
 * so an answer with that number was given to something sent after the round began. Numbers are never reused within a
 * term, and answers of other terms do not count.
 */
export interface Rounds {
  latest: number;
  /** Ascending; `startedMs` was read on the lease's clock before the round's first message was sent. */
  readonly unconfirmed: { readonly round: number; readonly startedMs: number }[];
}

/** Opens a round; the caller sends a request to every peer in the same step. Waiting reads become part of it. */
export function beginRound(raft: Raft, leadership: Leadership, now: Now): void {
  const { rounds } = leadership;
  rounds.latest += 1;
  rounds.unconfirmed.push({ round: rounds.latest, startedMs: raft.rules.leaseClock(now) });
  admitWaitingReads(raft, leadership);
}

/** Draws the conclusions from what the peers have acknowledged so far. */
export function settleRounds(raft: Raft, leadership: Leadership, now: Now): void {
  const { rounds } = leadership;
  const acknowledged = heldByMajority(raft, rounds.latest, peerRound);
  let startedMs: number | undefined;
  while (rounds.unconfirmed.length > 0 && raft.rules.confirmsRound(acknowledged, rounds.unconfirmed[0]!.round)) {
    startedMs = rounds.unconfirmed.shift()!.startedMs;
  }
  if (startedMs === undefined) return;
  extendLease(raft, leadership.lease, startedMs, now);
  releaseReads(raft, leadership, acknowledged, now);
}

const peerRound = (peer: Peer): number => peer.acknowledgedRound;
