import { startElection } from './election.ts';
import type { Leadership } from './leadership.ts';
import { forfeitLease } from './lease.ts';
import type { Message, NodeId, Now } from './protocol.ts';
import type { Raft } from './raft.ts';
import { isVoter, send } from './roles.ts';

/** A leader on its way out: it takes no proposals, brings the target up to date and orders it to start (3.10). */
export interface Transfer {
  readonly to: NodeId;
  /** Then the leader gives up and resumes, so that a dead target costs an election timeout at most. */
  readonly deadlineMs: number;
  ordered: boolean;
}

/** Ignored by all but a leader, by a leader already handing over, and for a target that cannot vote. */
export function onTransfer(raft: Raft, to: NodeId, now: Now): void {
  const { leadership } = raft;
  if (leadership === null || leadership.transfer !== null || !leadership.peers.has(to)) return;
  const deadlineMs = now.monotonicMs + raft.options.electionTimeoutMinMs;
  leadership.transfer = { to, deadlineMs, ordered: false };
  hurryTransfer(raft, leadership);
}

/** Orders the target to start its election as soon as its log is complete. */
export function hurryTransfer(raft: Raft, leadership: Leadership): void {
  const { transfer } = leadership;
  if (transfer === null || transfer.ordered) return;
  if (leadership.peers.get(transfer.to)!.match !== raft.log.lastIndex) return;
  transfer.ordered = true;
  forfeitLease(raft, leadership.lease);
  send(raft, transfer.to, { kind: 'timeout-now', term: raft.term }, 0);
}

export function tickTransfer(leadership: Leadership, now: Now): void {
  const { transfer } = leadership;
  if (transfer !== null && now.monotonicMs >= transfer.deadlineMs) leadership.transfer = null;
}

/** The leader asks this node to take over; an order of an earlier term is too late. */
export function onTimeoutNow(
  raft: Raft,
  from: NodeId,
  message: Extract<Message, { kind: 'timeout-now' }>,
  now: Now,
): void {
  if (message.term !== raft.term || raft.leader !== from || !isVoter(raft)) return;
  startElection(raft, now, { transfer: true });
}
