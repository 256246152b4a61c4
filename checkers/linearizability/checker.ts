import type { Checker } from '../checker.ts';
import { models } from '../models/models.ts';
import { checkLinearizability, type LinearizabilityOptions } from './linearizability.ts';

/**
 * Linearizability as one of a run's checkers. Limits on time and memory are the run's own.
 *
 * @throws RangeError if no model has that name.
 */
export function linearizable(
  modelName: string,
  options: Pick<LinearizabilityOptions, 'failedCas' | 'initial' | 'cancelled'> = {},
): Checker {
  const model = models.get(modelName);
  if (model === undefined) {
    throw new RangeError(`there is no model "${modelName}"; there are: ${[...models.keys()].join(', ')}`);
  }
  return {
    name: `linearizable ${modelName}`,
    check(history, { timeMs, memoryBytes, now }) {
      const limits = { timeLimitMs: timeMs, memoryLimitBytes: memoryBytes, now };
      const { verdict, perKey, stats } = checkLinearizability(model, history, { ...options, ...limits });
      const troubles = perKey.filter(({ kind }) => kind !== 'pass');
      return { checker: this.name, verdict, details: { ...stats, keysNotPassed: troubles } };
    },
  };
}
