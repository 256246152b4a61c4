import type { Question } from '../procedure.ts';
import type { InSteps } from '../turns.ts';
import { firstIllegal, upTo } from './cuts.ts';
import { type Judge, type Prepared, prepare } from './judge.ts';
import { type Pinpointed, pinpoint } from './pinpoint.ts';

/** Where no order leads on. Operations are named by their number in the history. */
export interface DeadEnd {
  /** The first operation, in order of completion, up to whose return no order explains the history. */
  readonly operation: number;
  /** The operations open at that moment, `operation` among them. */
  readonly pending: readonly number[];
  /** An order that explains everything before that return. */
  readonly prefix: readonly number[];
  /** The states that the object could be in when `operation` had to take effect, in the model's words. */
  readonly states: readonly string[];
  /** How many there were in all. */
  readonly stateCount: number;
  /** What becomes of each pending operation in the states listed. */
  readonly attempts: readonly Attempt[];
}

export interface Attempt {
  readonly operation: number;
  readonly state: string;
  /** Why the model refuses it, or `undefined`: it is possible, and leads to another state that is no better. */
  readonly refusal: string | undefined;
}

/** So many states are described; there can be thousands. */
const statesMax = 8;
/** So many pending operations of unknown outcome are tried in each, those invoked last. */
const unknownMax = 100;

/** The dead end there; `undefined` if what the judge may use does not suffice to find the prefix. */
export function* deadEndAt(
  prepared: Prepared,
  { position, states }: Pinpointed,
  judge: Judge,
): InSteps<DeadEnd | undefined> {
  const before = yield* judge.search(prepared, { end: position });
  if (before.end !== 'linearizable') return undefined;
  return described(prepared, position, before.search.linearization, states);
}

/** The dead end of an illegal question; `undefined` if what the judge may use does not suffice, or if it is legal. */
export function* deadEndOf(question: Question, judge: Judge): InSteps<DeadEnd | undefined> {
  const prepared = prepare(question);
  const whole = prepared && (yield* judge.search(prepared));
  if (prepared === undefined || whole?.end !== 'stuck') return undefined;
  return yield* deadEndAt(prepared, yield* pinpoint(prepared, whole.search, judge), judge);
}

/**
 * The same for long histories, by bisection and whatever decides best. What was open when order ends counts as of
 * unknown outcome, so that the end may be found a little later than by search, and of its states one is told.
 *
 * `illegalAt`: a place among the events, a return, up to and including which the question is known to be illegal.
 */
export function* deadEndOfLong(question: Question, illegalAt: number, judge: Judge): InSteps<DeadEnd | undefined> {
  const end = yield* firstIllegal(question, illegalAt, judge);
  if (end === undefined) return undefined;
  const order = yield* judge.order(upTo(question, end));
  if (order === undefined) return undefined;
  yield;
  const prepared = prepare(upTo(question, end + 1));
  if (prepared === undefined) return undefined;
  yield;
  const { window } = prepared;
  const numbers = new Map(Array.from(window.ops, (op, own) => [prepared.question.part.ops[op]!, own]));
  const own = order.map((op) => numbers.get(op)).filter((number) => number !== undefined);
  yield;
  return described(prepared, window.events.length - 1, Int32Array.from(own), []);
}

function described(prepared: Prepared, end: number, order: Int32Array, visited: readonly number[]): DeadEnd {
  const { question, window, transitions } = prepared;
  const { part, model } = question;
  const inHistory = (op: number): number => part.ops[window.ops[op]!]!;
  const pending = pendingAt(prepared, end);
  const found = visited.length > 0 ? visited.map((state) => transitions.state(state)) : stateAfter(prepared, order);
  // One state for each description: what a model keeps beyond its words (when a lease ends) need not be repeated.
  const states = new Map(found.map((state) => [model.show(state), state]));
  const shown = [...states].slice(0, statesMax);
  const attempts = shown.flatMap(([words, state]) =>
    pending.map((op) => ({ operation: inHistory(op), state: words, refusal: refusalOf(prepared, state, op) })),
  );
  return {
    operation: inHistory(window.events[end]! >>> 1),
    pending: pending.map(inHistory),
    prefix: Array.from(order, inHistory),
    states: shown.map(([words]) => words),
    stateCount: states.size,
    attempts,
  };
}

const stepOf = ({ alphabet, window }: Prepared, state: unknown, op: number) => {
  const letter = window.letters[op]!;
  return alphabet.model.step(state, alphabet.inputs[letter], alphabet.seen[letter]);
};

function refusalOf(prepared: Prepared, state: unknown, op: number): string | undefined {
  const step = stepOf(prepared, state, op);
  return step.legal ? undefined : step.why();
}

/** The state that an order ends in; none if the model refuses it after all, and so breaks a law of its kind. */
function stateAfter(prepared: Prepared, order: Int32Array): unknown[] {
  let state = prepared.question.initial;
  for (const op of order) {
    const step = stepOf(prepared, state, op);
    if (!step.legal) return [];
    state = step.state;
  }
  return [state];
}

function pendingAt({ window }: Prepared, position: number): number[] {
  const open = new Set<number>();
  for (let at = 0; at < position; at++) {
    const event = window.events[at]!;
    if ((event & 1) === 0) open.add(event >>> 1);
    else open.delete(event >>> 1);
  }
  const unknown = [...open].filter((op) => window.slots[op]! < 0);
  for (const op of unknown.slice(0, -unknownMax)) open.delete(op);
  return [...open];
}
