import type { HistoryEvent, Outcome, ProcessId, Value } from './operation.ts';
import { ABSENT, ValueTable } from './values.ts';

export { ABSENT } from './values.ts';

/** The completion of an operation that has none: later than every event. */
export const NEVER = 0x7fffffff;

/** The codes in the column `outcome`. */
export const OK = 0;
export const FAILED = 1;
export const UNKNOWN = 2;

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

/** Interned strings of a small vocabulary. */
export class Names {
  private readonly ids = new Map<string, number>();
  private readonly texts: string[] = [];

  get size(): number {
    return this.texts.length;
  }

  get(id: number): string {
    const text = this.texts[id];
    if (text === undefined) throw new RangeError(`no name has the number ${id}; there are ${this.texts.length}`);
    return text;
  }

  /** The number of a name, or `ABSENT` if no operation carries it. */
  find(text: string): number {
    return this.ids.get(text) ?? ABSENT;
  }

  intern(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.push(text) - 1;
    this.ids.set(text, id);
    return id;
  }
}

const outcomes: readonly Outcome[] = ['ok', 'failed', 'unknown'];

/**
 * Builds a history event by event. It trusts its caller to pair rightly (`pairing.ts` does), and asserts what it
 * relies on. Columns grow by doubling.
 */
export class HistoryBuilder {
  private length = 0;
  private events = 0;
  private built = false;
  private process = new Int32Array(1024);
  private f = new Int32Array(1024);
  private key = new Int32Array(1024);
  private input = new Int32Array(1024);
  private output = new Int32Array(1024);
  private result = new Int32Array(1024);
  private outcome = new Uint8Array(1024);
  private invokedAt = new Int32Array(1024);
  private completedAt = new Int32Array(1024);
  private invokedNs = new Float64Array(1024);
  private completedNs = new Float64Array(1024);
  private readonly nodes = new RareColumn();
  private readonly phases = new RareColumn();
  private readonly errors = new RareColumn();
  private readonly indexes = new RareColumn();
  private readonly names = new Names();
  private readonly labels = new Names();
  private readonly keys = new ValueTable();
  private readonly values = new ValueTable();
  private readonly named: NamedEvent[] = [];

  /** Takes the next event, an invocation by a client; returns the operation's number. */
  invoke(event: HistoryEvent): number {
    const op = this.length++;
    if (op === this.process.length) this.grow();
    const position = this.nextPosition();
    this.process[op] = event.process as ProcessId;
    this.f[op] = this.names.intern(event.f);
    this.key[op] = event.key === undefined ? ABSENT : this.keys.intern(event.key);
    this.input[op] = event.value === undefined ? ABSENT : this.values.intern(event.value);
    this.output[op] = ABSENT;
    this.result[op] = ABSENT;
    this.outcome[op] = UNKNOWN;
    this.invokedAt[op] = position;
    this.completedAt[op] = NEVER;
    this.invokedNs[op] = event.time;
    this.completedNs[op] = Number.POSITIVE_INFINITY;
    if (event.index !== position) this.indexes.set(op, event.index);
    this.annotate(op, event);
    return op;
  }

  /** Takes the next event, the completion of an open operation. */
  complete(op: number, event: HistoryEvent): void {
    const position = this.nextPosition();
    if (op >= this.length || this.completedAt[op] !== NEVER) throw new Error(`operation ${op} is not open`);
    this.annotate(op, event);
    if (event.type === 'info') return;
    this.outcome[op] = event.type === 'ok' ? OK : FAILED;
    this.completedAt[op] = position;
    this.completedNs[op] = event.time;
    if (event.type !== 'ok') return;
    if (event.value !== undefined) this.output[op] = this.values.intern(event.value);
    if (event.result !== undefined) this.result[op] = this.values.intern(event.result);
  }

  /** Takes the next event, one of a named process. */
  note(event: HistoryEvent): void {
    this.named.push({ ...event, position: this.nextPosition() });
  }

  /** The history so far. The builder is spent: the history owns the columns. `timed`: see there. */
  build(timed = true): History {
    this.assertOpen();
    this.built = true;
    const { length, events, names, labels, keys, values, named, nodes, phases, errors, indexes } = this;
    const rare = { labels, nodes, phases, errors, indexes };
    return new Columns(
      {
        length,
        eventCount: events,
        timed,
        process: this.process.subarray(0, length),
        f: this.f.subarray(0, length),
        key: this.key.subarray(0, length),
        input: this.input.subarray(0, length),
        output: this.output.subarray(0, length),
        result: this.result.subarray(0, length),
        outcome: this.outcome.subarray(0, length),
        invokedAt: this.invokedAt.subarray(0, length),
        completedAt: this.completedAt.subarray(0, length),
        invokedNs: this.invokedNs.subarray(0, length),
        completedNs: this.completedNs.subarray(0, length),
        names,
        keys,
        values,
        named,
      },
      rare,
    );
  }

  private nextPosition(): number {
    this.assertOpen();
    if (this.events === NEVER) throw new RangeError(`a history holds at most ${NEVER} events`);
    return this.events++;
  }

  private assertOpen(): void {
    if (this.built) throw new Error('the history was built already; start a new builder');
  }

  private annotate(op: number, event: HistoryEvent): void {
    if (event.node !== undefined) this.nodes.set(op, this.labels.intern(event.node));
    if (event.phase !== undefined) this.phases.set(op, this.labels.intern(event.phase));
    if (event.error !== undefined) this.errors.set(op, this.values.intern(event.error));
  }

  private grow(): void {
    const to = this.process.length * 2;
    this.process = longer(this.process, new Int32Array(to));
    this.f = longer(this.f, new Int32Array(to));
    this.key = longer(this.key, new Int32Array(to));
    this.input = longer(this.input, new Int32Array(to));
    this.output = longer(this.output, new Int32Array(to));
    this.result = longer(this.result, new Int32Array(to));
    this.outcome = longer(this.outcome, new Uint8Array(to));
    this.invokedAt = longer(this.invokedAt, new Int32Array(to));
    this.completedAt = longer(this.completedAt, new Int32Array(to));
    this.invokedNs = longer(this.invokedNs, new Float64Array(to));
    this.completedNs = longer(this.completedNs, new Float64Array(to));
  }
}

function longer<T extends Int32Array | Uint8Array | Float64Array>(column: T, replacement: T): T {
  replacement.set(column);
  return replacement;
}

/** A column that most histories leave empty: it takes no memory until its first value. */
class RareColumn {
  private column = new Int32Array(0);

  get(op: number): number {
    return op < this.column.length ? this.column[op]! : ABSENT;
  }

  set(op: number, id: number): void {
    if (op >= this.column.length) {
      const column = new Int32Array(Math.max(1024, 2 * op)).fill(ABSENT);
      column.set(this.column);
      this.column = column;
    }
    this.column[op] = id;
  }
}

type Plain = Omit<History, 'precedes' | 'node' | 'phase' | 'error' | 'index' | 'operation'>;
interface Rare {
  readonly labels: Names;
  readonly nodes: RareColumn;
  readonly phases: RareColumn;
  readonly errors: RareColumn;
  readonly indexes: RareColumn;
}

class Columns implements History {
  readonly length: number;
  readonly eventCount: number;
  readonly timed: boolean;
  readonly process: Int32Array;
  readonly f: Int32Array;
  readonly key: Int32Array;
  readonly input: Int32Array;
  readonly output: Int32Array;
  readonly result: Int32Array;
  readonly outcome: Uint8Array;
  readonly invokedAt: Int32Array;
  readonly completedAt: Int32Array;
  readonly invokedNs: Float64Array;
  readonly completedNs: Float64Array;
  readonly names: Names;
  readonly keys: ValueTable;
  readonly values: ValueTable;
  readonly named: readonly NamedEvent[];
  private readonly rare: Rare;

  constructor(plain: Plain, rare: Rare) {
    this.length = plain.length;
    this.eventCount = plain.eventCount;
    this.timed = plain.timed;
    this.process = plain.process;
    this.f = plain.f;
    this.key = plain.key;
    this.input = plain.input;
    this.output = plain.output;
    this.result = plain.result;
    this.outcome = plain.outcome;
    this.invokedAt = plain.invokedAt;
    this.completedAt = plain.completedAt;
    this.invokedNs = plain.invokedNs;
    this.completedNs = plain.completedNs;
    this.names = plain.names;
    this.keys = plain.keys;
    this.values = plain.values;
    this.named = plain.named;
    this.rare = rare;
  }

  precedes(a: number, b: number): boolean {
    return this.completedAt[a]! < this.invokedAt[b]!;
  }

  node(op: number): string | undefined {
    const id = this.rare.nodes.get(op);
    return id === ABSENT ? undefined : this.rare.labels.get(id);
  }

  phase(op: number): string | undefined {
    const id = this.rare.phases.get(op);
    return id === ABSENT ? undefined : this.rare.labels.get(id);
  }

  error(op: number): Value | undefined {
    const id = this.rare.errors.get(op);
    return id === ABSENT ? undefined : this.values.get(id);
  }

  index(op: number): number {
    const index = this.rare.indexes.get(op);
    return index === ABSENT ? this.invokedAt[op]! : index;
  }

  operation(op: number): Operation {
    if (!(op >= 0 && op < this.length)) throw new RangeError(`no operation ${op}; there are ${this.length}`);
    const node = this.node(op);
    const phase = this.phase(op);
    const error = this.error(op);
    return {
      op,
      index: this.index(op),
      process: this.process[op]!,
      f: this.names.get(this.f[op]!),
      ...(this.key[op] === ABSENT ? {} : { key: this.keys.get(this.key[op]!) }),
      ...(this.input[op] === ABSENT ? {} : { input: this.values.get(this.input[op]!) }),
      ...(this.output[op] === ABSENT ? {} : { output: this.values.get(this.output[op]!) }),
      ...(this.result[op] === ABSENT ? {} : { result: this.values.get(this.result[op]!) }),
      outcome: outcomes[this.outcome[op]!]!,
      ...(node === undefined ? {} : { node }),
      ...(phase === undefined ? {} : { phase }),
      ...(error === undefined ? {} : { error }),
      invokedNs: this.invokedNs[op]!,
      completedNs: this.completedNs[op]!,
    };
  }
}
