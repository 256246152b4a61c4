import type { Value } from '../../../history/operation.ts';
import type { Decision, Procedure, Question } from '../../procedure.ts';
import { elementsOf } from './elements.ts';
import { gaps } from './emptiness.ts';
import { orderOf } from './order.ts';
import { overtaken } from './overtaking.ts';

/**
 * A FIFO queue whose elements are enqueued once each is linearizable exactly if none of four patterns occurs (Henzinger,
 * Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs", CONCUR 2013): a dequeue of what nobody had enqueued,
 * an element dequeued twice, one that overtook another, a dequeue that found nothing while something was there.
 *
 * Exact, unknown outcomes and an initial state included, unless an element is enqueued twice. O(events).
 */
export const fifoQueueMonitor: Procedure = {
  name: 'fifo-queue',
  decide: (question, checkpoint) => decide(question, question.initial as readonly Value[], true, checkpoint),
};

/** The same without the third pattern: the elements may leave an unordered queue as they like. */
export const unorderedQueueMonitor: Procedure = {
  name: 'unordered-queue',
  decide(question, checkpoint) {
    const waiting = (question.initial as readonly string[]).map((text) => JSON.parse(text) as Value);
    return decide(question, waiting, false, checkpoint);
  },
};

function decide(
  question: Question,
  waiting: readonly Value[],
  fifo: boolean,
  checkpoint: () => void,
): Decision | undefined {
  const elements = elementsOf(question, waiting, checkpoint);
  if (elements === undefined || 'kind' in elements) return elements;
  checkpoint();
  const overtaking = fifo ? overtaken(question, elements) : undefined;
  if (overtaking !== undefined) return overtaking;
  const moments = gaps(question, elements);
  if ('kind' in moments) return moments;
  return { kind: 'linearizable', order: () => orderOf(question, elements, moments, fifo) };
}
