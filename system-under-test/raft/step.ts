import { countOwnVote, onRequestVote, onVote, tickElection } from './election.ts';
import { checkInvariants, rememberStep } from './invariants.ts';
import { tickLeadership } from './leadership.ts';
import { flushPersistence, notePersisted, termPromise } from './persistence.ts';
import type { Effect, Message, NodeId, Now, RaftEvent } from './protocol.ts';
import type { Raft } from './raft.ts';
import { onRead, onReadIndex, onReadIndexReply, tickFollowerReads } from './reads.ts';
import { advanceCommit, onAppend, onAppendReply, onPropose } from './replication.ts';
import { adoptTerm, send } from './roles.ts';
import { onCompact, onInstallSnapshot } from './snapshots.ts';
import { onTimeoutNow, onTransfer } from './transfer.ts';

/**
 * Raft as a function: one event in, effects out, `raft` changed in between. No clock, no chance but the node's own
 * generator, no I/O. At most one effect is a `persist`, and it comes first.
 *
 * Throws `BrokenInvariant` when the node must stop.
 */
export function step(raft: Raft, event: RaftEvent, now: Now): Effect[] {
  raft.out = [];
  dispatch(raft, event, now);
  flushPersistence(raft);
  reportRole(raft);
  checkInvariants(raft);
  rememberStep(raft);
  return raft.out;
}

function dispatch(raft: Raft, event: RaftEvent, now: Now): void {
  switch (event.kind) {
    case 'tick':
      tick(raft, now);
      break;
    case 'receive':
      receive(raft, event.from, event.message, now);
      break;
    case 'propose':
      onPropose(raft, event.commands, now);
      break;
    case 'read':
      onRead(raft, event.id, now);
      break;
    case 'persisted':
      persisted(raft, event.sequence, now);
      break;
    case 'compact':
      onCompact(raft, event.index, event.data);
      break;
    case 'transfer':
      onTransfer(raft, event.to, now);
      break;
    default:
      unreachable(event);
  }
}

function tick(raft: Raft, now: Now): void {
  if (raft.leadership !== null) {
    tickLeadership(raft, raft.leadership, now);
  } else {
    tickFollowerReads(raft, now);
    tickElection(raft, now);
  }
}

function receive(raft: Raft, from: NodeId, message: Message, now: Now): void {
  // These two speak of a term that need not begin: a candidate's, which voters may refuse to enter (dissertation 9.6).
  if (message.kind === 'request-vote') {
    onRequestVote(raft, from, message, now);
  } else if (message.kind === 'vote' && message.pre && message.granted) {
    onVote(raft, from, message, now);
  } else {
    if (raft.rules.mustAdoptTerm(message, raft.term, raft.role)) adoptTerm(raft, message.term, now);
    if (message.term < raft.term) answerOldTerm(raft, from, message);
    else receiveInTerm(raft, from, message, now);
  }
}

function receiveInTerm(raft: Raft, from: NodeId, message: Exclude<Message, { kind: 'request-vote' }>, now: Now): void {
  switch (message.kind) {
    case 'append':
      onAppend(raft, from, message, now);
      break;
    case 'append-reply': {
      const peer = raft.leadership?.peers.get(from);
      if (peer !== undefined) onAppendReply(raft, raft.leadership!, peer, message, now);
      break;
    }
    case 'install-snapshot':
      onInstallSnapshot(raft, from, message, now);
      break;
    case 'vote':
      onVote(raft, from, message, now);
      break;
    case 'read-index':
      onReadIndex(raft, from, message, now);
      break;
    case 'read-index-reply':
      onReadIndexReply(raft, message, now);
      break;
    case 'timeout-now':
      onTimeoutNow(raft, from, message, now);
      break;
    default:
      unreachable(message);
  }
}

/** An old leader is told of the newer term, or it could never be deposed by a node it keeps away from elections. */
function answerOldTerm(raft: Raft, from: NodeId, message: Message): void {
  if (message.kind === 'append' || message.kind === 'install-snapshot') {
    const { round } = message;
    send(raft, from, { kind: 'append-reply', term: raft.term, success: false, matched: 0, round }, termPromise(raft));
  } else if (message.kind === 'read-index') {
    const { id, incarnation } = message;
    send(raft, from, { kind: 'read-index-reply', term: raft.term, id, incarnation, index: null }, termPromise(raft));
  }
}

function persisted(raft: Raft, sequence: number, now: Now): void {
  notePersisted(raft.persistence, sequence);
  countOwnVote(raft, now);
  if (raft.leadership !== null) advanceCommit(raft, raft.leadership, now);
}

function reportRole(raft: Raft): void {
  const { checked, role, term, leader } = raft;
  if (role === checked.role && term === checked.term && leader === checked.leader) return;
  raft.out.push({ kind: 'role', role, term, leader });
}

function unreachable(value: never): never {
  throw new TypeError(`no such kind: ${JSON.stringify(value)}`);
}
