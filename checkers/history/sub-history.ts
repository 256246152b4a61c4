import { Columns, type Rare } from './columns.ts';
import type { GivenUp, History } from './history.ts';
import { Names } from './names.ts';
import { NEVER } from './outcome-codes.ts';
import { RareColumn } from './rare-column.ts';

/**
 * Some operations of a history as a history of their own: in the same order, at positions that are counted anew, under
 * numbers that are counted anew, with the times and the `index` they had. The tables of names, keys and values are the
 * same ones; events of named processes are left out. `ops` are numbers of different operations, in any order.
 *
 * O(k log k) for k operations, plus one step per given-up operation of the whole history.
 */
export function subHistory(history: History, ops: Int32Array): History {
  const kept = ops.toSorted();
  const givenUp = givenUpAmong(history.givenUp, kept);
  const positions = positionsOf(history, kept, givenUp);
  const column = <T extends Int32Array | Uint8Array | Float64Array>(whole: T): T => gather(whole, kept);
  const moved = (at: number): number => (at === NEVER ? NEVER : rank(positions, at));
  const plain = {
    length: kept.length,
    eventCount: positions.length,
    timed: history.timed,
    process: column(history.process),
    f: column(history.f),
    key: column(history.key),
    input: column(history.input),
    output: column(history.output),
    result: column(history.result),
    outcome: column(history.outcome),
    invokedAt: column(history.invokedAt).map(moved),
    completedAt: column(history.completedAt).map(moved),
    invokedNs: column(history.invokedNs),
    completedNs: column(history.completedNs),
    names: history.names,
    keys: history.keys,
    values: history.values,
    named: [],
    givenUp: { op: givenUp.op.map((op) => rank(kept, op)), at: givenUp.at.map(moved), ns: givenUp.ns },
  };
  return new Columns(plain, rareOf(history, kept));
}

/** The rows of the operations, in their order, which is that of their events. */
function givenUpAmong({ op, at, ns }: GivenUp, kept: Int32Array): GivenUp {
  const rows = Int32Array.from(op.keys()).filter((row) => kept[rank(kept, op[row]!)] === op[row]);
  return { op: gather(op, rows), at: gather(at, rows), ns: gather(ns, rows) };
}

/** The positions of all events that stay, ascending. */
function positionsOf(history: History, kept: Int32Array, givenUp: GivenUp): Int32Array {
  const positions = new Int32Array(2 * kept.length + givenUp.at.length);
  let count = 0;
  for (const op of kept) {
    positions[count++] = history.invokedAt[op]!;
    if (history.completedAt[op] !== NEVER) positions[count++] = history.completedAt[op]!;
  }
  for (const at of givenUp.at) positions[count++] = at;
  return positions.subarray(0, count).sort();
}

function rareOf(history: History, kept: Int32Array): Rare {
  const labels = new Names();
  const [nodes, phases, errors, indexes] = [new RareColumn(), new RareColumn(), new RareColumn(), new RareColumn()];
  for (const [op, old] of kept.entries()) {
    const [node, phase, error] = [history.node(old), history.phase(old), history.error(old)];
    if (node !== undefined) nodes.set(op, labels.intern(node));
    if (phase !== undefined) phases.set(op, labels.intern(phase));
    if (error !== undefined) errors.set(op, history.values.find(error));
    indexes.set(op, history.index(old));
  }
  return { labels, nodes, phases, errors, indexes };
}

function gather<T extends Int32Array | Uint8Array | Float64Array>(whole: T, rows: Int32Array): T {
  const part = new (whole.constructor as new (length: number) => T)(rows.length);
  for (let row = 0; row < rows.length; row++) part[row] = whole[rows[row]!]!;
  return part;
}

/** How many of the ascending numbers are below this one: its place among them, if it is one. */
function rank(numbers: Int32Array, number: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
