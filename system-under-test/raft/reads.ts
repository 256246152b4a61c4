import { knowsCommit, type Leadership, type Peer } from './leadership.ts';
import { leaseIsValid } from './lease.ts';
import { termPromise } from './persistence.ts';
import type { Message, NodeId, Now } from './protocol.ts';
import type { Raft } from './raft.ts';
import { sendEmpty } from './replication.ts';
import { send } from './roles.ts';
import { beginRound, settleRounds } from './rounds.ts';

/** A read that waits for a leader's confirmation: a client's of this node, or a question from a follower. */
type PendingRead =
  | { readonly kind: 'own'; readonly id: number }
  | { readonly kind: 'asked'; readonly from: NodeId; readonly id: number; readonly incarnation: number };

/** ReadIndex at the leader (dissertation 6.4). */
export interface LeaderReads {
  /** Each waits for its round and will be served at its index; rounds and indexes ascend. */
  readonly batches: { readonly round: number; readonly index: number; readonly reads: PendingRead[] }[];
  /** Came while a round was under way or before the leader knew the commit index; the next round takes them all. */
  waiting: PendingRead[];
}

/** Reads of a node that must ask the leader; one question is open at a time and speaks for many reads. */
export interface FollowerReads {
  /** Unique within the incarnation. */
  nextId: number;
  asking: { readonly id: number; readonly askedAtMs: number; readonly reads: readonly FollowerRead[] } | null;
  /** Came after the question was sent, whose answer may be too old for them. */
  waiting: FollowerRead[];
}

interface FollowerRead {
  readonly id: number;
  readonly since: number;
}

/** A client of this node wants to read. */
export function onRead(raft: Raft, id: number, now: Now): void {
  if (raft.leadership !== null) {
    readAtLeader(raft, raft.leadership, { kind: 'own', id }, now);
  } else if (raft.rules.howToRead(raft.role, raft.options) === 'local') {
    raft.out.push({ kind: 'read-ready', id, index: raft.commitIndex, lease: false });
  } else if (raft.leader === null) {
    raft.out.push({ kind: 'read-refused', id, leader: null });
  } else {
    raft.followerReads.waiting.push({ id, since: now.monotonicMs });
    if (raft.followerReads.asking === null) askLeader(raft, raft.leader, now);
  }
}

/** A follower wants to read. */
export function onReadIndex(
  raft: Raft,
  from: NodeId,
  message: Extract<Message, { kind: 'read-index' }>,
  now: Now,
): void {
  const read: PendingRead = { kind: 'asked', from, id: message.id, incarnation: message.incarnation };
  if (raft.leadership !== null) readAtLeader(raft, raft.leadership, read, now);
  else answer(raft, read, null);
}

export function onReadIndexReply(raft: Raft, message: Extract<Message, { kind: 'read-index-reply' }>, now: Now): void {
  const { followerReads } = raft;
  const { asking } = followerReads;
  if (asking === null || message.id !== asking.id || message.incarnation !== raft.incarnation) return;
  followerReads.asking = null;
  for (const { id } of asking.reads) {
    if (message.index === null) raft.out.push({ kind: 'read-refused', id, leader: raft.leader });
    else raft.out.push({ kind: 'read-ready', id, index: message.index, lease: false });
  }
  if (followerReads.waiting.length > 0 && raft.leader !== null) askLeader(raft, raft.leader, now);
}

/** Questions and answers may be lost: asks again, and refuses reads that no answer came for in two timeouts. */
export function tickFollowerReads(raft: Raft, now: Now): void {
  const { followerReads, options } = raft;
  const { asking } = followerReads;
  if (asking === null || raft.leader === null) return;
  if (now.monotonicMs - asking.askedAtMs < 2 * options.heartbeatMs) return;
  const hopeless = (read: FollowerRead): boolean => now.monotonicMs - read.since >= 2 * options.electionTimeoutMinMs;
  const reads = [...asking.reads, ...followerReads.waiting];
  for (const read of reads.filter(hopeless)) {
    raft.out.push({ kind: 'read-refused', id: read.id, leader: raft.leader });
  }
  followerReads.asking = null;
  followerReads.waiting = reads.filter((read) => !hopeless(read));
  if (followerReads.waiting.length > 0) askLeader(raft, raft.leader, now);
}

/** The leader that was asked leads no more, as far as this node knows. */
export function abandonFollowerReads(raft: Raft): void {
  const { followerReads } = raft;
  if (followerReads.asking === null && followerReads.waiting.length === 0) return;
  for (const { id } of [...(followerReads.asking?.reads ?? []), ...followerReads.waiting]) {
    raft.out.push({ kind: 'read-refused', id, leader: raft.leader });
  }
  followerReads.asking = null;
  followerReads.waiting = [];
}

/** This node has ceased to lead; what no round has confirmed must not be answered. */
export function abandonLeaderReads(raft: Raft, { reads }: Leadership): void {
  for (const batch of reads.batches) for (const read of batch.reads) answer(raft, read, null);
  for (const read of reads.waiting) answer(raft, read, null);
}

/** Called as a round begins: the index is taken after these reads arrived, and the round is sent after that. */
export function admitWaitingReads(raft: Raft, { reads, rounds }: Leadership): void {
  if (reads.waiting.length === 0 || !knowsCommit(raft)) return;
  reads.batches.push({ round: rounds.latest, index: raft.commitIndex, reads: reads.waiting });
  reads.waiting = [];
}

/** A majority has answered a request of round `acknowledged` or a later one. */
export function releaseReads(raft: Raft, leadership: Leadership, acknowledged: number, now: Now): void {
  const { batches } = leadership.reads;
  while (batches.length > 0 && raft.rules.confirmsRound(acknowledged, batches[0]!.round)) {
    const { index, reads } = batches.shift()!;
    for (const read of reads) answer(raft, read, index);
  }
  startWaitingReads(raft, leadership, now);
}

/** Opens a round for the reads that wait, unless a round under way will do so when it ends. */
export function startWaitingReads(raft: Raft, leadership: Leadership, now: Now): void {
  const { reads } = leadership;
  if (reads.waiting.length === 0 || reads.batches.length > 0 || !knowsCommit(raft)) return;
  beginRound(raft, leadership, now);
  for (const peer of leadership.peers.values()) sendEmpty(raft, leadership, peer);
  settleRounds(raft, leadership, now);
}

function readAtLeader(raft: Raft, leadership: Leadership, read: PendingRead, now: Now): void {
  const way = raft.rules.howToRead('leader', raft.options);
  const { batches, waiting } = leadership.reads;
  if (way === 'local') {
    answerAtOnce(raft, leadership, read, { lease: false });
  } else if (way === 'lease' && leaseIsValid(raft, leadership, now)) {
    answerAtOnce(raft, leadership, read, { lease: true });
  } else if (batches.length > 0 && raft.rules.readJoinsRoundInFlight()) {
    batches[batches.length - 1]!.reads.push(read);
  } else {
    waiting.push(read);
    startWaitingReads(raft, leadership, now);
  }
}

/** Without a round, so a follower that asked has not been told of the commit index along the way. */
function answerAtOnce(
  raft: Raft,
  leadership: Leadership,
  read: PendingRead,
  { lease }: { readonly lease: boolean },
): void {
  if (read.kind === 'own') {
    raft.out.push({ kind: 'read-ready', id: read.id, index: raft.commitIndex, lease });
    return;
  }
  const peer: Peer | undefined = leadership.peers.get(read.from);
  if (peer !== undefined && peer.commitSent < raft.commitIndex) sendEmpty(raft, leadership, peer);
  answer(raft, read, raft.commitIndex);
}

function answer(raft: Raft, read: PendingRead, index: number | null): void {
  if (read.kind === 'asked') {
    const { id, incarnation } = read;
    send(raft, read.from, { kind: 'read-index-reply', term: raft.term, id, incarnation, index }, termPromise(raft));
  } else if (index === null) {
    raft.out.push({ kind: 'read-refused', id: read.id, leader: raft.leader });
  } else {
    raft.out.push({ kind: 'read-ready', id: read.id, index, lease: false });
  }
}

function askLeader(raft: Raft, leader: NodeId, now: Now): void {
  const { followerReads } = raft;
  const id = followerReads.nextId;
  followerReads.nextId += 1;
  followerReads.asking = { id, askedAtMs: now.monotonicMs, reads: followerReads.waiting };
  followerReads.waiting = [];
  const message: Message = { kind: 'read-index', term: raft.term, id, incarnation: raft.incarnation };
  send(raft, leader, message, termPromise(raft));
}
