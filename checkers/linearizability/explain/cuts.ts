import { GONE, KEPT, MAYBE, type Part, weakened } from '../part.ts';
import type { Question } from '../procedure.ts';
import type { InSteps } from '../turns.ts';
import type { Judge } from './judge.ts';
import type { Spelled } from './laws/laws.ts';

/**
 * The question up to an event: what was invoked later is left out, what was open is of unknown outcome. Legal if the
 * whole is: take an order of the whole, and of those that never returned by then leave out what was invoked later (all
 * operations that had returned by then can stand before it).
 */
export function upTo(question: Question, end: number): Question {
  const { part } = question;
  const fate = new Uint8Array(part.ops.length).fill(GONE);
  for (let at = 0; at < end; at++) fate[part.events[at]! >>> 1] = (part.events[at]! & 1) === 1 ? KEPT : MAYBE;
  return { ...question, part: weakened(part, fate) };
}

/**
 * The question after an operation that made a state known, which then is the initial one. Take a legal order of the
 * whole and cut it before that operation: the rest is legal from there. In the rest is all that was invoked after the
 * operation returned; what had returned before it was invoked is not; the others may be, and count as unknown (observers
 * go).
 */
export function startingWith({ question, letters, observer }: Spelled, anchor: number, initial: unknown): Question {
  const { part } = question;
  const fate = new Uint8Array(part.ops.length).fill(MAYBE);
  let seen = 0; // events of the anchor
  for (const event of part.events) {
    const op = event >>> 1;
    const invoked = (event & 1) === 0;
    if (op === anchor) seen++;
    else if (seen === 2 && invoked) fate[op] = KEPT;
    else if (seen === 0 && !invoked) fate[op] = GONE;
  }
  for (const [op, letter] of letters.entries()) {
    if (fate[op] === MAYBE && part.definite[op] === 1 && observer[letter] === 1) fate[op] = GONE;
  }
  fate[anchor] = KEPT;
  return { ...question, initial, part: weakened(part, fate) };
}

/**
 * The event, a return, up to and including which the question is not legal while up to it it is; or `undefined` if it
 * could not be found within what the judge may use. Bisection, since what is illegal stays so when more is added.
 *
 * `illegalAt`: an event up to and including which it is known to be illegal.
 */
export function* firstIllegal(question: Question, illegalAt: number, judge: Judge): InSteps<number | undefined> {
  const { events } = question.part;
  let low = 0;
  let high = illegalAt;
  while (low < high) {
    if (judge.exhausted) return undefined;
    const middle = (low + high) >>> 1;
    if (yield* judge.illegal(upTo(question, middle + 1))) high = middle;
    else low = middle + 1;
  }
  return (events[high]! & 1) === 1 ? high : undefined;
}

/** Where each operation of a part is invoked and returns, as places in `events`; the length for what never returns. */
export function placesIn(part: Part): { readonly invoked: Int32Array; readonly returned: Int32Array } {
  const invoked = new Int32Array(part.ops.length);
  const returned = new Int32Array(part.ops.length).fill(part.events.length);
  for (const [at, event] of part.events.entries()) ((event & 1) === 0 ? invoked : returned)[event >>> 1] = at;
  return { invoked, returned };
}
