import type { Decision, Procedure } from '../../procedure.ts';
import { intervalsOf } from '../intervals.ts';
import { Count } from './count.ts';
import { plainEvidence, prefixEvidence } from './evidence.ts';
import { tallyOf } from './tally.ts';

/**
 * A counter that only goes up, or only down, where each add was told the total that it made or adds the same as all
 * those that were not (see `Count` for the proof). Adds of unknown outcome count among the latter. Where they add
 * different amounts, only what a first choice explains is decided, and what contradicts itself for plain reasons: which
 * of them fill a gap is a subset-sum problem.
 *
 * O(n log p) for p operations open at once.
 */
export const counterMonitor: Procedure = {
  name: 'counter',
  decide(question, checkpoint): Decision | undefined {
    const tally = tallyOf(question, checkpoint);
    if (tally === undefined) return undefined;
    const intervals = intervalsOf(question.part);
    const count = new Count(question.part, tally, intervals);
    const stop = count.run(checkpoint);
    if (stop === undefined) return { kind: 'linearizable', order: () => Int32Array.from(count.order) };
    const plain = plainEvidence(question, tally, intervals, stop);
    if (plain !== undefined || tally.mixed) return plain;
    return prefixEvidence(question, tally, intervals, stop);
  },
};
