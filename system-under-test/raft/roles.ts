import type { Message, NodeId, Now, RaftOptions } from './protocol.ts';
import type { Raft } from './raft.ts';
import { abandonFollowerReads, abandonLeaderReads } from './reads.ts';

/** Moves to a higher term, in which nothing is known yet: no vote, no leader (Raft 5.1). */
export function adoptTerm(raft: Raft, term: number, now: Now): void {
  enterTerm(raft, term, null);
  becomeFollower(raft, null, now);
}

/** Term and vote change together and are durable before anything is said in the new term (Raft, Figure 2). */
export function enterTerm(raft: Raft, term: number, votedFor: NodeId | null): void {
  raft.term = term;
  raft.votedFor = votedFor;
  raft.persistence.hardStateChanged = true;
}

/** Any role may fall back to this one; reads that depended on the old role are refused. */
export function becomeFollower(raft: Raft, leader: NodeId | null, now: Now): void {
  const { leadership } = raft;
  raft.role = 'follower';
  raft.campaign = null;
  raft.leadership = null;
  followLeader(raft, leader);
  if (leadership !== null) {
    abandonLeaderReads(raft, leadership);
    resetElectionDeadline(raft, now);
  }
}

export function followLeader(raft: Raft, leader: NodeId | null): void {
  if (raft.leader === leader) return;
  raft.leader = leader;
  abandonFollowerReads(raft);
}

/** Drawn anew for each attempt, so that split votes do not repeat (Raft 5.2). */
export function resetElectionDeadline(raft: Raft, now: Now): void {
  raft.electionDeadlineMs = now.monotonicMs + randomTimeoutMs(raft.options, raft.random);
}

export function randomTimeoutMs(options: RaftOptions, random: () => number): number {
  return options.electionTimeoutMinMs * (1 + random());
}

export function isVoter(raft: Raft): boolean {
  return raft.log.configuration.voters.includes(raft.id);
}

/** `after`: the persist sequence that must be durable before the message leaves. */
export function send(raft: Raft, to: NodeId, message: Message, after: number): void {
  raft.out.push({ kind: 'send', to, message, after });
}
