import type { Part } from '../part.ts';
import { DROPPED } from './letters.ts';

/**
 * A part as the search sees it: in letters, without the operations that the alphabet drops, and with a slot for every
 * operation that is open. Operations are renumbered once more.
 */
export interface Window {
  /** The operation's number in the part. */
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
  /** 1 for an operation that takes effect before its return or never; `undefined` if there is none. */
  readonly optional: Uint8Array | undefined;
}

/**
 * O(events). `letters`: of each operation of the part, as `Alphabet.spell` gives them. `optional`: 1 for each that need
 * not happen although it returns.
 */
export function windowOf(part: Pick<Part, 'definite' | 'events'>, letters: Int32Array, optional?: Uint8Array): Window {
  const numbers = new Int32Array(letters.length);
  let length = 0;
  for (let op = 0; op < letters.length; op++) numbers[op] = letters[op] === DROPPED ? -1 : length++;
  const ops = new Int32Array(length);
  const own = new Int32Array(length);
  for (let op = 0; op < letters.length; op++) {
    if (letters[op] === DROPPED) continue;
    ops[numbers[op]!] = op;
    own[numbers[op]!] = letters[op]!;
  }
  const events = renumbered(part.events, numbers);
  const may = optional && Uint8Array.from(ops, (op) => optional[op]!);
  return { ops, letters: own, events, ...colouring(events, ops, part.definite), optional: may };
}

function renumbered(events: Int32Array, numbers: Int32Array): Int32Array {
  const kept = new Int32Array(events.length);
  let count = 0;
  for (let at = 0; at < events.length; at++) {
    const op = numbers[events[at]! >>> 1]!;
    if (op >= 0) kept[count++] = 2 * op + (events[at]! & 1);
  }
  return count === kept.length ? kept : kept.slice(0, count);
}

function colouring(
  events: Int32Array,
  ops: Int32Array,
  definite: Uint8Array,
): Pick<Window, 'slots' | 'width' | 'unknown'> {
  const slots = new Int32Array(ops.length);
  const unknown: number[] = [];
  const free: number[] = [];
  let width = 0;
  for (let at = 0; at < events.length; at++) {
    const op = events[at]! >>> 1;
    if ((events[at]! & 1) === 1) free.push(slots[op]!);
    else if (definite[ops[op]!] === 0) slots[op] = -unknown.push(op);
    else slots[op] = free.pop() ?? width++;
  }
  return { slots, width, unknown: Int32Array.from(unknown) };
}
