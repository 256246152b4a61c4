import type { History } from '../../history/history.ts';
import { show } from '../../models/value.ts';
import type { Attempt as Deciding } from '../attempt.ts';
import { type Outcome, type Shared, type Stuck, slice } from '../attempt.ts';
import type { Question } from '../procedure.ts';
import { Search } from '../search/search.ts';
import { REFUSED, type Transitions } from '../search/transitions.ts';
import type { Window } from '../search/window.ts';

/** Why one part of a history is not linearizable. Operations are named by their number in the history. */
export interface Explanation {
  /** The first operation, in order of completion, up to whose return no order explains the history. */
  readonly operation: number;
  /** The operations open at that moment, `operation` among them. */
  readonly pending: readonly number[];
  /**
   * What a reader should look at first: the pending operations that did return, and those of `prefix` that made the
   * last state and observed it.
   */
  readonly involved: readonly number[];
  /** An order that explains everything before that return, or `undefined` if the limits left no time to find it. */
  readonly prefix: readonly number[] | undefined;
  /** The states that the object could be in when `operation` had to take effect, in the model's words. */
  readonly states: readonly string[];
  /** What becomes of each pending operation in the states listed. */
  readonly attempts: readonly Attempt[];
  /** All of it in one sentence. */
  readonly why: string;
}

export interface Attempt {
  readonly operation: number;
  readonly state: string;
  /** Why the model refuses it, or `undefined`: it is possible, and leads to another state that is no better. */
  readonly refusal: string | undefined;
}

/** So many states are described; there can be thousands. */
const statesMax = 8;

/** Explains why a part is illegal. */
export function explain(
  attempt: Deciding,
  illegal: Extract<Outcome, { kind: 'illegal' }>,
  shared: Shared,
): Explanation {
  const { stuck, question } = attempt;
  if (stuck === undefined) return explainCore(question, illegal);
  return explainStuck(question, stuck, shared);
}

function explainCore({ part }: Question, { why, core }: Extract<Outcome, { kind: 'illegal' }>): Explanation {
  const involved = core.map((op) => part.ops[op]!);
  return { operation: involved.at(-1)!, pending: [], involved, prefix: undefined, states: [], attempts: [], why };
}

function explainStuck(
  { history, part }: Question,
  { search, window, transitions }: Stuck,
  shared: Shared,
): Explanation {
  const end = search.furthest;
  const inHistory = (op: number): number => part.ops[window.ops[op]!]!;
  const operation = inHistory(window.events[end]! >>> 1);
  const pending = pendingAt(window, end);
  const states = statesInWords(transitions, search.statesAtFurthest);
  const attempts = [...states].slice(0, statesMax).flatMap(([words, state]) =>
    pending.map((op) => ({
      operation: inHistory(op),
      state: words,
      refusal: transitions.why(state, window.letters[op]!),
    })),
  );
  const order = linearizationBefore(window, transitions, end, shared);
  const definite = pending.filter((op) => window.slots[op]! >= 0);
  const involved = new Set([...definite, ...(order === undefined ? [] : lastChange(window, transitions, order))]);
  return {
    operation,
    pending: pending.map(inHistory),
    involved: Array.from(involved, inHistory).sort((a, b) => a - b),
    prefix: order && Array.from(order, inHistory),
    states: [...states.keys()].slice(0, statesMax),
    attempts,
    why: sentence(history, operation, attempts, states.size),
  };
}

/** One state for each description: what a model keeps beyond its words (when a lease ends) need not be repeated. */
function statesInWords(transitions: Transitions, states: readonly number[]): ReadonlyMap<string, number> {
  return new Map(states.map((state) => [transitions.show(state), state]));
}

/** Searches again, up to the return that could not be passed: an order exists, because the first search found it. */
function linearizationBefore(
  window: Window,
  transitions: Transitions,
  end: number,
  { alphabet, limits }: Shared,
): Int32Array | undefined {
  const search = new Search(window, alphabet, transitions, end);
  while (search.run(slice) === 'paused') {
    limits.spend(slice);
    if (limits.exceeded() !== undefined || search.bytes > limits.memoryBytes) return undefined;
  }
  return search.linearization;
}

/** The last operation of an order that made the state what it is, and the observers since: what the failure clashes with. */
function lastChange(part: Window, transitions: Transitions, order: Int32Array): number[] {
  let state = transitions.initial;
  let last: number[] = [];
  for (const op of order) {
    const letter = part.letters[op]!;
    const next = transitions.step(state, letter);
    if (next === REFUSED)
      throw new Error('the model refuses an order that it accepted before: it breaks a law of `Model`');
    last = next === state ? [...last.slice(0, 1), op] : [op];
    state = next;
  }
  return last;
}

function pendingAt(part: Window, position: number): number[] {
  const open = new Set<number>();
  for (let at = 0; at < position; at++) {
    const event = part.events[at]!;
    if ((event & 1) === 0) open.add(event >>> 1);
    else open.delete(event >>> 1);
  }
  return [...open];
}

function sentence(history: History, operation: number, attempts: readonly Attempt[], stateCount: number): string {
  const own = attempts.filter((attempt) => attempt.operation === operation && attempt.refusal !== undefined);
  const reasons = [...new Set(own.map((attempt) => attempt.refusal))];
  const more = stateCount > statesMax ? `; and ${stateCount - statesMax} more states` : '';
  return `no order explains ${describe(history, operation)}: ${reasons.join('; or ')}${more}`;
}

/** One operation in words: what, on which key, what came of it, who, and where it begins in the history. */
export function describe(history: History, op: number): string {
  const { f, key, input, output, result, outcome, process, index } = history.operation(op);
  const object = key === undefined ? '' : ` of ${show(key)}`;
  const argument = input === undefined || input === null ? '' : ` ${show(input)}`;
  const told = result ?? (history.output[op] === history.input[op] && input !== null ? undefined : output);
  const answer = told === undefined ? '' : ` -> ${show(told)}`;
  return `${f}${object}${argument}${outcome === 'ok' ? answer : ` (${outcome})`} by process ${process} (index ${index})`;
}
