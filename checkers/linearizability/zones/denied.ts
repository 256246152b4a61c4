import { NEVER } from '../../history/history.ts';
import type { Question } from '../procedure.ts';
import type { Blocks } from './blocks.ts';
import { DENIAL } from './cell.ts';
import type { Conflict } from './conflict.ts';
import { NOBODY } from './segments.ts';

/**
 * A compare-and-set that did not find its value though it was there all the time: it was invoked after an operation
 * had returned that wrote or saw the value, and returned before one was invoked that saw or exchanged the value. Since
 * the value was written only once, no order has another value in between. O(operations).
 */
export function denied({ history, part }: Question, blocks: Blocks): Conflict | undefined {
  const { of, cell } = blocks.segments;
  for (let own = 0; own < cell.kinds.length; own++) {
    if (cell.kinds[own] !== DENIAL || of[own] === NOBODY) continue;
    const held = holders(blocks, part.events, of[own]!);
    if (held === undefined) continue;
    const op = part.ops[own]!;
    const after = held.from === NOBODY || history.precedes(part.ops[held.from]!, op);
    if (after && history.precedes(op, part.ops[held.until]!)) return { kind: 'denied', op: own };
  }
  return undefined;
}

/**
 * The operations between which the value was held for certain: the first to return (`NOBODY`: the initial value was
 * there from the beginning), and the last to be invoked.
 */
export function holders({ segments, first, last }: Blocks, events: Int32Array, segment: number) {
  if (first[segment] === NEVER) return undefined;
  const from = first[segment]! < 0 ? NOBODY : events[first[segment]!]! >>> 1;
  const observer = last[segment]! < 0 ? NOBODY : events[last[segment]!]! >>> 1;
  // The later number is the later invocation.
  const until = segments.cell.exchanges ? Math.max(observer, segments.next[segment]!) : observer;
  return until === NOBODY ? undefined : { from, until };
}
