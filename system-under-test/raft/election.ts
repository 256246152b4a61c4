import { assert } from './assert.ts';
import { startLeadership } from './leadership.ts';
import { termPromise } from './persistence.ts';
import type { Message, NodeId, Now } from './protocol.ts';
import type { Raft } from './raft.ts';
import { adoptTerm, enterTerm, followLeader, isVoter, resetElectionDeadline, send } from './roles.ts';

/** An attempt to be elected, or to learn whether an election could be won. */
export interface Campaign {
  /** Who has granted; the own vote too, once it is durable. */
  readonly votes: Set<NodeId>;
  /** The persist effect with the own vote; 0 while only asking (nothing is promised to oneself). */
  readonly ownVoteSequence: number;
  /** Ordered by the leader, so that voters need not wait for its silence (dissertation 3.10). */
  readonly transfer: boolean;
  /** Requests may be lost: whoever has not granted is asked again. */
  askAgainAtMs: number;
}

/** Time has passed for a node that does not lead. */
export function tickElection(raft: Raft, now: Now): void {
  const { campaign } = raft;
  if (now.monotonicMs >= raft.electionDeadlineMs) {
    if (!isVoter(raft) || waitsForOwnVote(raft)) resetElectionDeadline(raft, now);
    else askForPreVotes(raft, now);
  } else if (campaign !== null && now.monotonicMs >= campaign.askAgainAtMs) {
    askForVotes(raft, campaign, now);
  }
}

/**
 * Asks whether an election in the next term could be won, without entering that term: a node that cannot hear the
 * leader must not depose it (dissertation 9.6).
 */
function askForPreVotes(raft: Raft, now: Now): void {
  assert(raft.role !== 'leader', () => `${raft.id}: a leader asks for pre-votes`);
  raft.role = 'pre-candidate';
  followLeader(raft, null);
  resetElectionDeadline(raft, now);
  raft.campaign = { votes: new Set([raft.id]), ownVoteSequence: 0, transfer: false, askAgainAtMs: 0 };
  askForVotes(raft, raft.campaign, now);
  countVotes(raft, now);
}

/** Enters the next term and votes for itself (Raft 5.2). */
export function startElection(raft: Raft, now: Now, { transfer }: { readonly transfer: boolean }): void {
  assert(raft.role !== 'leader', () => `${raft.id}: a leader becomes a candidate`);
  enterTerm(raft, raft.term + 1, raft.id);
  raft.role = 'candidate';
  followLeader(raft, null);
  resetElectionDeadline(raft, now);
  raft.campaign = { votes: new Set(), ownVoteSequence: raft.persistence.issued + 1, transfer, askAgainAtMs: 0 };
  askForVotes(raft, raft.campaign, now);
}

/** The disk has caught up: the own vote may count now. */
export function countOwnVote(raft: Raft, now: Now): void {
  const { campaign } = raft;
  if (campaign === null || campaign.votes.has(raft.id) || waitsForOwnVote(raft)) return;
  campaign.votes.add(raft.id);
  resetElectionDeadline(raft, now);
  countVotes(raft, now);
}

export function onRequestVote(
  raft: Raft,
  from: NodeId,
  message: Extract<Message, { kind: 'request-vote' }>,
  now: Now,
): void {
  if (!message.transfer && leaderSeemsAlive(raft, now)) {
    answer(raft, from, message, false);
    return;
  }
  const candidate = { id: from, lastIndex: message.lastIndex, lastTerm: message.lastTerm };
  const { lastIndex, lastTerm } = raft.log;
  if (message.pre) {
    const voter = { votedFor: null, lastIndex, lastTerm };
    answer(raft, from, message, message.term > raft.term && raft.rules.mayGrantVote(candidate, voter));
    return;
  }
  if (raft.rules.mustAdoptTerm(message, raft.term, raft.role)) adoptTerm(raft, message.term, now);
  const voter = { votedFor: raft.votedFor, lastIndex, lastTerm };
  const granted = message.term === raft.term && raft.rules.mayGrantVote(candidate, voter);
  if (granted) {
    if (raft.votedFor !== from) enterTerm(raft, raft.term, from);
    resetElectionDeadline(raft, now);
  }
  answer(raft, from, message, granted);
}

export function onVote(raft: Raft, from: NodeId, message: Extract<Message, { kind: 'vote' }>, now: Now): void {
  const { campaign } = raft;
  if (campaign === null || !message.granted) return;
  // A pre-vote speaks of the term that the election would have.
  const expected = raft.role === 'pre-candidate' ? raft.term + 1 : raft.term;
  if (message.pre !== (raft.role === 'pre-candidate') || message.term !== expected) return;
  campaign.votes.add(from);
  countVotes(raft, now);
}

function askForVotes(raft: Raft, campaign: Campaign, now: Now): void {
  const pre = raft.role === 'pre-candidate';
  const message: Message = {
    kind: 'request-vote',
    term: pre ? raft.term + 1 : raft.term,
    lastIndex: raft.log.lastIndex,
    lastTerm: raft.log.lastTerm,
    pre,
    transfer: campaign.transfer,
  };
  campaign.askAgainAtMs = now.monotonicMs + raft.options.heartbeatMs;
  for (const voter of raft.log.configuration.voters) {
    if (voter !== raft.id && !campaign.votes.has(voter)) send(raft, voter, message, termPromise(raft));
  }
}

function countVotes(raft: Raft, now: Now): void {
  const { votes } = raft.campaign!;
  const { voters } = raft.log.configuration;
  const granted = voters.reduce((count, voter) => count + (votes.has(voter) ? 1 : 0), 0);
  if (granted * 2 <= voters.length) return;
  if (raft.role === 'pre-candidate') startElection(raft, now, { transfer: false });
  else startLeadership(raft, now);
}

function answer(raft: Raft, to: NodeId, request: Extract<Message, { kind: 'request-vote' }>, granted: boolean): void {
  const term = granted ? request.term : raft.term;
  send(raft, to, { kind: 'vote', term, granted, pre: request.pre }, termPromise(raft));
}

/** A leader hears itself; it is check-quorum that ends a leader without followers. */
function leaderSeemsAlive(raft: Raft, now: Now): boolean {
  if (raft.role === 'leader') return true;
  const silenceMs = now.monotonicMs - raft.heardFromLeaderMs;
  return raft.rules.leaderSeemsAlive(silenceMs, raft.options.electionTimeoutMinMs);
}

/** A new attempt before the vote is durable would only make the slow disk slower. */
function waitsForOwnVote(raft: Raft): boolean {
  return raft.role === 'candidate' && raft.persistence.persisted < raft.campaign!.ownVoteSequence;
}
