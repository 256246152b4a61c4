import type { Question } from '../procedure.ts';
import type { InSteps } from '../turns.ts';
import type { Judge } from './judge.ts';
import type { Laws } from './laws/laws.ts';
import { Shrinking } from './shrinking.ts';

/** A question about few operations that is illegal for the same reason as the one it was cut from. */
export interface Shrunk {
  /** Its definite operations contradict each other, whatever the unknown ones did. */
  readonly question: Question;
  /** The operation, by number in the history, that made the state known from which the question starts. */
  readonly anchor: number | undefined;
  /** What the question is about, where it is not about all of the object: elements of a set, registers. */
  readonly facets: readonly string[] | undefined;
  /** No single further step keeps it illegal; false if what the judge may use was used up. */
  readonly minimal: boolean;
}

export interface ShrinkOptions {
  /** Parts with up to this many definite operations keep their beginning; longer ones are first given a later one. */
  readonly startLateFrom?: number;
}

/** Where a long history is first given a later beginning: so many operations before its end. */
const startDistance = 4;

/** With more definite operations than this, or more than twice as many in all, a later beginning is looked for again. */
const plainMax = 3;

/**
 * Shrinks an illegal question by steps none of which makes a legal one illegal:
 * - an observer goes: it saw and changed nothing;
 * - any other definite operation becomes one of unknown outcome: it may then have happened at any time, or never;
 * - unknown operations, facets of the object, and whatever came before a known state go by the laws of the model.
 *
 * Plain removal would not do: without its write every read is absurd. What remains here was illegal in the whole
 * history already.
 *
 * `core`: numbers in the history; with all others unknown the part is likely to be illegal. It is tried first, so that a
 * long history shrinks as fast as a short one. Otherwise about `2c·log n` questions are judged for a result of c
 * operations out of n, the first few of them as long as the part.
 */
export function* shrink(
  question: Question,
  core: readonly number[],
  laws: Laws,
  judge: Judge,
  { startLateFrom = 48 }: ShrinkOptions = {},
): InSteps<Shrunk> {
  const shrinking = new Shrinking(question, laws, judge);
  if (core.length > 0) yield* shrinking.keepCore(new Set(core));
  yield* shrinking.prune();
  if (shrinking.definite.length > startLateFrom) yield* shrinking.startLate(startDistance);
  yield* shrinking.reduceFacets();
  yield* shrinking.reduce();
  if (shrinking.size > plainMax || shrinking.question.part.ops.length > 2 * plainMax) {
    yield* shrinking.startLate(1);
    yield* shrinking.reduce();
  }
  yield* shrinking.restoreStart();
  const { anchor, facets } = shrinking;
  return { question: shrinking.question, anchor, facets, minimal: !judge.exhausted };
}
