import type { Value } from '../history/operation.ts';
import { canonical, isList } from '../history/values.ts';
import {
  illegal,
  legal,
  type Model,
  operation,
  type Recorded,
  refused,
  type Understanding,
  unreachable,
} from './model.ts';
import { same, show } from './value.ts';

export type QueueInput = { readonly kind: 'enqueue'; readonly value: Value } | { readonly kind: 'dequeue' };

/** A queue that gives back what came first. `enqueue` (value), `dequeue` (ok value; null when the queue was empty). */
export const fifoQueue: Model<readonly Value[], QueueInput, Value> = {
  name: 'fifo-queue',
  summary: 'enqueue, dequeue (null = empty) in order of arrival; one queue per key',
  partition: 'key',
  timed: false,
  initial: [],
  startingFrom: (value) =>
    isList(value) ? { kind: 'state', state: value } : refused('a queue starts from the list of its elements'),
  understand: (recorded) => understandQueue(recorded, 'fifo-queue'),
  step(waiting, input, seen) {
    switch (input.kind) {
      case 'enqueue':
        return legal([...waiting, input.value]);
      case 'dequeue': {
        const head = waiting[0] ?? null;
        if (seen === undefined || same(seen, head)) return legal(head === null ? waiting : waiting.slice(1));
        return illegal(() =>
          head === null
            ? `it took ${show(seen)} from an empty queue`
            : `it took ${show(seen)} while ${show(head)} was first in the queue`,
        );
      }
      default:
        return unreachable(input);
    }
  },
  key: canonical,
  show,
  observes: (input, seen) => input.kind === 'dequeue' && seen === null,
};

export function understandQueue(recorded: Recorded, model: string): Understanding<QueueInput, Value> {
  const { f, outcome, input, output } = recorded;
  switch (f) {
    case 'enqueue':
      if (input === undefined || input === null) {
        return refused('an enqueue must carry a value other than null, which stands for an empty queue');
      }
      return operation({ kind: 'enqueue', value: input }, undefined);
    case 'dequeue':
      if (outcome !== 'ok') return operation({ kind: 'dequeue' }, undefined);
      if (output === undefined) return refused('an ok dequeue must carry the value that was taken (null when empty)');
      return operation({ kind: 'dequeue' }, output);
    default:
      return refused(`the model ${model} knows enqueue and dequeue`);
  }
}
