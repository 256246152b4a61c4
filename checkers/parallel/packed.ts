import { ABSENT, FAILED, type History, HistoryBuilder, OK } from '../history/history.ts';
import type { HistoryEvent, Value } from '../history/operation.ts';
import type { Part } from '../linearizability/part.ts';

/** Some parts of a history as plain columns, to be sent to another thread. One row for each operation. */
export interface PackedHistory {
  readonly timed: boolean;
  /** In order: `2·row` for an invocation, `2·row + 1` for a return. */
  readonly events: Int32Array;
  readonly process: Int32Array;
  readonly index: Int32Array;
  readonly outcome: Uint8Array;
  readonly invokedNs: Float64Array;
  readonly completedNs: Float64Array;
  /** Numbers of values in the lists below, or `ABSENT`. */
  readonly f: Int32Array;
  readonly key: Int32Array;
  readonly input: Int32Array;
  readonly output: Int32Array;
  readonly result: Int32Array;
  readonly names: readonly string[];
  readonly keys: readonly Value[];
  readonly values: readonly Value[];
}

/** Packs parts of one history, and no values but theirs. O(events of these parts · log). */
export function pack(history: History, parts: readonly Part[]): PackedHistory {
  const { ops, events } = inOrder(history, parts);
  const pick = <Column extends Int32Array | Uint8Array | Float64Array>(column: Column, own: Column): Column => {
    for (let row = 0; row < ops.length; row++) own[row] = column[ops[row]!]!;
    return own;
  };
  const names = new Renumbering<string>((id) => history.names.get(id));
  const keys = new Renumbering<Value>((id) => history.keys.get(id));
  const values = new Renumbering<Value>((id) => history.values.get(id));
  const int = () => new Int32Array(ops.length);
  return {
    timed: history.timed,
    events,
    process: pick(history.process, int()),
    index: ops.map((op) => history.index(op)),
    outcome: pick(history.outcome, new Uint8Array(ops.length)),
    invokedNs: pick(history.invokedNs, new Float64Array(ops.length)),
    completedNs: pick(history.completedNs, new Float64Array(ops.length)),
    f: names.renumber(pick(history.f, int())),
    key: keys.renumber(pick(history.key, int())),
    input: values.renumber(pick(history.input, int())),
    output: values.renumber(pick(history.output, int())),
    result: values.renumber(pick(history.result, int())),
    names: names.list,
    keys: keys.list,
    values: values.list,
  };
}

/** The memory of the columns, which changes hands instead of being copied. */
export const transferable = (packed: PackedHistory): ArrayBuffer[] =>
  Object.values(packed).flatMap((column: unknown) =>
    ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer ? [column.buffer] : [],
  );

/** A history with these operations alone, in the same order; each part has the operations that it had. */
export function unpack(packed: PackedHistory): History {
  const builder = new HistoryBuilder();
  const ops = new Int32Array(packed.process.length);
  for (const event of packed.events) {
    const row = event >>> 1;
    if ((event & 1) === 0) ops[row] = builder.invoke(invocation(packed, row));
    else builder.complete(ops[row]!, completion(packed, row));
  }
  return builder.build(packed.timed);
}

function invocation(packed: PackedHistory, row: number): HistoryEvent {
  return {
    index: packed.index[row]!,
    time: packed.invokedNs[row]!,
    process: packed.process[row]!,
    type: 'invoke',
    f: packed.names[packed.f[row]!]!,
    ...(packed.key[row] === ABSENT ? {} : { key: packed.keys[packed.key[row]!]! }),
    ...(packed.input[row] === ABSENT ? {} : { value: packed.values[packed.input[row]!]! }),
  };
}

function completion(packed: PackedHistory, row: number): HistoryEvent {
  return {
    index: packed.index[row]!,
    time: packed.completedNs[row]!,
    process: packed.process[row]!,
    type: packed.outcome[row] === OK ? 'ok' : 'fail',
    f: packed.names[packed.f[row]!]!,
    ...(packed.output[row] === ABSENT ? {} : { value: packed.values[packed.output[row]!]! }),
    ...(packed.result[row] === ABSENT ? {} : { result: packed.values[packed.result[row]!]! }),
  };
}

/** The operations of all parts in order of invocation, and their events in order. */
function inOrder(history: History, parts: readonly Part[]): { ops: Int32Array; events: Int32Array } {
  const ops = Int32Array.from(parts.flatMap((part) => Array.from(part.ops))).sort();
  const ends = [...ops.keys()].filter(
    (row) => history.outcome[ops[row]!] === OK || history.outcome[ops[row]!] === FAILED,
  );
  const at = (event: number) => (event & 1 ? history.completedAt : history.invokedAt)[ops[event >>> 1]!]!;
  const events = [...Array.from(ops, (_, row) => 2 * row), ...ends.map((row) => 2 * row + 1)];
  return { ops, events: Int32Array.from(events.sort((a, b) => at(a) - at(b))) };
}

/** Numbers of a large table become numbers of a list that has only what is used. */
class Renumbering<Item> {
  readonly list: Item[] = [];
  private readonly numbers = new Map<number, number>([[ABSENT, ABSENT]]);
  private readonly get: (id: number) => Item;

  constructor(get: (id: number) => Item) {
    this.get = get;
  }

  renumber(column: Int32Array): Int32Array {
    return column.map((id) => this.numbers.get(id) ?? this.append(id));
  }

  private append(id: number): number {
    const number = this.list.push(this.get(id)) - 1;
    this.numbers.set(id, number);
    return number;
  }
}
