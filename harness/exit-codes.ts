import type { Verdict } from '../checkers/verdict.ts';

/** DESIGN 5.6: what other tools rely on. Undecided is never 0. */
export const exitCodes = { pass: 0, violation: 1, undecided: 2, error: 3, usage: 64 } as const;

export type Ended = Verdict['kind'] | 'error';

const gravity: readonly Ended[] = ['pass', 'undecided', 'error', 'violation'];

/** Of many runs or files the gravest wins: violation, then error, then undecided, then pass. */
export const gravest = (all: readonly Ended[]): Ended =>
  all.reduce((a, b) => (gravity.indexOf(b) > gravity.indexOf(a) ? b : a), 'pass' as Ended);
