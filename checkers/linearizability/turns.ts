import type { Refusal } from '../models/model.ts';
import { type Attempt, type Shared, slice } from './attempt.ts';
import { Transitions } from './search/transitions.ts';

/** The first turn of a part has so many steps, and enough for its length if nothing is ambiguous. */
const firstBudget = 2000;
const firstBudgetPerOperation = 16;
const budgetGrowth = 4;

/**
 * Decides all parts: procedures first, then the search, smallest part first and in turns with growing budgets, so that
 * one hard key hides no violation of another. Returns the refusal if the model cannot judge some operation.
 */
export function decideAll(attempts: readonly Attempt[], shared: Shared): Refusal | undefined {
  const bySize = attempts.toSorted((a, b) => a.length - b.length);
  for (const attempt of bySize) attempt.quick();
  const open = bySize.filter((attempt) => attempt.open);
  for (const attempt of open) {
    const refusal = attempt.spell();
    if (refusal !== undefined) return refusal;
  }
  const { alphabet } = shared;
  const first = open[0];
  if (first === undefined) return undefined;
  if (Transitions.shareable(alphabet)) shared.transitions = new Transitions(first.question.initial, alphabet);
  takeTurns(open, attempts, shared);
  return undefined;
}

/** Once a violation is known, the hard parts are left alone. */
function takeTurns(first: readonly Attempt[], all: readonly Attempt[], shared: Shared): void {
  const { limits } = shared;
  let open = first;
  let held = 0;
  for (let growth = 1; open.length > 0; growth *= budgetGrowth) {
    for (const attempt of open) {
      let budget = (firstBudget + firstBudgetPerOperation * attempt.length) * growth;
      for (; budget > 0 && attempt.open; budget -= slice) {
        const why = limits.exceeded();
        if (why !== undefined) {
          for (const rest of open) rest.abandon(why);
          return;
        }
        const before = attempt.bytes;
        attempt.run(Math.min(slice, budget));
        limits.spend(slice);
        held += attempt.bytes - before;
        const excess = held + (shared.transitions?.bytes ?? 0) - limits.memoryBytes;
        if (excess > 0) held -= relieveMemory(open, excess);
      }
    }
    open = open.filter((attempt) => attempt.open);
    if (all.some((attempt) => attempt.outcome?.kind === 'illegal')) {
      for (const rest of open) rest.abandon('another key is in violation, and this one is not easy to decide');
      return;
    }
  }
}

/** Gives up the largest searches until so many bytes are free, or none is left; returns how many were freed. */
function relieveMemory(open: readonly Attempt[], excess: number): number {
  let freed = 0;
  for (const attempt of open.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes)) {
    if (freed >= excess) break;
    freed += attempt.bytes;
    attempt.abandon('out of memory');
  }
  return freed;
}
