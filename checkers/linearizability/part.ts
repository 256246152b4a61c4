import { ABSENT, type History, NEVER, UNKNOWN } from '../history/history.ts';
import { DROPPED, type Letters } from './letters.ts';

/**
 * One part of a history, that may be judged by itself: its operations renumbered from 0 in order of invocation, and
 * its events in order. Views into arrays shared by all parts, so that a thousand keys cost no more than one.
 */
export interface Part {
  /** Number of the key in `history.keys`, or `ABSENT`. */
  readonly key: number;
  /** The operation's number in the history. */
  readonly ops: Int32Array;
  readonly letters: Int32Array;
  /** `2·op` for an invocation, `2·op + 1` for a return. Unknown outcomes never return. */
  readonly events: Int32Array;
  /**
   * Definite operations: a number below `width` that no other operation open at the same time has (interval
   * colouring). Unknown ones: `-1 - n` for the n-th of them.
   */
  readonly slots: Int32Array;
  /** How many definite operations are open at once, at most. */
  readonly width: number;
  /** The operations of unknown outcome, in order of invocation. */
  readonly unknown: Int32Array;
}

/**
 * Splits a history by key. Sound and complete where every operation touches one key and keys have objects of their
 * own, which a model declares: a history is linearizable exactly if each key's part is (linearizability is local:
 * Herlihy and Wing 1990, theorem 1; Horn and Kroening 2015 call it P-compositionality). O(events).
 */
export function split(history: History, letters: Letters, partition: 'key' | 'whole'): Part[] {
  const { keys, partOf } = assign(history, letters, partition);
  const order = eventsInOrder(history, letters);
  const opCounts = new Int32Array(keys.length);
  const eventCounts = new Int32Array(keys.length);
  for (const event of order) {
    if (event === NO_EVENT) continue;
    const part = partOf[event >>> 1]!;
    eventCounts[part]!++;
    if ((event & 1) === 0) opCounts[part]!++;
  }
  const opsFrom = offsets(opCounts);
  const eventsFrom = offsets(eventCounts);
  const ops = new Int32Array(opsFrom[keys.length]!);
  const events = new Int32Array(eventsFrom[keys.length]!);
  const local = new Int32Array(history.length);
  const opsEnd = opsFrom.slice();
  const eventsEnd = eventsFrom.slice();
  for (const event of order) {
    if (event === NO_EVENT) continue;
    const op = event >>> 1;
    const part = partOf[op]!;
    if ((event & 1) === 0) {
      local[op] = opsEnd[part]! - opsFrom[part]!;
      ops[opsEnd[part]!++] = op;
    }
    events[eventsEnd[part]!++] = 2 * local[op]! + (event & 1);
  }
  return keys.map((key, part) =>
    assemble(
      history,
      letters,
      key,
      ops.subarray(opsFrom[part], opsFrom[part + 1]),
      events.subarray(eventsFrom[part], eventsFrom[part + 1]),
    ),
  );
}

const NO_EVENT = -1;

/** Which part each operation belongs to. Parts are numbered in order of their first operation. */
function assign(
  history: History,
  letters: Letters,
  partition: 'key' | 'whole',
): { keys: number[]; partOf: Int32Array } {
  const keys: number[] = [];
  const partOf = new Int32Array(history.length);
  const partOfKey = new Int32Array(history.keys.size + 1).fill(-1);
  for (let op = 0; op < history.length; op++) {
    if (letters.of[op] === DROPPED) continue;
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
function eventsInOrder(history: History, letters: Letters): Int32Array {
  const order = new Int32Array(history.eventCount).fill(NO_EVENT);
  for (let op = 0; op < history.length; op++) {
    if (letters.of[op] === DROPPED) continue;
    order[history.invokedAt[op]!] = 2 * op;
    if (history.completedAt[op] !== NEVER) order[history.completedAt[op]!] = 2 * op + 1;
  }
  return order;
}

function offsets(counts: Int32Array): Int32Array {
  const from = new Int32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) from[i + 1] = from[i]! + counts[i]!;
  return from;
}

function assemble(history: History, letters: Letters, key: number, ops: Int32Array, events: Int32Array): Part {
  const unknown: number[] = [];
  const slots = new Int32Array(ops.length);
  const free: number[] = [];
  let width = 0;
  for (const event of events) {
    const op = event >>> 1;
    if ((event & 1) === 1) free.push(slots[op]!);
    else if (history.outcome[ops[op]!] === UNKNOWN) slots[op] = -unknown.push(op);
    else slots[op] = free.pop() ?? width++;
  }
  const own = ops.map((op) => letters.of[op]!);
  return { key, ops, letters: own, events, slots, width, unknown: Int32Array.from(unknown) };
}
