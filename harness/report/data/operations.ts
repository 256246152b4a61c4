import type { HistoryEvent, Outcome, Value } from '../../../checkers/history/operation.ts';

/**
 * The operations of a history as the report shows them: one row per operation in order of invocation, in columns of
 * whole numbers. Texts (keys, values, kinds, nodes, phases, errors) are numbers into one table; `none` where there is no text.
 *
 * This is for looking at, not for judging: long values are cut, and a completion whose client had already given up
 * keeps its time. The checkers have their own, exact history.
 */
export interface Operations {
  readonly length: number;
  readonly columns: Readonly<Record<ColumnName, Float64Array>>;
  readonly texts: readonly string[];
}

export const columnNames = [
  /** Which operation of the history it is, from 0 in order of invocation: what checkers' details name. */
  'number',
  /** `index` of the invocation in the history file: what verdicts name. */
  'index',
  /** `index` of the completion, `none` if there is none. */
  'completionIndex',
  'invokedNs',
  /** When the client learned the outcome, or gave up waiting; `none` if it did neither. */
  'completedNs',
  'process',
  /** Position in `outcomes`. */
  'outcome',
  'f',
  'key',
  'input',
  'output',
  'result',
  'node',
  'phase',
  'error',
] as const;
export type ColumnName = (typeof columnNames)[number];

export const none = -1;
export const outcomes = ['ok', 'failed', 'unknown'] as const satisfies readonly Outcome[];
export const ok = 0;
export const failed = 1;
export const unknown = 2;

/** How many operations there were, by phase, then by kind, in order of appearance. Nothing is left out here. */
export type Counts = Record<string, Record<string, Record<Outcome, number>>>;

export interface Collected {
  readonly operations: Operations;
  readonly counts: Counts;
  /** Operations in the history; more than `operations.length` when the limit cut it. */
  readonly total: number;
  /** Events of whoever is no client: the nemesis, above all. */
  readonly notes: readonly HistoryEvent[];
  /** Time of the last event. */
  readonly endNs: number;
}

export interface CollectOptions {
  /** Invocations (by event index) that a finding names: always kept, and their values uncut. */
  readonly involved?: ReadonlySet<number>;
  /** Rows kept beside those. */
  readonly operationsMax?: number;
  /** The phase of an event that does not name its own. */
  readonly phaseAt?: (atNs: number) => string | undefined;
}

const operationsMaxDefault = 1_000_000;
const textLengthMax = 160;
const involvedTextLengthMax = 4_000;

/** Pairs invocations with completions and lays them out in columns. Linear in the events. */
export function collect(events: Iterable<HistoryEvent>, options: CollectOptions = {}): Collected {
  const collector = new Collector(options);
  for (const event of events) collector.take(event);
  return collector.finish();
}

interface Open {
  /** `none` for an operation past the limit, which is only counted. */
  readonly row: number;
  readonly count: Record<Outcome, number>;
  readonly textLength: number;
}

export class Collector {
  readonly #options: CollectOptions;
  readonly #columns = Object.fromEntries(columnNames.map((name) => [name, [] as number[]])) as Record<
    ColumnName,
    number[]
  >;
  readonly #texts: string[] = [];
  readonly #textIds = new Map<string, number>();
  readonly #open = new Map<number, Open>();
  /** Maps, for a system may call its operations `constructor`. */
  readonly #counts = new Map<string, Map<string, Record<Outcome, number>>>();
  readonly #notes: HistoryEvent[] = [];
  #total = 0;
  #endNs = 0;

  constructor(options: CollectOptions = {}) {
    this.#options = options;
  }

  take(event: HistoryEvent): void {
    this.#endNs = Math.max(this.#endNs, event.time);
    if (typeof event.process !== 'number') this.#notes.push(event);
    else if (event.type === 'invoke') this.#invoke(event, event.process);
    else this.#complete(event, event.process);
  }

  /** Operations that are still open stay unknown, with no time of completion. */
  finish(): Collected {
    const columns = Object.fromEntries(
      columnNames.map((name) => [name, Float64Array.from(this.#columns[name])]),
    ) as Record<ColumnName, Float64Array>;
    return {
      operations: { length: columns.index.length, columns, texts: this.#texts },
      counts: Object.fromEntries([...this.#counts].map(([phase, kinds]) => [phase, Object.fromEntries(kinds)])),
      total: this.#total,
      notes: this.#notes,
      endNs: this.#endNs,
    };
  }

  #invoke(event: HistoryEvent, process: number): void {
    const number = this.#total++;
    const phase = event.phase ?? this.#options.phaseAt?.(event.time);
    const count = this.#countOf(phase ?? '', event.f);
    count.unknown++;
    const involved = this.#options.involved?.has(event.index) ?? false;
    const columns = this.#columns;
    const keep = involved || columns.index.length < (this.#options.operationsMax ?? operationsMaxDefault);
    const textLength = involved ? involvedTextLengthMax : textLengthMax;
    this.#open.set(process, { row: keep ? columns.index.length : none, count, textLength });
    if (!keep) return;
    columns.number.push(number);
    columns.index.push(event.index);
    columns.completionIndex.push(none);
    columns.invokedNs.push(event.time);
    columns.completedNs.push(none);
    columns.process.push(process);
    columns.outcome.push(unknown);
    columns.f.push(this.#intern(event.f));
    columns.key.push(this.#internValue(event.key, textLength));
    columns.input.push(this.#internValue(event.value, textLength));
    columns.output.push(none);
    columns.result.push(none);
    columns.node.push(event.node === undefined ? none : this.#intern(event.node));
    columns.phase.push(phase === undefined ? none : this.#intern(phase));
    columns.error.push(none);
  }

  #complete(event: HistoryEvent, process: number): void {
    const open = this.#open.get(process);
    if (open === undefined) return; // a completion of nothing: the checkers' pairing complains of it, not the report
    this.#open.delete(process);
    const { row, count, textLength } = open;
    if (event.type !== 'info') {
      count.unknown--;
      count[event.type === 'ok' ? 'ok' : 'failed']++;
    }
    if (row === none) return;
    const columns = this.#columns;
    columns.completionIndex[row] = event.index;
    columns.completedNs[row] = event.time;
    if (event.node !== undefined) columns.node[row] = this.#intern(event.node);
    columns.error[row] = this.#internValue(event.error, textLength);
    if (event.type === 'fail') columns.outcome[row] = failed;
    if (event.type !== 'ok') return;
    columns.outcome[row] = ok;
    columns.output[row] = this.#internValue(event.value, textLength);
    columns.result[row] = this.#internValue(event.result, textLength);
  }

  #countOf(phase: string, f: string): Record<Outcome, number> {
    const kinds = this.#counts.get(phase) ?? new Map<string, Record<Outcome, number>>();
    const count = kinds.get(f) ?? { ok: 0, failed: 0, unknown: 0 };
    this.#counts.set(phase, kinds.set(f, count));
    return count;
  }

  #internValue(value: Value | undefined, lengthMax: number): number {
    return value === undefined ? none : this.#intern(textOf(value, lengthMax));
  }

  #intern(text: string): number {
    const known = this.#textIds.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.push(text) - 1;
    this.#textIds.set(text, id);
    return id;
  }
}

/** A string that would read as another kind of value, were it written without its quotes. */
const ambiguous = /^$|^[-\d[{"]|^(null|true|false)$/;

/** A value as people write it: JSON, but a string at the top without its quotes where that cannot be misread. */
export function textOf(value: Value, lengthMax = Number.POSITIVE_INFINITY): string {
  const text = typeof value === 'string' && !ambiguous.test(value) ? value : JSON.stringify(value);
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}… (${text.length} characters)`;
}

/** One row as an object, for a detail pane or a table. */
export interface Row {
  readonly row: number;
  readonly index: number;
  readonly completionIndex: number | undefined;
  readonly invokedNs: number;
  readonly completedNs: number | undefined;
  readonly process: number;
  readonly outcome: Outcome;
  readonly f: string;
  readonly key: string | undefined;
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly result: string | undefined;
  readonly node: string | undefined;
  readonly phase: string | undefined;
  readonly error: string | undefined;
}

export function rowOf({ columns, texts }: Operations, row: number): Row {
  const number = (name: ColumnName): number | undefined => {
    const value = columns[name][row];
    return value === undefined || value === none ? undefined : value;
  };
  const text = (name: ColumnName): string | undefined => texts[columns[name][row] ?? none];
  return {
    row,
    index: columns.index[row]!,
    completionIndex: number('completionIndex'),
    invokedNs: columns.invokedNs[row]!,
    completedNs: number('completedNs'),
    process: columns.process[row]!,
    outcome: outcomes[columns.outcome[row]!]!,
    f: text('f') ?? '',
    key: text('key'),
    input: text('input'),
    output: text('output'),
    result: text('result'),
    node: text('node'),
    phase: text('phase'),
    error: text('error'),
  };
}

/** The row of the invocation with this event index, or `none`. */
export const rowOfIndex = ({ columns }: Operations, index: number): number => rowWith(columns.index, index);

/** The row of the operation with this number, or `none`. */
export const rowOfNumber = ({ columns }: Operations, number: number): number => rowWith(columns.number, number);

function rowWith(column: Float64Array, value: number): number {
  const row = firstAtLeast(column, value);
  return column[row] === value ? row : none;
}

/**
 * The operation that may have put there what this one saw: the last on the same key, begun before it, that would leave
 * that value (as a write's argument, or as the second of a compare-and-set's). A hint for the reader, and no part of the
 * proof; `none` if there is no such.
 */
export function originOf(operations: Operations, row: number): number {
  const { columns, texts } = operations;
  const seen = columns.output[row]!;
  if (seen === none) return none;
  const cas = texts.indexOf('cas');
  const refused = texts.indexOf('false');
  for (let other = row - 1; other >= 0; other--) {
    if (columns.key[other] !== columns.key[row] || columns.f[other] === columns.f[row]) continue;
    if (columns.outcome[other] === failed) continue;
    if (columns.input[other] === seen) return other;
    const swapped = columns.f[other] === cas && (refused === -1 || columns.result[other] !== refused);
    if (swapped && texts[columns.input[other]!]?.endsWith(`,${texts[seen]}]`)) return other;
  }
  return none;
}

/** The first position in an ascending column whose value is `wanted` or more; `length` if there is none. */
export function firstAtLeast(column: Float64Array, wanted: number, length = column.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
