import type { History } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import type { AnyModel } from '../models/model.ts';
import { show } from '../models/value.ts';
import { checkSequential, type SequentialOptions } from './sequential.ts';

/** Longer histories are not asked about: the answer would take longer than the violation is worth. */
const operationsMax = 400;
const stepsMax = 100_000;

/**
 * One sentence on a history that is not linearizable: is it at least sequentially consistent, so that clients saw stale
 * values but all in one order? The key in violation is asked about first: if that one is not, the history is not.
 * `undefined` if the history is too long, or the limits come first.
 */
export function staleButOrdered(
  model: AnyModel,
  history: History,
  key: Value | undefined,
  options: SequentialOptions = {},
): string | undefined {
  if (model.timed) return undefined;
  if (key !== undefined) {
    if (operationsOn(history, key) > operationsMax) return undefined;
    const { verdict } = checkSequential(model, history, { stepLimit: stepsMax, ...options, key });
    if (verdict.kind === 'violation') return `It is not even sequentially consistent on key ${show(key)}.`;
    if (verdict.kind === 'undecided') return undefined;
  }
  if (history.length <= operationsMax) {
    const { verdict } = checkSequential(model, history, { stepLimit: stepsMax, ...options });
    if (verdict.kind === 'violation') return 'It is not even sequentially consistent.';
    if (verdict.kind === 'pass') return 'Stale but ordered: the history is sequentially consistent.';
  }
  return key === undefined ? undefined : `Stale but ordered: key ${show(key)} by itself is sequentially consistent.`;
}

function operationsOn(history: History, key: Value): number {
  const number = history.keys.find(key);
  let count = 0;
  for (const own of history.key) if (own === number) count++;
  return count;
}
