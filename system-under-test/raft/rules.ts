import type { Entry, HardState, Message, NodeId, Now, RaftOptions, Role } from './protocol.ts';

/** What a voter compares: the end of a log, and who asks. */
export interface Candidate {
  readonly id: NodeId;
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** What a voter knows of itself in the term of the vote. */
export interface Voter {
  readonly votedFor: NodeId | null;
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** Reads the term of an own entry; undefined when there is none, or only a snapshot covers it. */
export type TermAt = (index: number) => number | undefined;

export type WayToRead = 'read-index' | 'lease' | 'local';

/**
 * Every decision on which safety rests, by name. The core asks these and decides nothing of the kind elsewhere, so a
 * planted bug is `{ ...rules, oneOfThem: wrong }` (DESIGN 5.3). All are pure.
 *
 * "Raft" is Ongaro and Ousterhout, USENIX ATC 2014, extended version; "dissertation" is Ongaro, 2014.
 */
export interface RaftRules {
  /** A message of a higher term ends this node's role in its own term (Raft 5.1). */
  mustAdoptTerm(message: Message, ownTerm: number, role: Role): boolean;
  /** One vote per term, for a log at least as up to date, term compared before length (Raft 5.2, 5.4.1). */
  mayGrantVote(candidate: Candidate, voter: Voter): boolean;
  /** Then neither a vote nor a higher term from a candidate is accepted (Raft 6, dissertation 6.4.1, 9.6). */
  leaderSeemsAlive(silenceMs: number, electionTimeoutMinMs: number): boolean;
  /** A voter that was running before may have acknowledged a lease it no longer remembers (dissertation 6.4.1). */
  restartedVoterMustWait(restoredTerm: number): boolean;
  /** The form in which term and vote go to disk (Raft, Figure 2: persistent state). */
  durableHardState(hardState: HardState, lastLogTerm: number): HardState;
  /** A promise leaves once what it promises is durable; `sequence` is 0 when it already is (Raft, Figure 2). */
  promiseWaitsFor(sequence: number): number;
  /** Position of the first entry that is missing here or conflicts; `entries.length` if none (Raft 5.3). */
  firstToReplace(termAt: TermAt, entries: readonly Entry[]): number;
  /** A follower commits no further than this request has verified (Raft, Figure 2, AppendEntries 5). */
  verifiedCommit(own: number, leaders: number, verifiedIndex: number, lastIndex: number): number;
  /** A leader counts replicas only for entries of its own term (Raft 5.4.2, Figure 8). */
  mayCommit(entryTerm: number, currentTerm: number): boolean;
  /** A match is what the acknowledged request covered, and never shrinks (Raft 5.3). */
  matchAfterSuccess(match: number, acknowledged: number, lastIndex: number): number;
  /** How far a leader counts its own log: what its own disk holds (dissertation 10.2.1). */
  ownMatch(stableIndex: number, lastIndex: number): number;
  /**
   * A leader that hears from no majority for an election timeout gives up (dissertation 6.2). It waits as long as the
   * most patient follower, since giving up early costs an election and leases do not depend on it.
   */
  mayStayLeader(silenceOfMajorityMs: number, electionTimeoutMinMs: number): boolean;
  /** Where a linearizable read gets its right to be answered (dissertation 6.4). */
  howToRead(role: Role, options: RaftOptions): WayToRead;
  /** Before its first commit a leader may not know what earlier leaders committed (dissertation 6.4, step 1). */
  leaderKnowsCommit(commitTerm: number | undefined, currentTerm: number): boolean;
  /** Whether a read may use a round of heartbeats that was sent before the read arrived (dissertation 6.4, step 3). */
  readJoinsRoundInFlight(): boolean;
  /** A round is confirmed by answers to it or to a later one (dissertation 6.4, step 3). */
  confirmsRound(acknowledgedRound: number, round: number): boolean;
  /** The reading that times a lease: one that never jumps (dissertation 6.4.1). */
  leaseClock(now: Now): number;
  /** A lease counts from just before its round was sent (dissertation 6.4.1). */
  leaseStart(roundStartedMs: number, acknowledgedMs: number): number;
  /**
   * How long a lease lasts. The dissertation divides by the bound on relative drift; with every clock within
   * `1 +/- rho` of true time, two clocks differ by at most the factor `(1 + rho) / (1 - rho)` (6.4.1).
   */
  leaseMs(options: RaftOptions): number;
  /** The target of a transfer is elected without waiting for the lease to end (dissertation 6.4.1). */
  leaseSurvivesTransfer(): boolean;
  /** An older snapshot would roll the state back (Raft 7). */
  mayInstallSnapshot(snapshotIndex: number, commitIndex: number): boolean;
  /** What follows the snapshot stays only if the log contains its last entry, by index and term (Raft 7). */
  keepsLogAfterSnapshot(ownTermAtIndex: number | undefined, snapshotTerm: number): boolean;
}

/** The correct rules. */
export const rules: RaftRules = {
  mustAdoptTerm: (message, ownTerm) => message.term > ownTerm,

  mayGrantVote(candidate, voter) {
    if (voter.votedFor !== null && voter.votedFor !== candidate.id) return false;
    if (candidate.lastTerm !== voter.lastTerm) return candidate.lastTerm > voter.lastTerm;
    return candidate.lastIndex >= voter.lastIndex;
  },

  leaderSeemsAlive: (silenceMs, electionTimeoutMinMs) => silenceMs < electionTimeoutMinMs,

  // Whoever acknowledged a leader had made that leader's term durable first, so term 0 has nothing to forget.
  restartedVoterMustWait: (restoredTerm) => restoredTerm > 0,

  durableHardState: (hardState) => hardState,

  promiseWaitsFor: (sequence) => sequence,

  firstToReplace(termAt, entries) {
    let position = 0;
    while (position < entries.length && termAt(entries[position]!.index) === entries[position]!.term) position += 1;
    return position;
  },

  verifiedCommit: (own, leaders, verifiedIndex) => Math.max(own, Math.min(leaders, verifiedIndex)),

  mayCommit: (entryTerm, currentTerm) => entryTerm === currentTerm,

  matchAfterSuccess: (match, acknowledged) => Math.max(match, acknowledged),

  ownMatch: (stableIndex) => stableIndex,

  mayStayLeader: (silenceOfMajorityMs, electionTimeoutMinMs) => silenceOfMajorityMs <= 2 * electionTimeoutMinMs,

  howToRead: (role, options) => (role === 'leader' ? options.reads : 'read-index'),

  leaderKnowsCommit: (commitTerm, currentTerm) => commitTerm === currentTerm,

  readJoinsRoundInFlight: () => false,

  confirmsRound: (acknowledgedRound, round) => acknowledgedRound >= round,

  leaseClock: (now) => now.monotonicMs,

  leaseStart: (roundStartedMs) => roundStartedMs,

  leaseMs: (options) =>
    (options.electionTimeoutMinMs * (1 - options.clockRateErrorMax)) / (1 + options.clockRateErrorMax),

  leaseSurvivesTransfer: () => false,

  mayInstallSnapshot: (snapshotIndex, commitIndex) => snapshotIndex > commitIndex,

  keepsLogAfterSnapshot: (ownTermAtIndex, snapshotTerm) => ownTermAtIndex === snapshotTerm,
};
