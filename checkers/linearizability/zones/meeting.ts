import type { Blocks } from './blocks.ts';
import { NOBODY } from './segments.ts';

/**
 * Within one block, the two segments that are nearest to each other in their chain and hold it down: something of
 * segment `from` returned before `by`, and something of segment `until` was invoked after `after`. The block then
 * holds the register from the one moment to the other.
 */
export interface Hold {
  readonly from: number;
  readonly until: number;
  /** The segments from the earlier of the two to the later, in the order of their chain. */
  readonly chain: readonly number[];
}

export function holdOf({ segments, first, last }: Blocks, block: number, by: number, after: number): Hold {
  const chain: number[] = [];
  let from = NOBODY;
  let until = NOBODY;
  let best: readonly [number, number] | undefined;
  for (let segment = block; segment !== NOBODY; segment = segments.cell.exchanges ? segments.next[segment]! : NOBODY) {
    const place = chain.push(segment) - 1;
    if (first[segment]! < by) from = place;
    if (last[segment]! > after) until = place;
    if (from === NOBODY || until === NOBODY) continue;
    if (best === undefined || Math.abs(from - until) < Math.abs(best[0] - best[1])) best = [from, until];
  }
  if (best === undefined) throw new Error('the block does not hold the register as it was found to');
  const [f, u] = best;
  return { from: chain[f]!, until: chain[u]!, chain: chain.slice(Math.min(f, u), Math.max(f, u) + 1) };
}
