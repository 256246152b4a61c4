import { assert } from './assert.ts';
import type { Leadership, Peer } from './leadership.ts';
import { persistSnapshot, stepPromise, termPromise } from './persistence.ts';
import type { Message, NodeId, Now, Snapshot } from './protocol.ts';
import type { Raft } from './raft.ts';
import { hearFromLeader } from './replication.ts';
import { send } from './roles.ts';

/** The driver took a snapshot; the log need not begin before it any more (Raft 7). Late ones change nothing. */
export function onCompact(raft: Raft, index: number, data: unknown): void {
  if (index <= raft.log.baseIndex) return;
  assert(index <= raft.appliedIndex, () => `${raft.id}: snapshot at ${index}, applied ${raft.appliedIndex}`);
  const snapshot: Snapshot = {
    lastIndex: index,
    lastTerm: raft.log.termAt(index)!,
    config: raft.log.configurationAt(index),
    data,
  };
  raft.log.startAfter(snapshot);
  raft.snapshot = snapshot;
  persistSnapshot(raft, snapshot, true);
}

/**
 * For a peer that lacks entries this log no longer has. The next request probes right after the snapshot, so its
 * refusal tells that the snapshot was lost; it is then sent again, though not more than once per election timeout.
 * Returns whether it was sent now.
 */
export function sendSnapshot(raft: Raft, leadership: Leadership, peer: Peer, now: Now): boolean {
  const { snapshot, options } = raft;
  assert(snapshot !== null, () => `${raft.id}: ${raft.log.describe()} without a snapshot`);
  peer.probing = true;
  peer.probeSent = true;
  peer.next = snapshot.lastIndex + 1;
  if (now.monotonicMs - peer.snapshotSentMs < options.electionTimeoutMinMs) return false;
  peer.snapshotSentMs = now.monotonicMs;
  const { latest: round } = leadership.rounds;
  send(raft, peer.id, { kind: 'install-snapshot', term: raft.term, snapshot, round }, 0);
  return true;
}

/** The sender leads the current term. */
export function onInstallSnapshot(
  raft: Raft,
  from: NodeId,
  message: Extract<Message, { kind: 'install-snapshot' }>,
  now: Now,
): void {
  hearFromLeader(raft, from, now);
  const { snapshot, round } = message;
  if (!raft.rules.mayInstallSnapshot(snapshot.lastIndex, raft.commitIndex)) {
    const matched = Math.min(raft.commitIndex, raft.persistence.stableIndex);
    send(raft, from, { kind: 'append-reply', term: raft.term, success: true, matched, round }, termPromise(raft));
    return;
  }
  install(raft, snapshot);
  const after = stepPromise(raft);
  send(raft, from, { kind: 'append-reply', term: raft.term, success: true, matched: snapshot.lastIndex, round }, after);
}

function install(raft: Raft, snapshot: Snapshot): void {
  const { log } = raft;
  const keepsLog = raft.rules.keepsLogAfterSnapshot(log.termAt(snapshot.lastIndex), snapshot.lastTerm);
  persistSnapshot(raft, snapshot, keepsLog);
  if (keepsLog) log.startAfter(snapshot);
  else log.replaceBy(snapshot);
  raft.snapshot = snapshot;
  raft.commitIndex = snapshot.lastIndex;
  raft.appliedIndex = snapshot.lastIndex;
  raft.out.push({ kind: 'restore', snapshot });
}
