import { assert } from './assert.ts';
import type { Campaign } from './election.ts';
import type { Checked } from './invariants.ts';
import type { Leadership } from './leadership.ts';
import { leaseIsValid } from './lease.ts';
import { Log } from './log.ts';
import { type Persistence, startPersistence } from './persistence.ts';
import type { Configuration, Effect, NodeId, Now, RaftOptions, Restored, Role, Snapshot } from './protocol.ts';
import type { FollowerReads } from './reads.ts';
import { randomTimeoutMs } from './roles.ts';
import { rules as correctRules, type RaftRules } from './rules.ts';

export interface RaftStart {
  readonly id: NodeId;
  readonly options: RaftOptions;
  /** The correct rules unless a planted bug replaces one. */
  readonly rules?: RaftRules;
  readonly restored: Restored;
  /** In force until a snapshot or an entry of the log says otherwise; the same on all nodes. */
  readonly bootstrap: Configuration;
  /** Uniform in [0, 1); the node's own, so that equal seeds give equal runs. */
  readonly random: () => number;
  /** Never the same for two starts of one node: tells answers to an earlier life of this node from new ones. */
  readonly incarnation: number;
  readonly now: Now;
}

/**
 * One node's consensus state. Owned by its driver, changed by `step` alone; outside of this folder use `step`,
 * `statusOf` and `leaseHolds`.
 */
export interface Raft {
  readonly id: NodeId;
  readonly options: RaftOptions;
  readonly rules: RaftRules;
  readonly random: () => number;
  readonly incarnation: number;

  /** Never decreases. */
  term: number;
  /** Within a term, changes at most once: from null. */
  votedFor: NodeId | null;
  /** The leader of `term`, once known. */
  leader: NodeId | null;
  role: Role;

  readonly log: Log;
  readonly persistence: Persistence;
  /** The log begins after it. */
  snapshot: Snapshot | null;
  /** Never decreases and never passes the end of the log. */
  commitIndex: number;
  /** All up to here has been handed to the state machine; never passes `commitIndex`. */
  appliedIndex: number;

  /** Monotonic time of the next attempt to be elected, or of the current attempt's end. */
  electionDeadlineMs: number;
  /** Monotonic time of the last message from a leader of the then current term, whatever the term is now. */
  heardFromLeaderMs: number;
  /** Present exactly for a pre-candidate or candidate. */
  campaign: Campaign | null;
  /** Present exactly for a leader. */
  leadership: Leadership | null;
  readonly followerReads: FollowerReads;

  /** What the last step left, for the invariants that compare. */
  readonly checked: Checked;
  /** The effects of the step under way. */
  out: Effect[];
}

/** Throws when what was restored is no state that this core can have written. */
export function createRaft(start: RaftStart): Raft {
  const { restored, options, now } = start;
  const rules = start.rules ?? correctRules;
  const { term, votedFor } = restored.hardState;
  const log = new Log(restored.snapshot, start.bootstrap, restored.entries);
  assert(log.configuration.voters.length > 0, () => `${start.id}: a configuration without voters`);
  assert(log.lastTerm <= term, () => `${start.id}: restored ${log.describe()} in term ${term}`);
  const { monotonicMs } = now;
  return {
    id: start.id,
    options,
    rules,
    random: start.random,
    incarnation: start.incarnation,
    term,
    votedFor,
    leader: null,
    role: 'follower',
    log,
    persistence: startPersistence(log.lastIndex),
    snapshot: restored.snapshot,
    commitIndex: log.baseIndex,
    appliedIndex: log.baseIndex,
    electionDeadlineMs: monotonicMs + randomTimeoutMs(options, start.random),
    heardFromLeaderMs: rules.restartedVoterMustWait(term) ? monotonicMs : Number.NEGATIVE_INFINITY,
    campaign: null,
    leadership: null,
    followerReads: { nextId: 1, asking: null, waiting: [] },
    checked: {
      role: 'follower',
      term,
      votedFor,
      leader: null,
      commitIndex: log.baseIndex,
      appliedIndex: log.baseIndex,
      lastIndex: log.lastIndex,
    },
    out: [],
  };
}

/** A node's account of itself, for status pages, drivers and tests. */
export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly term: number;
  readonly votedFor: NodeId | null;
  readonly leader: NodeId | null;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  /** The snapshot covers all up to here; 0 without one. */
  readonly snapshotIndex: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Durable up to here. */
  readonly stableIndex: number;
  readonly voters: readonly NodeId[];
  /** The target of a transfer under way; the leader takes no proposals meanwhile. */
  readonly transferringTo: NodeId | null;
}

export function statusOf(raft: Raft): RaftStatus {
  return {
    id: raft.id,
    role: raft.role,
    term: raft.term,
    votedFor: raft.votedFor,
    leader: raft.leader,
    commitIndex: raft.commitIndex,
    appliedIndex: raft.appliedIndex,
    snapshotIndex: raft.log.baseIndex,
    lastIndex: raft.log.lastIndex,
    lastTerm: raft.log.lastTerm,
    stableIndex: raft.persistence.stableIndex,
    voters: raft.log.configuration.voters,
    transferringTo: raft.leadership?.transfer?.to ?? null,
  };
}

/**
 * Whether this node may answer a read from its own state right now. To be asked after the value was read and right
 * before it is sent, with clocks read after the value (SYSTEMS 2.1).
 */
export function leaseHolds(raft: Raft, now: Now): boolean {
  return raft.leadership !== null && leaseIsValid(raft, raft.leadership, now);
}
