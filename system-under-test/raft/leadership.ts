import { assert } from './assert.ts';
import type { Lease } from './lease.ts';
import { appendEntry } from './persistence.ts';
import type { NodeId, Now } from './protocol.ts';
import type { Raft } from './raft.ts';
import type { LeaderReads } from './reads.ts';
import { heartbeatTo, replicateTo } from './replication.ts';
import { becomeFollower } from './roles.ts';
import { beginRound, type Rounds, settleRounds } from './rounds.ts';
import { type Transfer, tickTransfer } from './transfer.ts';

/** What only a leader knows, for the length of one term. */
export interface Leadership {
  readonly peers: ReadonlyMap<NodeId, Peer>;
  readonly rounds: Rounds;
  readonly reads: LeaderReads;
  readonly lease: Lease;
  transfer: Transfer | null;
  heartbeatDueMs: number;
}

/** A leader's view of one other voter. */
export interface Peer {
  readonly id: NodeId;
  /** Known to be durable there and equal to the own log up to here. Never decreases within the term. */
  match: number;
  /** The next entry to send; always above `match`. */
  next: number;
  /** Where the logs agree is not known yet: one request at a time, until one succeeds. */
  probing: boolean;
  /** The probe has been sent; the next heartbeat repeats it. */
  probeSent: boolean;
  /** The newest round of confirmation it has answered. */
  acknowledgedRound: number;
  /** The highest commit index told. */
  commitSent: number;
  heardMs: number;
  snapshotSentMs: number;
}

/** Takes office: appends an entry of its own term at once, so that earlier entries can commit (Raft 8). */
export function startLeadership(raft: Raft, now: Now): void {
  assert(raft.role === 'candidate', () => `${raft.id}: ${raft.role} becomes leader without an election`);
  raft.role = 'leader';
  raft.leader = raft.id;
  raft.campaign = null;
  const peers = new Map<NodeId, Peer>();
  for (const id of raft.log.configuration.voters) if (id !== raft.id) peers.set(id, newPeer(raft, id, now));
  const leadership: Leadership = {
    peers,
    rounds: { latest: 0, unconfirmed: [] },
    reads: { batches: [], waiting: [] },
    lease: { untilMs: Number.NEGATIVE_INFINITY, forfeited: false },
    transfer: null,
    heartbeatDueMs: now.monotonicMs + raft.options.heartbeatMs,
  };
  raft.leadership = leadership;
  appendEntry(raft, { kind: 'noop', index: raft.log.lastIndex + 1, term: raft.term });
  beginRound(raft, leadership, now);
  for (const peer of peers.values()) replicateTo(raft, leadership, peer, now);
  settleRounds(raft, leadership, now);
}

/** Time has passed for a leader. */
export function tickLeadership(raft: Raft, leadership: Leadership, now: Now): void {
  const heardMs = heldByMajority(raft, now.monotonicMs, peerHeardMs);
  if (!raft.rules.mayStayLeader(now.monotonicMs - heardMs, raft.options.electionTimeoutMinMs)) {
    becomeFollower(raft, null, now);
    return;
  }
  tickTransfer(leadership, now);
  if (now.monotonicMs < leadership.heartbeatDueMs) return;
  leadership.heartbeatDueMs = now.monotonicMs + raft.options.heartbeatMs;
  beginRound(raft, leadership, now);
  for (const peer of leadership.peers.values()) heartbeatTo(raft, leadership, peer, now);
  settleRounds(raft, leadership, now);
}

/** The commit index includes all that earlier leaders committed (dissertation 6.4, step 1). */
export function knowsCommit(raft: Raft): boolean {
  return raft.rules.leaderKnowsCommit(raft.log.termAt(raft.commitIndex), raft.term);
}

/** The greatest value that a majority of the voters has reached, the leader itself having reached `own`. */
export function heldByMajority(raft: Raft, own: number, reachedBy: (peer: Peer) => number): number {
  const { peers } = raft.leadership!;
  const { voters } = raft.log.configuration;
  // Insertion into a short descending list: this runs for every acknowledgement.
  const held: number[] = [];
  for (let i = 0; i < voters.length; i += 1) {
    const id = voters[i]!;
    const value = id === raft.id ? own : reachedBy(peers.get(id)!);
    let place = held.length;
    while (place > 0 && held[place - 1]! < value) {
      held[place] = held[place - 1]!;
      place -= 1;
    }
    held[place] = value;
  }
  return held[voters.length >> 1]!;
}

const peerHeardMs = (peer: Peer): number => peer.heardMs;

function newPeer(raft: Raft, id: NodeId, now: Now): Peer {
  return {
    id,
    match: 0,
    next: raft.log.lastIndex + 1,
    probing: true,
    probeSent: false,
    acknowledgedRound: 0,
    commitSent: 0,
    heardMs: now.monotonicMs,
    snapshotSentMs: Number.NEGATIVE_INFINITY,
  };
}
