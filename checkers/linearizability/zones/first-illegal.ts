import type { Question } from '../procedure.ts';
import { extentOf } from './extent.ts';
import { judge } from './zones.ts';

/**
 * Where a part goes wrong: the position in its events of the first return up to which (that return included) zones
 * find it illegal; `undefined` if they find it legal or cannot tell. Operations open at that moment count as of
 * unknown outcome, reads and compare-and-sets that were later refused among them as never invoked: what came back
 * later is not held against the part, but neither is anything supposed that contradicts it.
 *
 * What is illegal stays so with more events, so bisection finds it: O(n log n) for n events. It is exactly the first
 * such return if no compare-and-set was refused; otherwise there may be an earlier one that zones do not know of.
 */
export function firstIllegal(question: Question, checkpoint: () => void): number | undefined {
  const { part } = question;
  const illegalBefore = (end: number): boolean =>
    judge(question, extentOf(question, end), checkpoint)?.kind === 'illegal';
  let illegal = part.events.length;
  if (!illegalBefore(illegal)) return undefined;
  let legal = 0;
  while (illegal - legal > 1) {
    const middle = (legal + illegal) >>> 1;
    if (illegalBefore(middle)) illegal = middle;
    else legal = middle;
  }
  return illegal - 1;
}
