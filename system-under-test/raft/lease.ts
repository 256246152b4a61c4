import { knowsCommit, type Leadership } from './leadership.ts';
import type { Now } from './protocol.ts';
import type { Raft } from './raft.ts';

/**
 * A leader's right to answer reads without asking (dissertation 6.4.1). Safe while every clock's rate error stays
 * within the option's bound, since no voter that acknowledged the round elects another leader before the lease ends:
 *
 * - a voter refuses candidates for a minimum election timeout after it heard from a leader, by its own clock, and it
 *   heard after the round was sent;
 * - a restarted voter waits that long too;
 * - a transfer of leadership, whose target is elected without that wait, ends leases for the rest of the term: the
 *   order to the target may arrive late, after the leader has given the transfer up.
 */
export interface Lease {
  /** On the clock that `leaseClock` names. */
  untilMs: number;
  forfeited: boolean;
}

export function leaseIsValid(raft: Raft, leadership: Leadership, now: Now): boolean {
  const { lease } = leadership;
  return !lease.forfeited && knowsCommit(raft) && raft.rules.leaseClock(now) < lease.untilMs;
}

/** A majority has acknowledged the round that began at `startedMs` on the lease's clock. */
export function extendLease(raft: Raft, lease: Lease, startedMs: number, now: Now): void {
  const { rules, options } = raft;
  lease.untilMs = rules.leaseStart(startedMs, rules.leaseClock(now)) + rules.leaseMs(options);
}

export function forfeitLease(raft: Raft, lease: Lease): void {
  if (!raft.rules.leaseSurvivesTransfer()) lease.forfeited = true;
}
