import { assert } from './assert.ts';
import type { Effect, Entry, HardState, Snapshot } from './protocol.ts';
import type { Raft } from './raft.ts';

/**
 * What is durable, what is on its way to the disk, and what the current step must add. Writes complete in the order
 * they were asked for, several may be under way, and a step asks for at most one.
 */
export interface Persistence {
  /** Sequence of the last persist effect; 0 before the first. */
  issued: number;
  /** Everything up to this sequence is durable. */
  persisted: number;
  /** The persist effect that carried the current term and vote. */
  hardStateSequence: number;
  /** The log up to here, as it stands now, is durable. */
  stableIndex: number;
  /** Writes under way: once `sequence` is durable, the log as it stands now is durable up to `lastIndex`. */
  readonly inFlight: { readonly sequence: number; lastIndex: number }[];
  /** What this step has changed: term or vote, the log from an index on (0: nothing), the snapshot. */
  hardStateChanged: boolean;
  changedFrom: number;
  snapshot: Snapshot | null;
  keepsLog: boolean;
}

export function startPersistence(stableIndex: number): Persistence {
  return {
    issued: 0,
    persisted: 0,
    hardStateSequence: 0,
    stableIndex,
    inFlight: [],
    hardStateChanged: false,
    changedFrom: 0,
    snapshot: null,
    keepsLog: true,
  };
}

/** Appends to the log and has the entry written with this step's persist effect. */
export function appendEntry(raft: Raft, entry: Entry): void {
  raft.log.append(entry);
  const { persistence } = raft;
  if (persistence.changedFrom === 0) persistence.changedFrom = entry.index;
}

/** Replaces the log from `entries[0]` on. What is on disk there, or on its way, no longer counts. */
export function replaceTail(raft: Raft, entries: readonly Entry[]): void {
  const from = entries[0]!.index;
  if (from <= raft.log.lastIndex) {
    assert(raft.role !== 'leader', () => `${raft.id}: a leader overwrites its entry ${from} (Raft 5.3)`);
    assert(
      from > raft.commitIndex,
      () => `${raft.id}: committed entry ${from} overwritten, commit ${raft.commitIndex}`,
    );
    raft.log.truncateFrom(from);
    forgetAfter(raft.persistence, from - 1);
  }
  for (const entry of entries) appendEntry(raft, entry);
}

/** Has the snapshot written with this step's persist effect; the log has already been cut to follow it. */
export function persistSnapshot(raft: Raft, snapshot: Snapshot, keepsLog: boolean): void {
  const { persistence } = raft;
  // Of a log that is thrown away only the committed prefix is known to agree with the snapshot.
  if (!keepsLog) forgetAfter(persistence, raft.commitIndex);
  persistence.snapshot = snapshot;
  persistence.keepsLog = keepsLog;
}

/** The sequence that must be durable before a message may speak in the current term; 0 when it already is. */
export function termPromise(raft: Raft): number {
  const { persistence } = raft;
  if (persistence.hardStateChanged) return raft.rules.promiseWaitsFor(persistence.issued + 1);
  return raft.rules.promiseWaitsFor(
    persistence.hardStateSequence > persistence.persisted ? persistence.hardStateSequence : 0,
  );
}

/** The same for a message that also vouches for the log up to `index`. */
export function logPromise(raft: Raft, index: number): number {
  return Math.max(termPromise(raft), raft.rules.promiseWaitsFor(coveredBy(raft.persistence, index)));
}

/** For a message that vouches for what this very step writes. */
export function stepPromise(raft: Raft): number {
  return raft.rules.promiseWaitsFor(raft.persistence.issued + 1);
}

/** Turns what the step has changed into its one persist effect, ahead of all other effects. */
export function flushPersistence(raft: Raft): void {
  const { persistence } = raft;
  const { hardStateChanged, changedFrom, snapshot } = persistence;
  if (!hardStateChanged && changedFrom === 0 && snapshot === null) return;
  persistence.issued += 1;
  const effect: Mutable<Extract<Effect, { kind: 'persist' }>> = { kind: 'persist', sequence: persistence.issued };
  if (hardStateChanged) {
    const hardState: HardState = { term: raft.term, votedFor: raft.votedFor };
    effect.hardState = raft.rules.durableHardState(hardState, raft.log.lastTerm);
    persistence.hardStateSequence = persistence.issued;
  }
  if (changedFrom !== 0) effect.entries = raft.log.slice(changedFrom, raft.log.lastIndex);
  if (snapshot !== null) {
    effect.snapshot = snapshot;
    effect.keepsLog = persistence.keepsLog;
  }
  const lastIndex = changedFrom !== 0 ? raft.log.lastIndex : (snapshot?.lastIndex ?? 0);
  persistence.inFlight.push({ sequence: persistence.issued, lastIndex });
  persistence.hardStateChanged = false;
  persistence.changedFrom = 0;
  persistence.snapshot = null;
  raft.out.unshift(effect);
}

/** Takes note that everything up to `sequence` is durable; late and repeated notices change nothing. */
export function notePersisted(persistence: Persistence, sequence: number): void {
  assert(sequence <= persistence.issued, () => `persisted ${sequence}, only ${persistence.issued} were asked for`);
  if (sequence <= persistence.persisted) return;
  persistence.persisted = sequence;
  const { inFlight } = persistence;
  while (inFlight.length > 0 && inFlight[0]!.sequence <= sequence) {
    persistence.stableIndex = Math.max(persistence.stableIndex, inFlight.shift()!.lastIndex);
  }
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

function forgetAfter(persistence: Persistence, index: number): void {
  persistence.stableIndex = Math.min(persistence.stableIndex, index);
  for (const write of persistence.inFlight) write.lastIndex = Math.min(write.lastIndex, index);
}

/** The write after which the log is durable up to `index`: the oldest one that suffices, or this step's. */
function coveredBy(persistence: Persistence, index: number): number {
  if (index <= persistence.stableIndex) return 0;
  for (const write of persistence.inFlight) if (write.lastIndex >= index) return write.sequence;
  return persistence.issued + 1;
}
