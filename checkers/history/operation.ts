/**
 * The vocabulary: everything that a run records and a checker reads, on one screen.
 *
 * A history is a sequence of events, one JSON object per line of `history.jsonl`. An operation is an `invoke` event
 * and at most one completion of the same process:
 *
 * - `ok`: it took effect, and `value` (or `result`) is what the client saw;
 * - `fail`: it definitely did not and never will take effect;
 * - `info`, or no completion at all: unknown. It may have taken effect, may take effect later, or never.
 */
export type EventType = 'invoke' | 'ok' | 'fail' | 'info';

/** A logical client. It has at most one call open; after an unknown outcome it retires and a new number takes over. */
export type ProcessId = number;

/** Whatever JSON can say. Values are compared by structure. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [name: string]: Value };

/** One line of the history. Field names are Jepsen's, so that people can read it at once (DESIGN 5.1). */
export interface HistoryEvent {
  /** Position in the history, from 0; ordering is by index, and two operations whose intervals touch are concurrent. */
  readonly index: number;
  /** Nanoseconds since the run began, on the harness's monotonic clock. */
  readonly time: number;
  /** A client's number, or a name (`nemesis`) for whoever is not a client. */
  readonly process: ProcessId | string;
  readonly type: EventType;
  /** What was asked: `read`, `write`, `cas`, `add`, `acquire`, `partition-start`, ... */
  readonly f: string;
  /** The object it was asked of, where a history has several. */
  readonly key?: Value;
  /** Argument on `invoke`, argument or answer on `ok`: what a model's own documentation says. */
  readonly value?: Value;
  /** On `ok` of an operation that may be refused by the state (`cas`, `acquire`, ...): false when it was. */
  readonly result?: Value;
  /** The node that was asked. */
  readonly node?: string;
  /** Why it failed, or why its outcome is unknown. */
  readonly error?: Value;
  /** Set on final operations and the like: the phase of the run it belongs to. */
  readonly phase?: string;
}

/** The outcome of one operation, as far as its client learned it. */
export type Outcome = 'ok' | 'failed' | 'unknown';
