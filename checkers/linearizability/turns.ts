import type { Refusal } from '../models/model.ts';
import { type Attempt, type Shared, slice } from './attempt.ts';
import { Transitions } from './search/transitions.ts';

/**
 * Work in small steps: between two of them, at most a few milliseconds apart while searching, the caller may do
 * something else, or leave the rest undone.
 */
export type InSteps<Result> = Generator<void, Result, void>;

/** Does all the steps at once. */
export function atOnce<Result>(work: InSteps<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** The first turn of a part has so many steps, and enough for its length if nothing is ambiguous. */
const firstBudget = 2000;
const firstBudgetPerOperation = 16;
const budgetGrowth = 4;

/**
 * Decides all parts: procedures first, then the search, smallest part first and in turns with growing budgets, so that
 * one hard key hides no violation of another. Returns the refusal if the model cannot judge some operation.
 */
export function* decideAll(attempts: readonly Attempt[], shared: Shared): InSteps<Refusal | undefined> {
  const bySize = attempts.toSorted((a, b) => a.length - b.length);
  yield* inGoodTime(bySize, shared, (attempt) => attempt.quick());
  const open = bySize.filter((attempt) => attempt.open);
  const refusal = yield* inGoodTime(open, shared, (attempt) => attempt.spell());
  if (refusal !== undefined) return refusal;
  const { alphabet, limits } = shared;
  const first = open.find((attempt) => attempt.open);
  if (first === undefined) return undefined;
  if (Transitions.shareable(alphabet)) shared.transitions = new Transitions(first.question.initial, alphabet);
  limits.beginSearch();
  shared.searching = true;
  yield* takeTurns(open, attempts, shared);
  return undefined;
}

/** Operations of parts after which limits are looked at, and the caller has its turn. */
const operationsPerStep = 4096;

/** Does something for each part while the limits allow it, up to the first result. Parts not reached are abandoned. */
function* inGoodTime<Result>(
  attempts: readonly Attempt[],
  { limits }: Shared,
  act: (attempt: Attempt) => Result | undefined,
): InSteps<Result | undefined> {
  let operations = operationsPerStep;
  for (const attempt of attempts) {
    operations += attempt.length;
    if (operations >= operationsPerStep) {
      operations = 0;
      yield;
      const why = limits.exceeded();
      if (why !== undefined) {
        abandonAll(attempts, why);
        return undefined;
      }
    }
    const result = act(attempt);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** Once a violation is known, the hard parts are left alone. Parts that were given away are not waited for. */
function* takeTurns(first: readonly Attempt[], all: readonly Attempt[], shared: Shared): InSteps<void> {
  const { limits } = shared;
  let open = first;
  for (let growth = 1; open.length > 0; growth *= budgetGrowth) {
    for (const attempt of open) {
      let budget = (firstBudget + firstBudgetPerOperation * attempt.length) * growth;
      for (; budget > 0 && attempt.open; budget -= slice) {
        const why = limits.exceeded();
        if (why !== undefined) return abandonAll(open, why);
        if (shared.violatedElsewhere) return abandonAll(open, leftAlone);
        attempt.run(Math.min(slice, budget));
        limits.spend(slice);
        relieveMemory(open, attempt, shared);
        yield;
      }
    }
    open = open.filter((attempt) => attempt.open);
    if (all.some((attempt) => attempt.outcome?.kind === 'illegal')) return abandonAll(open, leftAlone);
  }
}

/** Why a hard part is given up once another is known to be illegal. */
export const leftAlone = 'another key is in violation, and this one is not easy to decide';

function abandonAll(attempts: readonly Attempt[], why: string): void {
  for (const attempt of attempts) attempt.abandon(why);
}

/**
 * Keeps what all searches hold below the limit, by giving up the largest: also when the one that has just run could not
 * go on otherwise.
 */
function relieveMemory(attempts: readonly Attempt[], ran: Attempt, shared: Shared): void {
  const excess = () => shared.bytes + (shared.transitions?.bytes ?? 0) - shared.limits.memoryBytes;
  if (!ran.full && excess() <= 0) return;
  let needed = ran.full;
  for (const attempt of attempts.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes)) {
    if (!needed && excess() <= 0) return;
    attempt.abandon('out of memory');
    needed = false;
  }
}
