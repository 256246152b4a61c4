import type { Question } from '../../procedure.ts';
import { contradiction, type Illegal, words } from '../evidence.ts';
import { NONE } from '../id-index.ts';
import type { Elements } from './elements.ts';
import { dequeuesBefore } from './overtaking.ts';

/**
 * For each dequeue that found the queue empty, in order of return, a moment within it at which the queue may have been:
 * one that lies within no interval from the return of an element's enqueue to the invocation of its dequeue. The
 * latest such moment, so that moments never go down. If there is none, pattern 4 of Henzinger, Sezgin and Vafeiadis
 * (CONCUR 2013). One sweep by time: O(events).
 */
export function gaps(question: Question, elements: Elements): Int32Array | Illegal {
  const { enqueueReturn, dequeueCall, enqueue, dequeue, intervals, of, empty, initial } = elements;
  const { events } = question.part;
  const moments = new Int32Array(empty.length);
  if (empty.length === 0) return moments;
  const isEmpty = new Uint8Array(question.part.ops.length);
  for (const op of empty) isEmpty[op] = 1;
  let inside = initial;
  let gap = NONE;
  let found = 0;
  for (let at = 0; at < events.length; at++) {
    const op = events[at]! >>> 1;
    const element = of[op]!;
    const returns = (events[at]! & 1) === 1;
    if (element !== NONE && !returns && dequeue[element] === op && enqueueReturn[element]! < at) inside--;
    if (inside === 0) gap = at;
    if (element !== NONE && returns && enqueue[element] === op && dequeueCall[element]! > at) inside++;
    if (returns && isEmpty[op] === 1) {
      if (gap < intervals.call[op]!) return evidence(question, elements, op);
      moments[found++] = gap;
    }
  }
  return moments;
}

/** The dequeues that found the queue empty, in order of return: to go with `gaps`. */
export function emptyByReturn({ empty, intervals }: Elements): Int32Array {
  return Int32Array.from(empty).sort((a, b) => intervals.ret[a]! - intervals.ret[b]!);
}

/**
 * A chain of elements of which at every moment of the dequeue one must have been in the queue. If some of them were
 * lost, a dequeue whose outcome is weakened to unknown might have taken them: so all that began by then are evidence,
 * and with them the enqueues of all elements lost by then.
 */
function evidence(question: Question, elements: Elements, op: number): Illegal {
  const { enqueue, dequeue, enqueueReturn, intervals, lost } = elements;
  const end = intervals.ret[op]!;
  const chain = covering(question, elements, intervals.call[op]!, end);
  const named = chain.map((x) => (enqueue[x]! < 0 ? 'an element of the initial state' : words(question, enqueue[x]!)));
  const shown = named.length > 3 ? [...named.slice(0, 3), `${named.length - 3} more`] : named;
  const why = `${words(question, op)} found the queue empty, but at every moment something was in it: put in by ${shown.join(', ')}`;
  const core = [op, ...chain.map((x) => enqueue[x]!)];
  const takers = chain.map((x) => dequeue[x]!);
  if (takers.every((taker) => question.part.definite[taker] === 1)) return contradiction([...core, ...takers], why);
  const missing = lost.filter((z) => enqueueReturn[z]! < end).map((z) => enqueue[z]!);
  const known = takers.filter((taker) => question.part.definite[taker] === 1);
  return contradiction([...core, ...known, ...missing, ...dequeuesBefore(question, elements, end)], why);
}

/** Elements whose intervals cover all moments from `from` to `to`; as few as there can be. O(events). */
function covering({ part }: Question, elements: Elements, from: number, to: number): number[] {
  const { enqueue, dequeueCall, initial, of } = elements;
  const chain: number[] = [];
  let longest = NONE;
  const offer = (element: number): void => {
    if (longest === NONE || dequeueCall[element]! > dequeueCall[longest]!) longest = element;
  };
  for (let element = 0; element < initial; element++) offer(element);
  let moment = from;
  for (let at = 0; moment <= to; at++) {
    if (at >= moment) {
      chain.push(longest);
      moment = dequeueCall[longest]!;
    }
    const event = part.events[at];
    if (event === undefined) break;
    const element = of[event >>> 1]!;
    if ((event & 1) === 1 && element !== NONE && enqueue[element] === event >>> 1) offer(element);
  }
  return chain;
}
