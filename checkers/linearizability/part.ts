import { ABSENT, FAILED, type History, NEVER, OK, UNKNOWN } from '../history/history.ts';

/** What a `fail` of a compare-and-set means: it was not executed, or it was and found that the value differed. */
export type FailedCas = 'ignore' | 'assert';

/**
 * One part of a history, that may be judged by itself: its operations renumbered from 0 in order of invocation, and
 * its events in order. Views into arrays shared by all parts, so that a thousand keys cost no more than one.
 *
 * Operations that failed are not in it, since they never take effect; a failed compare-and-set is when it *asserts*
 * that the value differed, and is then definite.
 */
export interface Part {
  /** Number of the key in `history.keys`, or `ABSENT`. */
  readonly key: number;
  /** The operation's number in the history; ascending. */
  readonly ops: Int32Array;
  /**
   * 1: it returned, and what the history says of its answer counts. 0: unknown; it takes effect at some time after its
   * invocation, or never, and whatever the history says of an answer is to be ignored.
   */
  readonly definite: Uint8Array;
  /** `2·op` for an invocation, `2·op + 1` for a return. Definite operations return, unknown ones never do. */
  readonly events: Int32Array;
}

/**
 * Splits a history by key. Sound and complete where every operation touches one key and keys have objects of their
 * own, which a model declares: a history is linearizable exactly if each key's part is (linearizability is local:
 * Herlihy and Wing 1990, theorem 1; Horn and Kroening 2015 call it P-compositionality). O(events).
 */
export function split(history: History, partition: 'key' | 'whole', failedCas: FailedCas): Part[] {
  const { keys, partOf } = assign(history, partition, failedCas);
  const order = eventsInOrder(history, partOf);
  if (keys.length === 1) return [onlyPart(history, keys[0]!, partOf, order)];
  const opsFrom = new Int32Array(keys.length + 1);
  const eventsFrom = new Int32Array(keys.length + 1);
  for (let at = 0; at < order.length; at++) {
    const event = order[at]!;
    if (event === NO_EVENT) continue;
    const part = partOf[event >>> 1]! + 1;
    eventsFrom[part]!++;
    if ((event & 1) === 0) opsFrom[part]!++;
  }
  for (let part = 0; part < keys.length; part++) {
    opsFrom[part + 1]! += opsFrom[part]!;
    eventsFrom[part + 1]! += eventsFrom[part]!;
  }
  const ops = new Int32Array(opsFrom[keys.length]!);
  const definite = new Uint8Array(ops.length);
  const events = new Int32Array(eventsFrom[keys.length]!);
  const local = new Int32Array(history.length);
  const opsEnd = opsFrom.slice();
  const eventsEnd = eventsFrom.slice();
  for (let at = 0; at < order.length; at++) {
    const event = order[at]!;
    if (event === NO_EVENT) continue;
    const op = event >>> 1;
    const part = partOf[op]!;
    if ((event & 1) === 0) {
      const own = opsEnd[part]!++;
      local[op] = own - opsFrom[part]!;
      ops[own] = op;
      definite[own] = history.outcome[op] === UNKNOWN ? 0 : 1;
    }
    events[eventsEnd[part]!++] = 2 * local[op]! + (event & 1);
  }
  return keys.map((key, part) => ({
    key,
    ops: ops.subarray(opsFrom[part], opsFrom[part + 1]),
    definite: definite.subarray(opsFrom[part], opsFrom[part + 1]),
    events: events.subarray(eventsFrom[part], eventsFrom[part + 1]),
  }));
}

/** The one part of a history without others: what is in no part is left out, and nothing need be sorted. */
function onlyPart(history: History, key: number, partOf: Int32Array, order: Int32Array): Part {
  const local = new Int32Array(history.length);
  const ops = new Int32Array(history.length);
  const definite = new Uint8Array(history.length);
  let length = 0;
  for (let op = 0; op < history.length; op++) {
    if (partOf[op] === NO_PART) continue;
    local[op] = length;
    definite[length] = history.outcome[op] === UNKNOWN ? 0 : 1;
    ops[length++] = op;
  }
  let end = 0;
  for (let at = 0; at < order.length; at++) {
    const event = order[at]!;
    if (event !== NO_EVENT) order[end++] = 2 * local[event >>> 1]! + (event & 1);
  }
  return { key, ops: ops.subarray(0, length), definite: definite.subarray(0, length), events: order.subarray(0, end) };
}

const NO_EVENT = -1;
const NO_PART = -1;

/** Which part each operation belongs to, or `NO_PART`. Parts are numbered in order of their first operation. */
function assign(
  history: History,
  partition: 'key' | 'whole',
  failedCas: FailedCas,
): { keys: number[]; partOf: Int32Array } {
  const keys: number[] = [];
  const partOf = new Int32Array(history.length).fill(NO_PART);
  const partOfKey = new Int32Array(history.keys.size + 1).fill(NO_PART);
  const asserting = failedCas === 'assert' ? history.names.find('cas') : ABSENT;
  for (let op = 0; op < history.length; op++) {
    if (history.outcome[op] === FAILED && (asserting === ABSENT || history.f[op] !== asserting)) continue;
    const key = partition === 'key' ? history.key[op]! : ABSENT;
    let part = partOfKey[key + 1]!;
    if (part < 0) {
      part = keys.push(key) - 1;
      partOfKey[key + 1] = part;
    }
    partOf[op] = part;
  }
  return { keys, partOf };
}

/** At each position of the history, `2·op` or `2·op + 1` for the invocation or the return of an operation. */
function eventsInOrder(history: History, partOf: Int32Array): Int32Array {
  const order = new Int32Array(history.eventCount).fill(NO_EVENT);
  for (let op = 0; op < history.length; op++) {
    if (partOf[op] === NO_PART) continue;
    order[history.invokedAt[op]!] = 2 * op;
    if (history.completedAt[op] !== NEVER) order[history.completedAt[op]!] = 2 * op + 1;
  }
  return order;
}

/** What becomes of an operation in a weaker part. */
export const GONE = 0;
export const MAYBE = 1;
export const KEPT = 2;

/**
 * The part with only some operations: those marked `KEPT` as they are, those marked `MAYBE` with an unknown outcome,
 * those marked `GONE` not at all. If the part is legal, then so is one in which operations have become `MAYBE`, and
 * pure observers `GONE`: the first asks for less, and the second saw without changing. O(events).
 */
export function weakened(part: Part, fate: Uint8Array): Part {
  const numbers = new Int32Array(part.ops.length).fill(-1);
  const ops: number[] = [];
  const definite: number[] = [];
  for (let op = 0; op < part.ops.length; op++) {
    if (fate[op] === GONE) continue;
    numbers[op] = ops.push(part.ops[op]!) - 1;
    definite.push(fate[op] === KEPT ? part.definite[op]! : 0);
  }
  const events: number[] = [];
  for (const event of part.events) {
    const op = numbers[event >>> 1]!;
    if (op < 0 || ((event & 1) === 1 && definite[op] === 0)) continue;
    events.push(2 * op + (event & 1));
  }
  return {
    key: part.key,
    ops: Int32Array.from(ops),
    definite: Uint8Array.from(definite),
    events: Int32Array.from(events),
  };
}

/** The outcome of one operation of a part, as the column of the history codes it. */
export const outcomeIn = (history: History, part: Part, op: number): number =>
  part.definite[op] === 0 ? UNKNOWN : history.outcome[part.ops[op]!] === FAILED ? FAILED : OK;

/** The key of a part, or `undefined` if its operations name none. */
export const keyOfPart = (history: History, part: Part) =>
  part.key === ABSENT ? undefined : history.keys.get(part.key);
