import type { Checker } from '../checker.ts';
import type { AnyModel } from '../models/model.ts';
import { models } from '../models/models.ts';
import { checkLinearizability, type KeyResult, type LinearizabilityOptions } from './linearizability.ts';

/** So many of the keys that did not pass are described; a broken store can have thousands. */
const keysExplainedMax = 20;

/** A checker that says what it asks, so that the same can be asked of a history that is still being written. */
export interface LinearizabilityChecker extends Checker {
  readonly asks: { readonly model: AnyModel } & Pick<LinearizabilityOptions, 'failedCas' | 'initial'>;
}

/**
 * Linearizability as one of a run's checkers, by a model or the name of one. Limits on time and memory are the run's
 * own.
 *
 * @throws RangeError if no model has that name.
 */
export function linearizable(
  by: string | AnyModel,
  options: Pick<LinearizabilityOptions, 'failedCas' | 'initial' | 'cancelled'> = {},
): LinearizabilityChecker {
  const model = typeof by === 'string' ? models.get(by) : by;
  if (model === undefined) {
    throw new RangeError(`there is no model "${by}"; there are: ${[...models.keys()].join(', ')}`);
  }
  return {
    name: `linearizable ${model.name}`,
    asks: { model, ...options },
    check(history, { timeMs, memoryBytes, now }) {
      const limits = { timeLimitMs: timeMs, memoryLimitBytes: memoryBytes, now };
      const { verdict, perKey, stats } = checkLinearizability(model, history, { ...options, ...limits });
      const of = (wanted: KeyResult['kind']) => perKey.filter(({ kind }) => kind === wanted);
      const troubles = [...of('violation'), ...of('undecided')];
      const details = {
        procedure: [...new Set(perKey.map(({ procedure }) => procedure))].join(', '),
        ...stats,
        keysNotPassed: troubles.length,
        keysExplained: troubles.slice(0, keysExplainedMax),
      };
      return { checker: this.name, verdict, details };
    },
  };
}
