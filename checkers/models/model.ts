import type { Outcome, Value } from '../history/operation.ts';

/** What the object does with one operation: takes the next state, or refuses. The reason is a function because a
 * search provokes millions of refusals and a person reads one. */
export type Step<State> =
  | { readonly legal: true; readonly state: State }
  | { readonly legal: false; readonly why: () => string };

export const legal = <State>(state: State): Step<State> => ({ legal: true, state });
export const illegal = (why: () => string): Step<never> => ({ legal: false, why });

/** An operation as the history recorded it; what a model reads its input and output from. */
export interface Recorded {
  readonly f: string;
  readonly outcome: Outcome;
  /** `value` of the invocation, and of the `ok`; `undefined` where there is no such field. */
  readonly input: Value | undefined;
  readonly output: Value | undefined;
  readonly result: Value | undefined;
  /**
   * Nanoseconds since the run began; the return of an unknown outcome is `Infinity`. In a history without times every
   * operation spans all time: what depends on a duration may then have happened.
   */
  readonly invokedNs: number;
  readonly returnedNs: number;
}

/**
 * A recorded operation in the model's own terms. `input` depends on `f`, the invocation's value and (for a `timed`
 * model) the times only, never on what came back; `seen` is `undefined` when the client learned nothing that a state
 * could contradict: its outcome is unknown, or the answer is always the same (a write's).
 */
export type Understanding<In, Out> =
  | { readonly kind: 'operation'; readonly input: In; readonly seen: Out | undefined }
  | Refusal;

/** This model cannot judge such a history, and what would be right. */
export interface Refusal {
  readonly kind: 'refused';
  readonly why: string;
}

export const operation = <In, Out>(input: In, seen: Out | undefined): Understanding<In, Out> => ({
  kind: 'operation',
  input,
  seen,
});
export const refused = (why: string): Refusal => ({ kind: 'refused', why });

/** A state's identity: states are equal exactly when their keys are the same (`===`). */
export type Key = string | number | boolean | null;

/**
 * A sequential specification: what the object would do if clients took turns. Everything here is total and pure:
 * nothing is mutated, nothing thrown, and equal arguments give equal answers.
 *
 * Laws, which the tests hold every model to:
 * - `key(a) === key(b)` exactly when no sequence of operations can tell a from b;
 * - if `observes(input, seen)`, then in *every* state the step is refused or leaves the state as it was. Saying true
 *   for a write that happens to write the current value would be wrong: it is not an observer in other states;
 * - with `seen` undefined, `step` allows all that some answer would allow.
 */
export interface Model<State, In, Out> {
  readonly name: string;
  /** One line for the list of models: the operations, and what is special. */
  readonly summary: string;
  /** `key`: operations on different keys never meet, and every key has an object of its own. */
  readonly partition: 'key' | 'whole';
  /** The steps look at the operations' times: two operations are then never the same to a search. */
  readonly timed: boolean;
  readonly initial: State;
  /** The state that a user's `--initial VALUE` names, or why it names none. */
  startingFrom(value: Value): { readonly kind: 'state'; readonly state: State } | Refusal;
  understand(recorded: Recorded): Understanding<In, Out>;
  step(state: State, input: In, seen: Out | undefined): Step<State>;
  key(state: State): Key;
  /** The state in words, for messages. */
  show(state: State): string;
  observes(input: In, seen: Out | undefined): boolean;
  /**
   * Optional: the names (`f`) of operations that are exactly those of a compare-and-set register whose state is the
   * value it holds: `read` (ok value: what it holds), `write` (value), `cas` (value `[from, to]`, ok result false: it
   * held another). A history with only such operations may be decided from its columns, without asking the model.
   */
  readonly cell?: Readonly<Record<string, 'read' | 'write' | 'cas'>>;
  /** Optional: what the operation needs and makes, where that is simple. It lets the search look ahead. */
  effect?(input: In, seen: Out | undefined): Effect | undefined;
  /** Optional, for objects that grow: lets the search see early that a state cannot become what an observer saw. */
  readonly growth?: Growth<State, In, Out>;
}

/**
 * What a search may know of an object that some operations only add to (append to a list, add to a set). Laws:
 * - if `mayBecome(state, input, seen)` is false for an observer, the observer is refused in that state, and
 *   `mayBecome` is false again in every state that an operation with `grows` leads to from there.
 */
export interface Growth<State, In, Out> {
  /** The operation only adds to the state, whatever the state is. */
  grows(input: In, seen: Out | undefined): boolean;
  /** Whether additions may turn the state into one that an observer with this answer is legal in; true if in doubt. */
  mayBecome(state: State, input: In, seen: Out | undefined): boolean;
}

/**
 * What an operation does, in terms of the keys of states. It says no more and no less than `step` does:
 * - `observes`: possible exactly in the state `needs`, which it leaves as it is;
 * - `denies`: possible in every state but `unlike`, and leaves it as it is;
 * - `writes`: possible in every state, and makes `makes`;
 * - `exchanges`: possible exactly in the state `needs`, and makes `makes`;
 * - `replaces`: possible in every state but `unlike`, and makes `makes`;
 * - `may-exchange`: possible in every state; makes `makes` of `needs`, and leaves every other state as it is.
 */
export type Effect =
  | { readonly kind: 'observes'; readonly needs: Key }
  | { readonly kind: 'denies'; readonly unlike: Key }
  | { readonly kind: 'writes'; readonly makes: Key }
  | { readonly kind: 'exchanges'; readonly needs: Key; readonly makes: Key }
  | { readonly kind: 'replaces'; readonly unlike: Key; readonly makes: Key }
  | { readonly kind: 'may-exchange'; readonly needs: Key; readonly makes: Key };

/** A model whose types nobody needs to know. */
export type AnyModel = Model<unknown, unknown, unknown>;

export function unreachable(input: never): never {
  throw new Error(`no such operation: ${JSON.stringify(input)}`);
}
