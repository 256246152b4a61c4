import type { Names } from './names.ts';
import type { HistoryEvent, Outcome, ProcessId, Value } from './operation.ts';
import type { ValueTable } from './values.ts';

export { ABSENT } from './absent.ts';
export { HistoryBuilder } from './history-builder.ts';
export { Names } from './names.ts';
export { FAILED, NEVER, OK, UNKNOWN } from './outcome-codes.ts';

/**
 * A whole history in memory: one row per *operation*, in order of invocation, in columns of numbers. Checkers must
 * hold tens of millions of operations, so nothing is allocated per operation but 49 bytes in the columns (4 more for
 * each of node, phase and error, if any operation has one).
 *
 * Order: an event's *position* is its place in the sequence of events, from 0, and positions alone decide the order;
 * times are for people and for properties that speak of durations. Intervals are closed: a precedes b only if the
 * completion of a stands before the invocation of b. An unknown outcome never completes.
 *
 * The columns are shared, not copied: read, never write.
 */
export interface History {
  /** How many operations there are; they are numbered 0 to length - 1. */
  readonly length: number;
  /** How many events there were, those of named processes included. */
  readonly eventCount: number;
  /** Every event carried a time and times never went back: what properties that speak of durations rely on. */
  readonly timed: boolean;

  readonly process: Int32Array;
  /** Number of the function's name in `names`. */
  readonly f: Int32Array;
  /** Number of the key in `keys`, or `ABSENT`. */
  readonly key: Int32Array;
  /** Number of the invocation's `value` in `values`, or `ABSENT`. */
  readonly input: Int32Array;
  /** Number of the `value` of the `ok` in `values`, or `ABSENT` (no such field, or not ok). */
  readonly output: Int32Array;
  /** Number of the `result` of the `ok` in `values`, or `ABSENT`. */
  readonly result: Int32Array;
  /** `OK`, `FAILED` or `UNKNOWN`. */
  readonly outcome: Uint8Array;
  /** Position of the invocation; ascending. */
  readonly invokedAt: Int32Array;
  /** Position of the `ok` or `fail`, or `NEVER` for an unknown outcome. */
  readonly completedAt: Int32Array;
  /** Nanoseconds since the run began. */
  readonly invokedNs: Float64Array;
  /** Nanoseconds since the run began; `Infinity` for an unknown outcome. */
  readonly completedNs: Float64Array;

  /** What the operations are called (`read`, `write`, ...). */
  readonly names: Names;
  readonly keys: ValueTable;
  readonly values: ValueTable;
  /** Events of whoever is not a client (`nemesis`), in order. */
  readonly named: readonly NamedEvent[];
  /** The `info` events of clients, in order: no checker needs them, a history that is written out again does. */
  readonly givenUp: GivenUp;

  /** a was complete before b began. */
  precedes(a: number, b: number): boolean;
  /** The node that was asked, if the history says so. */
  node(op: number): string | undefined;
  phase(op: number): string | undefined;
  error(op: number): Value | undefined;
  /** `index` of the invocation as the file has it: what verdicts and messages name. */
  index(op: number): number;
  /** One row as an object: for messages and tests, not for loops over large histories. */
  operation(op: number): Operation;
}

/** When clients gave up on operations whose outcome they never learned: one row per `info` event. */
export interface GivenUp {
  readonly op: Int32Array;
  /** Position of the event; ascending. */
  readonly at: Int32Array;
  /** Nanoseconds since the run began. */
  readonly ns: Float64Array;
}

/** An event of a named process, with its place among all events. */
export type NamedEvent = HistoryEvent & { readonly position: number };

/** One operation, as people speak of it. Fields are missing where the history is silent. */
export interface Operation {
  readonly op: number;
  readonly index: number;
  readonly process: ProcessId;
  readonly f: string;
  readonly key?: Value;
  readonly input?: Value;
  readonly output?: Value;
  readonly result?: Value;
  readonly outcome: Outcome;
  readonly node?: string;
  readonly phase?: string;
  readonly error?: Value;
  readonly invokedNs: number;
  readonly completedNs: number;
}
