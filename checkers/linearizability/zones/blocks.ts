import { NEVER } from '../../history/history.ts';
import type { Part } from '../part.ts';
import { EXCHANGE, READ, stride, WRITE } from './cell.ts';
import type { Conflict } from './conflict.ts';
import type { Extent } from './extent.ts';
import { NOBODY, type Segments } from './segments.ts';

/**
 * The segments with what bounds them in time. Segments that exchanges join follow each other without a gap: together
 * they are a block, named by its first segment. A value that nobody exchanged is a block of its own.
 *
 * Times are positions in `part.events`.
 */
export interface Blocks {
  readonly segments: Segments;
  /** Per segment: the first return of an operation that observed or wrote the value; -1 for the initial value. */
  readonly first: Int32Array;
  /** Per segment: the last invocation of such an operation; -1 for an initial value that nobody read. */
  readonly last: Int32Array;
  /** Per operation and segment: its block. */
  readonly of: Int32Array;
  /** Per block: the first return, and the last invocation, of all its segments. */
  readonly blockFirst: Int32Array;
  readonly blockLast: Int32Array;
  readonly conflict: Conflict | undefined;
}

/** Bounds segments and blocks in time, and judges each by itself (CHECKERS 2.1, steps 3 and 4). O(events). */
export function blocksOf(part: Part, { end }: Extent, segments: Segments, checkpoint: () => void): Blocks {
  const first = new Int32Array(segments.start + 1).fill(NEVER);
  const last = new Int32Array(segments.start + 1);
  first[segments.start] = -1;
  last[segments.start] = -1;
  const early = bound(part.events, end, segments, first, last, checkpoint);
  const conflict: Conflict | undefined = early === NOBODY ? undefined : { kind: 'early', op: early };
  if (conflict !== undefined || !segments.cell.exchanges) {
    return { segments, first, last, of: segments.of, blockFirst: first, blockLast: last, conflict };
  }
  const of = new Int32Array(segments.start + 1);
  const blocks = { segments, first, last, of, blockFirst: first.slice(), blockLast: last.slice() };
  return { ...blocks, conflict: join(blocks, checkpoint) };
}

/** Fills `first` and `last`; returns a read that was over before the writer of its value was invoked, or `NOBODY`. */
function bound(
  events: Int32Array,
  end: number,
  { cell: { kinds }, of, start }: Segments,
  first: Int32Array,
  last: Int32Array,
  checkpoint: () => void,
): number {
  let invoked = NOBODY;
  for (let at = 0; at < end; at++) {
    if ((at & stride) === stride) checkpoint();
    const event = events[at]!;
    const op = event >>> 1;
    if ((event & 1) === 0) invoked = op;
    const kind = kinds[op]!;
    if (kind !== READ && kind !== WRITE && kind !== EXCHANGE) continue;
    const segment = of[op]!;
    if ((event & 1) === 0) last[segment] = at;
    else if (first[segment] === NEVER) {
      // Operations are numbered in order of invocation.
      if (segment > invoked && segment !== start) return op;
      first[segment] = at;
    }
  }
  return NOBODY;
}

/** Follows every chain of exchanges from its beginning. */
function join(blocks: Omit<Blocks, 'conflict'>, checkpoint: () => void): Conflict | undefined {
  const { start, of, next, cell } = blocks.segments;
  let left = 0;
  for (let op = 0; op < start; op++) if (cell.kinds[op] === EXCHANGE) left++;
  const joined = new Uint8Array(start + 1);
  for (let root = 0; root <= start; root++) {
    if ((root & stride) === stride) checkpoint();
    if (root !== start && cell.kinds[root] !== WRITE) continue;
    blocks.of[root] = root;
    for (let segment = next[root]!; segment !== NOBODY; segment = next[segment]!) {
      if (blocks.first[segment]! < blocks.blockLast[root]!) return { kind: 'chain', segment };
      blocks.of[segment] = root;
      blocks.blockFirst[root] = Math.min(blocks.blockFirst[root]!, blocks.first[segment]!);
      blocks.blockLast[root] = Math.max(blocks.blockLast[root]!, blocks.last[segment]!);
      joined[segment] = 1;
      left--;
    }
  }
  if (left > 0) return { kind: 'cycle', op: cell.kinds.findIndex((kind, op) => kind === EXCHANGE && joined[op] === 0) };
  for (let op = 0; op < start; op++) if (cell.kinds[op] === READ) blocks.of[op] = blocks.of[of[op]!]!;
  return undefined;
}

/**
 * Looks for two blocks that must each come before the other (CHECKERS 2.1, step 5). Block X must precede Y exactly if
 * some operation of X returned before some of Y was invoked, first(X) < last(Y), because blocks do not overlap. If
 * these demands have a cycle, then two blocks form one: in a shortest cycle let m be the block with the greatest
 * last; every other X of it precedes some block, so first(X) < last(m), and X precedes m; so m and its successor
 * precede each other. Without a cycle, blocks in a topological order are a linearization.
 *
 * A block with first < last is a forward zone: its values were held all that time. Two blocks precede each other
 * exactly if both are forward and their zones meet, or one is forward and holds all of [last, first] of the other. One
 * sweep over the events, without sorting: at most one forward zone is open. O(events).
 */
export function clash(part: Part, { end }: Extent, blocks: Blocks, checkpoint: () => void): Conflict | undefined {
  const { of, blockFirst, blockLast } = blocks;
  const { kinds } = blocks.segments.cell;
  const { start } = blocks.segments;
  const { events } = part;
  let open = blockLast[start]! < 0 ? NOBODY : start;
  for (let at = 0; at < end; at++) {
    if ((at & stride) === stride) checkpoint();
    const event = events[at]!;
    const kind = kinds[event >>> 1]!;
    if (kind !== READ && kind !== WRITE && kind !== EXCHANGE) continue;
    const block = of[event >>> 1]!;
    if ((event & 1) === 0) {
      if (block === open && blockLast[block] === at) open = NOBODY;
    } else if (blockFirst[block] === at) {
      const forward = at < blockLast[block]!;
      if (open !== NOBODY && (forward || blockFirst[open]! < blockLast[block]!)) {
        return { kind: 'blocks', one: open, other: block };
      }
      if (forward) open = block;
    }
  }
  return undefined;
}
