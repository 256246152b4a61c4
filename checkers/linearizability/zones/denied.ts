import { NEVER } from '../../history/history.ts';
import type { Question } from '../procedure.ts';
import type { Blocks } from './blocks.ts';
import { DENIAL, MAYBE_EXCHANGE, MAYBE_WRITE, stride, WRITE } from './cell.ts';
import type { Conflict } from './conflict.ts';
import { NOBODY } from './segments.ts';

/**
 * A compare-and-set that did not find its value though it was there all the time: it was invoked after an operation
 * had returned that wrote or saw the value, and returned before one was invoked that saw or exchanged the value. Since
 * the value was written only once, no order has another value in between. O(operations).
 */
export function denied({ history, part }: Question, blocks: Blocks, checkpoint: () => void): Conflict | undefined {
  const { of, cell } = blocks.segments;
  for (let own = 0; own < cell.kinds.length; own++) {
    if ((own & stride) === stride) checkpoint();
    if (cell.kinds[own] !== DENIAL || of[own] === NOBODY) continue;
    const held = holders(blocks, part.events, of[own]!);
    if (held === undefined) continue;
    const op = part.ops[own]!;
    const after = held.from === NOBODY || history.precedes(part.ops[held.from]!, op);
    if (held.until !== NOBODY && after && history.precedes(op, part.ops[held.until]!))
      return { kind: 'denied', op: own };
  }
  return undefined;
}

/**
 * A compare-and-set that did not find its value although it was invoked after an operation had returned that wrote or
 * saw the value, and nothing can have replaced the value by the time that it returned: whatever had been invoked by
 * then that writes another one must come before. `candidates` are denials to look at; O(operations) for each, so only
 * the first few are.
 */
export function unreplaced(
  question: Question,
  blocks: Blocks,
  candidates: readonly number[],
  checkpoint: () => void,
): Conflict | undefined {
  const op = candidates.slice(0, candidatesMax).find((denial) => isUnreplaced(question, blocks, denial, checkpoint));
  return op === undefined ? undefined : { kind: 'unreplaced', op };
}

const candidatesMax = 32;

function isUnreplaced({ history, part }: Question, blocks: Blocks, denial: number, checkpoint: () => void): boolean {
  const { cell, of, next, start } = blocks.segments;
  const segment = of[denial]!;
  const { from } = holders(blocks, part.events, segment) ?? {};
  if (from === undefined || (cell.exchanges && next[segment] !== NOBODY)) return false;
  if (from !== NOBODY && !history.precedes(part.ops[from]!, part.ops[denial]!)) return false;
  const block = segment === start ? start : blocks.of[segment]!;
  const returned = history.completedAt[part.ops[denial]!]!;
  for (let op = 0; op < start && history.invokedAt[part.ops[op]!]! < returned; op++) {
    if ((op & stride) === stride) checkpoint();
    const kind = cell.kinds[op];
    if (kind === MAYBE_WRITE || (kind === MAYBE_EXCHANGE && cell.from[op] === segment)) return false;
    if (kind === WRITE && op !== block && blocks.blockFirst[op]! > blocks.blockLast[block]!) return false;
  }
  return true;
}

/**
 * The operations between which the value was held for certain: the first to return (`NOBODY`: the initial value was
 * there from the beginning), and the last to be invoked (`NOBODY`: nothing saw the initial value).
 */
export function holders({ segments, first, last }: Blocks, events: Int32Array, segment: number) {
  if (first[segment] === NEVER) return undefined;
  const from = first[segment]! < 0 ? NOBODY : events[first[segment]!]! >>> 1;
  const observer = last[segment]! < 0 ? NOBODY : events[last[segment]!]! >>> 1;
  // The later number is the later invocation.
  const until = segments.cell.exchanges ? Math.max(observer, segments.next[segment]!) : observer;
  return { from, until };
}
