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
}

/** O(events). `letters`: of each operation of the part, as `Alphabet.spell` gives them. */
export function windowOf(part: Part, letters: Int32Array): Window {
  const numbers = new Int32Array(letters.length).fill(-1);
  let length = 0;
  for (let op = 0; op < letters.length; op++) if (letters[op] !== DROPPED) numbers[op] = length++;
  const ops = new Int32Array(length);
  const own = new Int32Array(length);
  const slots = new Int32Array(length);
  const events: number[] = [];
  const unknown: number[] = [];
  const free: number[] = [];
  let width = 0;
  for (const event of part.events) {
    const op = numbers[event >>> 1]!;
    if (op < 0) continue;
    events.push(2 * op + (event & 1));
    if ((event & 1) === 1) {
      free.push(slots[op]!);
      continue;
    }
    ops[op] = event >>> 1;
    own[op] = letters[event >>> 1]!;
    if (part.definite[event >>> 1] === 0) slots[op] = -unknown.push(op);
    else slots[op] = free.pop() ?? width++;
  }
  return { ops, letters: own, events: Int32Array.from(events), slots, width, unknown: Int32Array.from(unknown) };
}
