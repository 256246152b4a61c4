import type { Question } from '../../procedure.ts';
import { contradiction, type Illegal, words } from '../evidence.ts';
import { NONE } from '../id-index.ts';
import type { Elements } from './elements.ts';

/**
 * Pattern 3 of Henzinger, Sezgin and Vafeiadis (CONCUR 2013): x was enqueued before y, and y dequeued before x (or x
 * never). One sweep by time keeps, among the x whose enqueue has returned, the one whose dequeue begins last: O(events).
 */
export function overtaken(question: Question, elements: Elements): Illegal | undefined {
  const { initial, enqueue, dequeueCall, dequeueReturn, of } = elements;
  const { events } = question.part;
  let last = NONE;
  for (let y = 0; y < initial; y++) {
    if (last !== NONE && dequeueCall[last]! > dequeueReturn[y]!) return evidence(question, elements, last, y);
    if (last === NONE || dequeueCall[y]! > dequeueCall[last]!) last = y;
  }
  for (let at = 0; at < events.length; at++) {
    const op = events[at]! >>> 1;
    const element = of[op]!;
    if (element === NONE || enqueue[element] !== op) continue;
    if ((events[at]! & 1) === 0) {
      if (last !== NONE && dequeueCall[last]! > dequeueReturn[element]!)
        return evidence(question, elements, last, element);
    } else if (last === NONE || dequeueCall[element]! > dequeueCall[last]!) last = element;
  }
  return undefined;
}

/**
 * If a definite dequeue took x, the four operations clash whatever the others did. If none did, a dequeue whose outcome
 * is weakened to unknown might have: then those that began before y was gone are evidence, and so are the enqueues of
 * the elements that were lost before x, for which the dequeues of unknown outcome are needed.
 */
function evidence(question: Question, elements: Elements, x: number, y: number): Illegal {
  const { enqueue, dequeue, dequeueReturn, enqueueReturn, lost } = elements;
  const first = enqueue[x]! < 0 ? 'the initial state' : words(question, enqueue[x]!);
  const why = `${words(question, dequeue[y]!)} took what ${origin(question, enqueue[y]!)} had put behind what ${first} put in, which ${fate(question, elements, x)}`;
  const core = [enqueue[x]!, enqueue[y]!, dequeue[y]!];
  if (question.part.definite[dequeue[x]!] === 1) return contradiction([...core, dequeue[x]!], why);
  const before = lost.filter((z) => enqueueReturn[z]! <= enqueueReturn[x]!).map((z) => enqueue[z]!);
  return contradiction([...core, ...before, ...dequeuesBefore(question, elements, dequeueReturn[y]!)], why);
}

const origin = (question: Question, op: number): string => (op < 0 ? 'the initial state' : words(question, op));

function fate(question: Question, { dequeue, lost, unknown }: Elements, x: number): string {
  const taker = dequeue[x]!;
  if (taker === NONE) return 'nobody had taken';
  if (question.part.definite[taker] === 1) return `only ${words(question, taker)} took, later`;
  return `no dequeue can have taken by then: ${lost.length} elements are missing, and ${unknown.length} dequeues are of unknown outcome`;
}

/** The definite dequeues that began before a moment. */
export function dequeuesBefore({ history, part }: Question, { intervals }: Elements, moment: number): number[] {
  const dequeue = history.names.find('dequeue');
  const found: number[] = [];
  for (let op = 0; op < part.ops.length && intervals.call[op]! < moment; op++) {
    if (part.definite[op] === 1 && history.f[part.ops[op]!] === dequeue) found.push(op);
  }
  return found;
}
