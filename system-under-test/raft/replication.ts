import { assert } from './assert.ts';
import { heldByMajority, type Leadership, type Peer } from './leadership.ts';
import { appendEntry, logPromise, replaceTail, termPromise } from './persistence.ts';
import type { Entry, Message, NodeId, Now } from './protocol.ts';
import type { Raft } from './raft.ts';
import { startWaitingReads } from './reads.ts';
import { followLeader, resetElectionDeadline, send } from './roles.ts';
import { settleRounds } from './rounds.ts';
import { sendSnapshot } from './snapshots.ts';
import { hurryTransfer } from './transfer.ts';

/** Appends may run ahead of their acknowledgements by this many full messages (dissertation 10.2.1). */
const messagesAheadMax = 16;

/** Clients' commands; a leader that is handing over takes none (dissertation 3.10). */
export function onPropose(raft: Raft, commands: readonly unknown[], now: Now): void {
  const { leadership } = raft;
  if (leadership === null || leadership.transfer !== null) {
    raft.out.push({ kind: 'refused', commands, leader: raft.role === 'leader' ? null : raft.leader });
    return;
  }
  if (commands.length === 0) return;
  const firstIndex = raft.log.lastIndex + 1;
  for (let i = 0; i < commands.length; i += 1) {
    appendEntry(raft, { kind: 'command', index: firstIndex + i, term: raft.term, command: commands[i] });
  }
  raft.out.push({ kind: 'accepted', commands, firstIndex, term: raft.term });
  for (const peer of leadership.peers.values()) replicateTo(raft, leadership, peer, now);
}

/** Sends what the peer lacks, without waiting for the disk here or for answers from there (dissertation 10.2.1). */
export function replicateTo(raft: Raft, leadership: Leadership, peer: Peer, now: Now): void {
  if (peer.probing) {
    if (!peer.probeSent) probe(raft, leadership, peer, now);
    return;
  }
  const aheadMax = messagesAheadMax * raft.options.entriesMax;
  while (peer.next <= raft.log.lastIndex) {
    // Compaction may have passed the place that this peer has reached, even while it may be sent nothing more.
    if (raft.log.termAt(peer.next - 1) === undefined) {
      sendSnapshot(raft, leadership, peer, now);
      return;
    }
    if (peer.next - 1 - peer.match >= aheadMax) return;
    peer.next += sendEntries(raft, leadership, peer);
  }
}

/** Says that the leader lives, and finds out whether earlier requests were lost. */
export function heartbeatTo(raft: Raft, leadership: Leadership, peer: Peer, now: Now): void {
  const sent = peer.probing && probe(raft, leadership, peer, now);
  if (!sent) sendEmpty(raft, leadership, peer);
}

/** A request with no entries, which every follower answers at once. */
export function sendEmpty(raft: Raft, leadership: Leadership, peer: Peer): void {
  const previousTerm = raft.log.termAt(peer.next - 1);
  // Before the base nothing can be compared; 0/0 matches every log.
  if (previousTerm === undefined) sendAppend(raft, leadership, peer, 0, 0, []);
  else sendAppend(raft, leadership, peer, peer.next - 1, previousTerm, []);
}

/** A leader's request: takes over its log as far as it differs (Raft 5.3). The sender leads the current term. */
export function onAppend(raft: Raft, from: NodeId, message: Extract<Message, { kind: 'append' }>, now: Now): void {
  hearFromLeader(raft, from, now);
  const { log } = raft;
  const { previousIndex, entries, round } = message;
  if (previousIndex > log.baseIndex && log.termAt(previousIndex) !== message.previousTerm) {
    refuse(raft, from, message);
    return;
  }
  // What the snapshot covers is committed, hence the same at every later leader (Raft 5.4.3).
  const unknown = previousIndex >= log.baseIndex ? entries : entries.slice(log.baseIndex - previousIndex);
  const verified = previousIndex + entries.length;
  const isNew = takeOver(raft, unknown);
  commitUpTo(raft, raft.rules.verifiedCommit(raft.commitIndex, message.commit, verified, log.lastIndex));
  // What brought nothing new is answered at once with what is durable: a slow disk must not silence this node.
  const matched = isNew ? verified : Math.min(verified, raft.persistence.stableIndex);
  const after = isNew ? logPromise(raft, matched) : termPromise(raft);
  send(raft, from, { kind: 'append-reply', term: raft.term, success: true, matched, round }, after);
}

/** The sender is the one leader of the current term; its life also delays the next election. */
export function hearFromLeader(raft: Raft, from: NodeId, now: Now): void {
  assert(raft.leader === null || raft.leader === from, () => `${raft.leader} and ${from} both lead term ${raft.term}`);
  raft.role = 'follower';
  raft.campaign = null;
  followLeader(raft, from);
  raft.heardFromLeaderMs = now.monotonicMs;
  resetElectionDeadline(raft, now);
}

/** A peer has answered in the leader's term, which acknowledges its leadership whether or not the logs matched. */
export function onAppendReply(
  raft: Raft,
  leadership: Leadership,
  peer: Peer,
  message: Extract<Message, { kind: 'append-reply' }>,
  now: Now,
): void {
  peer.heardMs = now.monotonicMs;
  if (message.round > peer.acknowledgedRound) {
    peer.acknowledgedRound = message.round;
    settleRounds(raft, leadership, now);
  }
  if (message.success) onSuccess(raft, leadership, peer, message.matched, now);
  else onRefusal(raft, leadership, peer, message, now);
}

/** Commits what a majority holds durably, the leader's own disk included (Raft 5.3, 5.4.2). */
export function advanceCommit(raft: Raft, leadership: Leadership, now: Now): void {
  const own = raft.rules.ownMatch(raft.persistence.stableIndex, raft.log.lastIndex);
  const held = heldByMajority(raft, own, peerMatch);
  if (held <= raft.commitIndex || !raft.rules.mayCommit(raft.log.termAt(held)!, raft.term)) return;
  commitUpTo(raft, held);
  startWaitingReads(raft, leadership, now);
}

const peerMatch = (peer: Peer): number => peer.match;
const noEntries: readonly Entry[] = [];

function onSuccess(raft: Raft, leadership: Leadership, peer: Peer, matched: number, now: Now): void {
  const match = raft.rules.matchAfterSuccess(peer.match, matched, raft.log.lastIndex);
  assert(match <= raft.log.lastIndex, () => `${peer.id} acknowledges ${match}, ${raft.log.describe()}`);
  if (peer.probing && match >= peer.next - 1) {
    peer.probing = false;
    peer.next = match + 1;
  }
  if (match > peer.match) {
    peer.match = match;
    peer.next = Math.max(peer.next, match + 1);
    advanceCommit(raft, leadership, now);
    hurryTransfer(raft, leadership);
  }
  replicateTo(raft, leadership, peer, now);
}

/** Goes back to where the logs may agree, a whole term at a time (Raft 5.3, end). */
function onRefusal(
  raft: Raft,
  leadership: Leadership,
  peer: Peer,
  message: Extract<Message, { kind: 'append-reply' }>,
  now: Now,
): void {
  const refusedAt = message.refusedAt ?? 0;
  // A late answer: since then that place has matched, or another probe has been sent.
  if (refusedAt <= peer.match || (peer.probing && refusedAt !== peer.next - 1)) return;
  const hint = Math.min(message.matched, refusedAt - 1);
  const agree = raft.log.lastWithTermAtMost(hint, message.conflictTerm ?? raft.term);
  peer.probing = true;
  peer.probeSent = false;
  peer.next = Math.max(peer.match, agree) + 1;
  replicateTo(raft, leadership, peer, now);
}

/** Returns whether a message was sent: a snapshot may have to wait its turn. */
function probe(raft: Raft, leadership: Leadership, peer: Peer, now: Now): boolean {
  peer.probeSent = true;
  if (raft.log.termAt(peer.next - 1) === undefined) return sendSnapshot(raft, leadership, peer, now);
  sendEntries(raft, leadership, peer);
  return true;
}

/** Returns how many entries were sent. */
function sendEntries(raft: Raft, leadership: Leadership, peer: Peer): number {
  const { log, options } = raft;
  const to = Math.min(log.lastIndex, peer.next + options.entriesMax - 1);
  const entries = to < peer.next ? noEntries : log.slice(peer.next, to);
  sendAppend(raft, leadership, peer, peer.next - 1, log.termAt(peer.next - 1)!, entries);
  return entries.length;
}

/** Leaves without waiting for this node's disk: a leader promises nothing by it (dissertation 10.2.1). */
function sendAppend(
  raft: Raft,
  { rounds }: Leadership,
  peer: Peer,
  previousIndex: number,
  previousTerm: number,
  entries: readonly Entry[],
): void {
  const { term, commitIndex: commit } = raft;
  peer.commitSent = Math.min(commit, previousIndex + entries.length);
  send(raft, peer.id, { kind: 'append', term, previousIndex, previousTerm, entries, commit, round: rounds.latest }, 0);
}

/** Truncates from the first conflict only: an old or short request must remove nothing (Raft 5.3). */
function takeOver(raft: Raft, entries: readonly Entry[]): boolean {
  if (entries.length === 0) return false;
  const position = raft.rules.firstToReplace((index) => raft.log.termAt(index), entries);
  if (position === entries.length) return false;
  replaceTail(raft, position === 0 ? entries : entries.slice(position));
  return true;
}

/** Tells the leader the last place where the logs may agree (Raft 5.3, end). */
function refuse(raft: Raft, to: NodeId, message: Extract<Message, { kind: 'append' }>): void {
  const { log } = raft;
  // What is committed agrees with every later leader's log.
  const matched = Math.max(raft.commitIndex, log.lastWithTermAtMost(message.previousIndex, message.previousTerm));
  const reply: Message = {
    kind: 'append-reply',
    term: raft.term,
    success: false,
    matched,
    conflictTerm: log.termAt(matched)!,
    refusedAt: message.previousIndex,
    round: message.round,
  };
  send(raft, to, reply, termPromise(raft));
}

/** Hands over to the state machine all that is newly committed, in the order of the log (Raft 5.3). */
function commitUpTo(raft: Raft, index: number): void {
  if (index <= raft.commitIndex) return;
  assert(index <= raft.log.lastIndex, () => `${raft.id}: commit ${index} past ${raft.log.describe()}`);
  raft.commitIndex = index;
  raft.out.push({ kind: 'apply', entries: raft.log.slice(raft.appliedIndex + 1, index) });
  raft.appliedIndex = index;
}
