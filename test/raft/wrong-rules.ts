import type { RaftRules } from '../../system-under-test/raft/rules.ts';
import { rules } from '../../system-under-test/raft/rules.ts';

/**
 * Each replaces one rule by a wrong one, mostly one that some real system once had (SYSTEMS 1d, 2.1, 2.3). The
 * adversary must expose every one of them, or its silence about the correct rules would mean little.
 */
export const wrongRules = {
  'leader-no-step-down': {
    mustAdoptTerm: (message, ownTerm, role) =>
      message.term > ownTerm && !(role === 'leader' && message.kind === 'append-reply'),
  },
  'vote-ignores-log': { mayGrantVote: (candidate, { votedFor }) => votedFor === null || votedFor === candidate.id },
  'vote-compares-length-first': {
    mayGrantVote: (candidate, voter) =>
      (voter.votedFor === null || voter.votedFor === candidate.id) && candidate.lastIndex >= voter.lastIndex,
  },
  'vote-not-persisted': { durableHardState: ({ term }) => ({ term, votedFor: null }) },
  'term-not-persisted': { durableHardState: (_, lastLogTerm) => ({ term: lastLogTerm, votedFor: null }) },
  'ack-before-fsync': { promiseWaitsFor: () => 0 },
  'truncate-on-every-append': { firstToReplace: () => 0 },
  'commit-past-verified': {
    verifiedCommit: (own, leaders, _, lastIndex) => Math.max(own, Math.min(leaders, lastIndex)),
  },
  'commit-prior-term': { mayCommit: () => true },
  'match-from-log-length': { matchAfterSuccess: (_match, _acknowledged, lastIndex) => lastIndex },
  'leader-counts-unsynced-self': { ownMatch: (_, lastIndex) => lastIndex },
  'stale-follower-read': { howToRead: () => 'local' },
  'leader-local-read': { howToRead: (role) => (role === 'leader' ? 'local' : 'read-index') },
  'readindex-before-term-commit': { leaderKnowsCommit: () => true },
  'readindex-batch-shares-index': { readJoinsRoundInFlight: () => true },
  'readindex-ack-reuse': { confirmsRound: (acknowledged, round) => acknowledged >= round - 1 },
  'lease-wall-clock': { leaseClock: (now) => now.wallMs },
  'lease-from-ack': { leaseStart: (_, acknowledgedMs) => acknowledgedMs },
  'lease-ignores-drift': { leaseMs: ({ electionTimeoutMinMs }) => electionTimeoutMinMs },
  'lease-voter-disloyal': { leaderSeemsAlive: () => false },
  'lease-voter-amnesia': { restartedVoterMustWait: () => false },
  'transfer-keeps-lease': { leaseSurvivesTransfer: () => true },
  'snapshot-rolls-back': { mayInstallSnapshot: () => true },
  'snapshot-truncates-suffix': { keepsLogAfterSnapshot: () => false },
  'snapshot-keeps-conflict': { keepsLogAfterSnapshot: (ownTerm) => ownTerm !== undefined },
} satisfies Record<string, Partial<RaftRules>>;

export type WrongRule = keyof typeof wrongRules;

export const withWrong = (name: WrongRule): RaftRules => ({ ...rules, ...wrongRules[name] });
