import { ABSENT, type History } from '../history/history.ts';
import { show } from '../models/value.ts';
import type { Letters } from './letters.ts';
import type { Part } from './part.ts';
import { Search } from './search.ts';
import { REFUSED, type Transitions } from './transitions.ts';

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

/** So many configurations or model steps pass between two looks at the limits. */
const slice = 1000;

interface Stuck {
  readonly history: History;
  readonly part: Part;
  readonly letters: Letters;
  readonly transitions: Transitions;
  readonly stuck: Search;
  /** May the search for the order of the prefix go on, holding so many bytes? */
  readonly mayGoOn: (bytes: number) => boolean;
}

/** Explains a search that got stuck. */
export function explain({ history, part, letters, transitions, stuck, mayGoOn }: Stuck): Explanation {
  const end = stuck.furthest;
  const operation = part.ops[part.events[end]! >>> 1]!;
  const pending = pendingAt(part, end);
  const states = statesInWords(transitions, stuck.statesAtFurthest);
  const attempts = [...states].slice(0, statesMax).flatMap(([words, state]) =>
    pending.map((op) => ({
      operation: part.ops[op]!,
      state: words,
      refusal: transitions.why(state, part.letters[op]!),
    })),
  );
  const order = linearizationBefore(part, letters, transitions, end, mayGoOn);
  const definite = pending.filter((op) => part.slots[op]! >= 0);
  const involved = new Set([...definite, ...(order === undefined ? [] : lastChange(part, transitions, order))]);
  return {
    operation,
    pending: pending.map((op) => part.ops[op]!),
    involved: Array.from(involved, (op) => part.ops[op]!).sort((a, b) => a - b),
    prefix: order && Array.from(order, (op) => part.ops[op]!),
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
  part: Part,
  letters: Letters,
  transitions: Transitions,
  end: number,
  mayGoOn: (bytes: number) => boolean,
): Int32Array | undefined {
  const search = new Search(part, letters, transitions, end);
  while (search.run(slice) === 'paused') if (!mayGoOn(search.bytes)) return undefined;
  return search.linearization;
}

/** The last operation of an order that made the state what it is, and the observers since: what the failure clashes with. */
function lastChange(part: Part, transitions: Transitions, order: Int32Array): number[] {
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

function pendingAt(part: Part, position: number): number[] {
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

/** The key of a part, or `undefined` if its operations name none. */
export const keyOfPart = (history: History, part: Part) =>
  part.key === ABSENT ? undefined : history.keys.get(part.key);
