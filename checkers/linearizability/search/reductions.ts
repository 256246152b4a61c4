import { type DeadRule, deadUnlessNeeded } from './dead-writes.ts';

/**
 * Which reductions a search uses (numbers of CHECKERS 2.2; R7 is our own, see `covered.ts`). None changes a verdict:
 * they are switched off only by tests that show so, and that show what each of them saves.
 */
export interface Reductions {
  /** R3: a value that somebody still needs is not left when nobody can bring it back in time. */
  readonly lookAhead: boolean;
  /** R4: which values nobody can need any more; their writes are put just before another write. */
  readonly deadWrites: DeadRule | undefined;
  /** R5: of pending operations that are the same, only the one that returns first is tried. */
  readonly twins: boolean;
  /** R6: unknown operations that nobody can have noticed are left out. */
  readonly unobservable: boolean;
  /** R6: unknown operations are tried only while something pending needs what they make. */
  readonly wanted: boolean;
  /** R6: a configuration no better than one that failed is not searched. Equal ones are never searched again. */
  readonly dominance: boolean;
  /** R7: writes that nobody reads take no place of their own. */
  readonly covered: boolean;
  /** A search that keeps turning back asks whether a stretch of the history contradicts itself. */
  readonly stretches: boolean;
  /** A growing object's state that later observers rule out is left at once. */
  readonly growth: boolean;
}

export const all: Reductions = {
  lookAhead: true,
  deadWrites: deadUnlessNeeded,
  twins: true,
  unobservable: true,
  wanted: true,
  dominance: true,
  covered: true,
  stretches: true,
  growth: true,
};
