import { all, type Reductions } from './reductions.ts';
import type { Search } from './search.ts';

/** Where a history became illegal, and the states in which its operations were stuck there. */
export interface Pinpointed {
  readonly position: number;
  readonly states: readonly number[];
}

type SearchUpTo = (end: number, reductions: Reductions) => Search;

/** Does not look ahead, and so gets as far as anything gets; and leaves out no state that an order may lead to. */
const shortSighted: Reductions = {
  ...all,
  lookAhead: false,
  growth: false,
  covered: false,
  deadWrites: undefined,
  stretches: false,
};

/**
 * The first return up to and including which no order explains the history. A search that looks ahead gives up
 * earlier, at `from` at the earliest, and proves that the history up to and including `to` is illegal. So that part is
 * searched once more without looking ahead and with every state on the way; where that takes more than so many steps, the position is found by
 * bisection, and the states are those that were met.
 */
export function pinpoint(
  searchUpTo: SearchUpTo,
  events: Int32Array,
  from: number,
  to: number,
  budget: number,
): Pinpointed {
  const search = searchUpTo(to + 1, shortSighted);
  if (search.run(budget) === 'stuck') return { position: search.furthest, states: search.statesAtFurthest };
  const position = bisect(searchUpTo, events, from, to, budget);
  const last = searchUpTo(position + 1, shortSighted);
  last.run(budget);
  return { position, states: last.statesAt(position) };
}

/** The first position from which on the history is shown to be illegal; `to` is one. */
function bisect(searchUpTo: SearchUpTo, events: Int32Array, from: number, to: number, budget: number): number {
  const returns: number[] = [];
  for (let at = from; at < to; at++) if ((events[at]! & 1) === 1) returns.push(at);
  let low = 0;
  let high = returns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (searchUpTo(returns[middle]! + 1, all).run(budget) === 'stuck') high = middle;
    else low = middle + 1;
  }
  return returns[high] ?? to;
}
