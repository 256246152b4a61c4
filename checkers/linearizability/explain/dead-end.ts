import { REFUSED } from '../search/transitions.ts';
import type { Judge, Prepared } from './judge.ts';

/** Where no order leads on. Operations are named by their number in the history. */
export interface DeadEnd {
  /** The place of that return among the events of the part. */
  readonly end: number;
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

/**
 * Finds the dead end of an illegal question: the shortest beginning of the history that is illegal. Bisection, from
 * where a search of the whole got to; `undefined` if what the judge may use does not suffice, or if it is legal.
 */
export function deadEnd(prepared: Prepared, judge: Judge): DeadEnd | undefined {
  const { window } = prepared;
  let last = judge.search(prepared);
  if (last === undefined || !last.stuck) return undefined;
  let reached = last.search.furthest; // all before it can be explained
  let beyond = window.events.length; // and not all before this
  for (let end = reached + 1; ; end = (reached + beyond) >>> 1) {
    const decided = judge.search(prepared, end);
    if (decided === undefined) return undefined;
    if (decided.stuck) {
      beyond = end;
      last = decided;
    } else {
      reached = end;
    }
    if (beyond === reached + 1) break;
  }
  const before = judge.search(prepared, reached);
  if (before === undefined || before.stuck) return undefined;
  const visited = last.search.furthest === reached ? last.search.statesAtFurthest : [];
  return described(prepared, reached, before.search.linearization, visited);
}

function described(prepared: Prepared, end: number, order: Int32Array, visited: readonly number[]): DeadEnd {
  const { question, window, transitions } = prepared;
  const { part } = question;
  const inHistory = (op: number): number => part.ops[window.ops[op]!]!;
  const pending = pendingAt(prepared, end);
  const found = visited.length > 0 ? visited : [stateAfter(prepared, order)];
  // One state for each description: what a model keeps beyond its words (when a lease ends) need not be repeated.
  const states = new Map(found.map((state) => [transitions.show(state), state]));
  const shown = [...states].slice(0, statesMax);
  const attempts = shown.flatMap(([words, state]) =>
    pending.map((op) => ({
      operation: inHistory(op),
      state: words,
      refusal: transitions.why(state, window.letters[op]!),
    })),
  );
  const stuck = window.events[end]! >>> 1;
  return {
    end: part.events.indexOf(2 * window.ops[stuck]! + 1),
    operation: inHistory(stuck),
    pending: pending.map(inHistory),
    prefix: Array.from(order, inHistory),
    states: shown.map(([words]) => words),
    stateCount: states.size,
    attempts,
  };
}

function stateAfter({ transitions, window }: Prepared, order: Int32Array): number {
  let state = transitions.initial;
  for (const op of order) {
    state = transitions.step(state, window.letters[op]!);
    if (state === REFUSED) {
      throw new Error('the model refuses an order that it accepted before: it breaks a law of `Model`');
    }
  }
  return state;
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
