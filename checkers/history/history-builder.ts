import { ABSENT } from './absent.ts';
import { Columns } from './columns.ts';
import { GrowingGivenUp } from './given-up.ts';
import type { History, NamedEvent } from './history.ts';
import { Names } from './names.ts';
import type { HistoryEvent, ProcessId } from './operation.ts';
import { FAILED, NEVER, OK, UNKNOWN } from './outcome-codes.ts';
import { RareColumn } from './rare-column.ts';
import { ValueTable } from './values.ts';

/**
 * Builds a history event by event. It trusts its caller to pair rightly (`pairing.ts` does), and asserts what it
 * relies on. Columns grow by doubling.
 *
 * There are two ways in, which may be mixed: events as objects (`invoke`, `complete`), or, for a reader that has no
 * object, events as numbers of this builder's own tables (`open`, `close`, `giveUp`, `mark`).
 */
export class HistoryBuilder {
  /** The tables of the history to come, for callers that speak in numbers. */
  readonly names = new Names();
  /** Texts of nodes and phases. */
  readonly labels = new Names();
  readonly keys = new ValueTable();
  readonly values = new ValueTable();

  private length = 0;
  private events = 0;
  private built = false;
  private capacity: number;
  private process: Int32Array;
  private f: Int32Array;
  private key: Int32Array;
  private input: Int32Array;
  private output: Int32Array;
  private result: Int32Array;
  private outcome: Uint8Array;
  private invokedAt: Int32Array;
  private completedAt: Int32Array;
  private invokedNs: Float64Array;
  private completedNs: Float64Array;
  private readonly nodes: RareColumn;
  private readonly phases: RareColumn;
  private readonly errors = new RareColumn();
  private readonly indexes = new RareColumn();
  private readonly named: NamedEvent[] = [];
  private readonly givenUp = new GrowingGivenUp();

  /**
   * `operationsExpected` sizes the columns at once, so that growing leaves no garbage. Too many cost address space and
   * no memory, for rows that are never touched are never backed by any.
   */
  constructor(operationsExpected = 0) {
    const rows = Math.max(64, Math.ceil(operationsExpected));
    this.capacity = rows;
    this.process = new Int32Array(rows);
    this.f = new Int32Array(rows);
    this.key = new Int32Array(rows);
    this.input = new Int32Array(rows);
    this.output = new Int32Array(rows);
    this.result = new Int32Array(rows);
    this.outcome = new Uint8Array(rows);
    this.invokedAt = new Int32Array(rows);
    this.completedAt = new Int32Array(rows);
    this.invokedNs = new Float64Array(rows);
    this.completedNs = new Float64Array(rows);
    this.nodes = new RareColumn(operationsExpected);
    this.phases = new RareColumn(operationsExpected);
  }

  /** Takes the next event, an invocation by a client; returns the operation's number. */
  invoke(event: HistoryEvent): number {
    const f = this.names.intern(event.f);
    const key = event.key === undefined ? ABSENT : this.keys.intern(event.key);
    const input = event.value === undefined ? ABSENT : this.values.intern(event.value);
    const op = this.open(event.process as ProcessId, f, key, input, event.index, event.time);
    this.annotate(op, event);
    return op;
  }

  /** Takes the next event, the completion of an open operation. */
  complete(op: number, event: HistoryEvent): void {
    if (event.type === 'info') this.giveUp(op, event.time);
    else this.close(op, event.type === 'ok' ? OK : FAILED, event.time);
    this.annotate(op, event);
    if (event.type !== 'ok') return;
    const output = event.value === undefined ? ABSENT : this.values.intern(event.value);
    this.answer(op, output, event.result === undefined ? ABSENT : this.values.intern(event.result));
  }

  /** Takes the next event, one of a named process. */
  note(event: HistoryEvent): void {
    this.named.push({ ...event, position: this.nextPosition() });
  }

  /** `invoke` in numbers: of `names`, `keys` and `values`. */
  open(process: ProcessId, f: number, key: number, input: number, index: number, ns: number): number {
    const position = this.nextPosition();
    const op = this.length++;
    if (op === this.capacity) this.grow();
    this.process[op] = process;
    this.f[op] = f;
    this.key[op] = key;
    this.input[op] = input;
    this.output[op] = ABSENT;
    this.result[op] = ABSENT;
    this.outcome[op] = UNKNOWN;
    this.invokedAt[op] = position;
    this.completedAt[op] = NEVER;
    this.invokedNs[op] = ns;
    this.completedNs[op] = Number.POSITIVE_INFINITY;
    if (index !== position) this.indexes.set(op, index);
    return op;
  }

  /** Takes the next event, the `ok` or `fail` of an open operation. */
  close(op: number, outcome: typeof OK | typeof FAILED, ns: number): void {
    const position = this.nextPosition();
    this.assertOpen(op);
    this.outcome[op] = outcome;
    this.completedAt[op] = position;
    this.completedNs[op] = ns;
  }

  /** What an `ok` said, in numbers of `values`. */
  answer(op: number, output: number, result: number): void {
    this.output[op] = output;
    this.result[op] = result;
  }

  /** Takes the next event, the `info` of an open operation. */
  giveUp(op: number, ns: number): void {
    const position = this.nextPosition();
    this.assertOpen(op);
    this.givenUp.push(op, position, ns);
  }

  /** What an event of the operation says besides, where not `ABSENT`: numbers of `labels`, and of `values` the error. */
  mark(op: number, node: number, phase: number, error: number): void {
    if (node !== ABSENT) this.nodes.set(op, node);
    if (phase !== ABSENT) this.phases.set(op, phase);
    if (error !== ABSENT) this.errors.set(op, error);
  }

  /** The number of the operation's function in `names`. */
  functionOf(op: number): number {
    return this.f[op]!;
  }

  /** The number of the operation's key in `keys`, or `ABSENT`. */
  keyOf(op: number): number {
    return this.key[op]!;
  }

  /** The history so far. The builder is spent: the history owns the columns. `timed`: see there. */
  build(timed = true): History {
    this.assertUnspent();
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
        givenUp: this.givenUp.columns(),
      },
      rare,
    );
  }

  private annotate(op: number, event: HistoryEvent): void {
    const node = event.node === undefined ? ABSENT : this.labels.intern(event.node);
    const phase = event.phase === undefined ? ABSENT : this.labels.intern(event.phase);
    const error = event.error === undefined ? ABSENT : this.values.intern(event.error);
    this.mark(op, node, phase, error);
  }

  private nextPosition(): number {
    this.assertUnspent();
    if (this.events === NEVER) throw new RangeError(`a history holds at most ${NEVER} events`);
    return this.events++;
  }

  private assertUnspent(): void {
    if (this.built) throw new Error('the history was built already; start a new builder');
  }

  private assertOpen(op: number): void {
    if (op >= this.length || this.completedAt[op] !== NEVER) throw new Error(`operation ${op} is not open`);
  }

  private grow(): void {
    const to = this.capacity * 2;
    this.capacity = to;
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
