import { describe } from '../explain/words.ts';
import type { Decision, Question } from '../procedure.ts';

export type Illegal = Extract<Decision, { kind: 'illegal' }>;

/** A contradiction. The core may name operations twice, in any order, and none of the initial state's (below 0). */
export function contradiction(core: readonly number[], why: string): Illegal {
  const ascending = [...new Set(core)].filter((op) => op >= 0).sort((a, b) => a - b);
  return { kind: 'illegal', why, core: ascending };
}

/** An operation of the part in words. */
export const words = ({ history, part }: Question, op: number): string => describe(history, part.ops[op]!);

/** Loops look at the limits of the check whenever a counter has these bits zero. */
export const checkpointMask = 0x3ffff;
