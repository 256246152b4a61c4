import type { Value } from '../history/operation.ts';
import { canonical, isList } from '../history/values.ts';
import { type QueueInput, understandQueue } from './fifo-queue.ts';
import { illegal, legal, type Model, refused, unreachable } from './model.ts';
import { show } from './value.ts';

/** Canonical texts in ascending order, each as often as it waits. */
type Waiting = readonly string[];

/**
 * A queue that gives back its elements in any order (a bag). `enqueue` (value), `dequeue` (ok value; null when it was
 * empty).
 *
 * A dequeue of unknown outcome may have taken any element, yet it is enough to let it take the first. Only a dequeue
 * that finds the queue empty can tell that one has happened; a dequeue that never returns can be put off until just
 * before that one, and by then what waits is exactly what such dequeues have taken, whichever took which.
 */
export const unorderedQueue: Model<Waiting, QueueInput, Value> = {
  name: 'unordered-queue',
  summary: 'enqueue, dequeue (null = empty) in any order; one queue per key',
  partition: 'key',
  timed: false,
  initial: [],
  startingFrom: (value) =>
    isList(value)
      ? { kind: 'state', state: value.map(canonical).sort() }
      : refused('a queue starts from the list of its elements'),
  understand: (recorded) => understandQueue(recorded, 'unordered-queue'),
  step(waiting, input, seen) {
    switch (input.kind) {
      case 'enqueue':
        return legal([...waiting, canonical(input.value)].sort());
      case 'dequeue': {
        if (seen === undefined) return legal(waiting.slice(1));
        if (seen === null) {
          if (waiting.length === 0) return legal(waiting);
          return illegal(() => `it found the queue empty while ${waiting.join(', ')} waited in it`);
        }
        const at = waiting.indexOf(canonical(seen));
        if (at >= 0) return legal(waiting.toSpliced(at, 1));
        return illegal(() => `it took ${show(seen)}, which did not wait in the queue`);
      }
      default:
        return unreachable(input);
    }
  },
  key: (waiting) => waiting.join('\n'), // canonical JSON holds no line break
  show: (waiting) => `{${waiting.join(', ')}}`,
  observes: (input, seen) => input.kind === 'dequeue' && seen === null,
};
