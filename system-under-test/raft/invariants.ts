import { assert } from './assert.ts';
import type { NodeId, Role } from './protocol.ts';
import type { Raft } from './raft.ts';

/** What the previous step left. */
export interface Checked {
  role: Role;
  term: number;
  votedFor: NodeId | null;
  leader: NodeId | null;
  commitIndex: number;
  appliedIndex: number;
  lastIndex: number;
}

/**
 * What must hold after every step, in production too; each costs O(1). The checks of single entries (contiguous, terms
 * ascending, nothing committed overwritten) are made where entries are appended or removed.
 */
export function checkInvariants(raft: Raft): void {
  const { checked, log, persistence } = raft;
  const sameTerm = raft.term === checked.term;
  assert(raft.term >= checked.term, () => `${raft.id}: term went back: ${checked.term} -> ${raft.term} (Raft 5.1)`);
  assert(
    !sameTerm || checked.votedFor === null || raft.votedFor === checked.votedFor,
    () => `${raft.id}: voted for ${checked.votedFor} and ${raft.votedFor} in term ${raft.term} (Raft 5.2)`,
  );
  assert(
    raft.commitIndex >= checked.commitIndex,
    () => `${raft.id}: commit went back: ${checked.commitIndex} -> ${raft.commitIndex}`,
  );
  assert(raft.commitIndex <= log.lastIndex, () => `${raft.id}: commit ${raft.commitIndex} past ${log.describe()}`);
  assert(raft.appliedIndex >= checked.appliedIndex, () => `${raft.id}: applied went back to ${raft.appliedIndex}`);
  assert(
    raft.appliedIndex <= raft.commitIndex,
    () => `${raft.id}: applied ${raft.appliedIndex} before it was committed, commit ${raft.commitIndex}`,
  );
  assert(log.baseIndex <= raft.appliedIndex, () => `${raft.id}: ${log.describe()}, applied ${raft.appliedIndex}`);
  assert(log.lastTerm <= raft.term, () => `${raft.id}: ${log.describe()} in term ${raft.term}`);
  assert(
    persistence.stableIndex <= log.lastIndex,
    () => `${raft.id}: durable up to ${persistence.stableIndex}, ${log.describe()}`,
  );
  assert(
    !sameTerm || raft.role !== 'leader' || checked.role !== 'leader' || log.lastIndex >= checked.lastIndex,
    () => `${raft.id}: leader lost entries: ${checked.lastIndex} -> ${log.lastIndex} (Raft 5.3)`,
  );
  assert(
    (raft.role === 'leader') === (raft.leadership !== null) && (raft.role === 'leader') === (raft.leader === raft.id),
    () => `${raft.id}: ${raft.role} with leader ${raft.leader}`,
  );
  assert(
    (raft.campaign !== null) === (raft.role === 'candidate' || raft.role === 'pre-candidate'),
    () => `${raft.id}: ${raft.role} with${raft.campaign === null ? 'out' : ''} a campaign`,
  );
  assert(
    raft.role === 'follower' || raft.role === 'pre-candidate' || raft.votedFor === raft.id,
    () => `${raft.id}: ${raft.role} of term ${raft.term}, but voted for ${raft.votedFor}`,
  );
}

/** Remembers this step for the next one's checks. */
export function rememberStep(raft: Raft): void {
  const { checked } = raft;
  checked.role = raft.role;
  checked.term = raft.term;
  checked.votedFor = raft.votedFor;
  checked.leader = raft.leader;
  checked.commitIndex = raft.commitIndex;
  checked.appliedIndex = raft.appliedIndex;
  checked.lastIndex = raft.log.lastIndex;
}
