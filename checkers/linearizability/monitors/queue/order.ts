import { NEVER } from '../../../history/history.ts';
import type { Question } from '../../procedure.ts';
import { NONE } from '../id-index.ts';
import { byClass, byPosition } from '../positions.ts';
import { inArrivalOrder } from './arrival.ts';
import type { Elements } from './elements.ts';
import { emptyByReturn } from './emptiness.ts';

/**
 * An order of a queue that none of the patterns forbids. It is also the proof that they suffice.
 *
 * *Gaps.* Each dequeue that found nothing has a moment p in no open interval (return of an enqueue, invocation of its
 * dequeue). An element belongs behind p if its enqueue (cut at the return of its dequeue) may be as late as p, and
 * before p otherwise; its dequeue was then invoked by p, since p is in a gap. So gaps cut the elements into classes
 * that come one after another.
 *
 * *Within a class* let the elements have an order in which x is before y whenever x must be enqueued, or must be
 * dequeued, before y can be. Enqueue each at the latest invocation of an enqueue up to its own, and dequeue it at the
 * latest moment from which one up to its own can be dequeued. Neither is after the return, or two would be in the wrong
 * order; and both go up along the order. A bag needs no such order: each operation takes effect as soon as it can.
 */
export function orderOf(question: Question, elements: Elements, moments: Int32Array, fifo: boolean): Int32Array {
  const { length } = question.part.events;
  const { count, enqueueCall, enqueueReturn, dequeueReturn } = elements;
  const enqueueBy = enqueueReturn.map((at, element) => Math.min(at, dequeueReturn[element]!));
  const classOf = classes(enqueueBy, moments, length);
  const { dequeue, dequeueCall } = fifo ? elements : withUnknownLast(question, elements, classOf, moments.length);
  const dequeueFrom = dequeueCall.map((at, element) => Math.max(at, enqueueCall[element]!));
  const windows = { enqueueFrom: enqueueCall, enqueueBy, dequeueFrom, dequeueBy: dequeueReturn };
  const arrivals = fifo ? inArrivalOrder(windows, length) : Int32Array.from({ length: count }, (_, i) => i);
  const departures = fifo ? arrivals : byPosition(dequeueFrom, length);
  const inClasses = (line: Int32Array) => byClass(line, classOf, moments.length + 1);
  return merged({
    came: inClasses(arrivals.filter((element) => enqueueBy[element] !== NEVER)),
    went: inClasses(departures.filter((element) => dequeue[element] !== NONE)),
    classOf,
    enqueue: elements.enqueue,
    dequeue,
    enqueueFrom: enqueueCall,
    dequeueFrom,
    empty: emptyByReturn(elements),
  });
}

/** How many gaps an element is behind. */
function classes(enqueueBy: Int32Array, moments: Int32Array, length: number): Int32Array {
  const classOf = new Int32Array(enqueueBy.length);
  let gap = 0;
  for (const element of byPosition(enqueueBy, length)) {
    while (gap < moments.length && moments[gap]! <= enqueueBy[element]!) gap++;
    classOf[element] = gap;
  }
  return classOf;
}

/**
 * In a bag a dequeue of unknown outcome waits until the queue has to be empty, and does not happen if it never has to
 * be: then it is all the same which element it takes (see the model).
 */
function withUnknownLast({ part }: Question, elements: Elements, classOf: Int32Array, last: number) {
  const unknown = (op: number): boolean => op !== NONE && part.definite[op] === 0;
  return {
    dequeue: elements.dequeue.map((op, element) => (unknown(op) && classOf[element] === last ? NONE : op)),
    dequeueCall: elements.dequeueCall.map((at, element) => (unknown(elements.dequeue[element]!) ? NEVER : at)),
  };
}

interface Lines {
  /** Elements in the order of their enqueues, and of their dequeues; both class by class. */
  readonly came: Int32Array;
  readonly went: Int32Array;
  readonly classOf: Int32Array;
  readonly enqueue: Int32Array;
  readonly dequeue: Int32Array;
  readonly enqueueFrom: Int32Array;
  readonly dequeueFrom: Int32Array;
  /** The dequeues that found nothing: one behind each class but the last. */
  readonly empty: Int32Array;
}

function merged({ came, went, classOf, enqueue, dequeue, enqueueFrom, dequeueFrom, empty }: Lines): Int32Array {
  const order: number[] = [];
  let i = 0;
  let j = 0;
  for (let k = 0; k <= empty.length; k++) {
    if (k > 0) order.push(empty[k - 1]!);
    let enqueued = Number.NEGATIVE_INFINITY;
    let dequeued = Number.NEGATIVE_INFINITY;
    for (;;) {
      const comes = i < came.length && classOf[came[i]!] === k;
      const goes = j < went.length && classOf[went[j]!] === k;
      if (!comes && !goes) break;
      if (comes) enqueued = Math.max(enqueued, enqueueFrom[came[i]!]!);
      if (goes) dequeued = Math.max(dequeued, dequeueFrom[went[j]!]!);
      if (comes && (!goes || enqueued <= dequeued)) order.push(enqueue[came[i++]!]!);
      else order.push(dequeue[went[j++]!]!);
    }
  }
  return Int32Array.from(order).filter((op) => op >= 0); // without enqueues of the initial state
}
