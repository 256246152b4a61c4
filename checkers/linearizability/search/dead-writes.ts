import type { LookAhead } from './look-ahead.ts';

/** Whether nobody can need a value any more. */
export type DeadRule = (lookAhead: LookAhead, value: number, never: number) => boolean;

/**
 * R4: a value is dead if no definite operation needs it any more and no unknown exchange could start from it. Where no
 * operation refuses values, a pending write of a dead value may be put just before any other write: it overwrites what
 * is overwritten anyway, and where a completion has it later, leaving it out there disturbs nobody.
 */
export const deadUnlessNeeded: DeadRule = (lookAhead, value, never) =>
  lookAhead.neededBefore(value) === never && !lookAhead.taken(value);
