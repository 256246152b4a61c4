import { all, type Reductions } from '../search/reductions.ts';
import type { Search } from '../search/search.ts';
import type { InSteps } from '../turns.ts';
import type { Judge, Prepared, Searched } from './judge.ts';

/** Where a history became illegal, and the states in which its operations were stuck there. */
export interface Pinpointed {
  /** The first return, as a place in the window's events, up to and including which no order explains the history. */
  readonly position: number;
  /** As numbers of the transitions. */
  readonly states: readonly number[];
}

/** Does not look ahead, and so gets as far as anything gets; and leaves out no state that an order may lead to. */
const shortSighted: Reductions = {
  ...all,
  lookAhead: false,
  growth: false,
  covered: false,
  deadWrites: undefined,
  stretches: false,
};

/** What finding it may take for every configuration that the search had, and for every operation. */
const stepsPerConfiguration = 4;
const stepsMin = 10_000;

/**
 * Where the history of a search that got stuck became illegal. A search that looks ahead gives up before it gets there,
 * and proves only that the history up to and including `refutedAt` is illegal. So that part is searched once more
 * without looking ahead and with every state on the way; where that takes too many steps, the position is found by
 * bisection, and the states are those that were met. If what the judge may use is used up, the position may be later
 * than the first, but not later than `refutedAt`, and no states may be known.
 */
export function* pinpoint(prepared: Prepared, stuck: Search, judge: Judge): InSteps<Pinpointed> {
  const { model } = prepared.question;
  const to = stuck.refutedAt;
  // With neither, it hides nothing.
  if (model.effect === undefined && model.growth === undefined) return statesOf(stuck, to);
  const budget = stepsPerConfiguration * (stuck.configurations + prepared.window.ops.length) + stepsMin;
  const searchUpTo = (position: number, reductions: Reductions) =>
    judge.search(prepared, { end: position + 1, reductions, budget });
  const again = yield* searchUpTo(to, shortSighted);
  if (again.end === 'stuck') return statesOf(again.search, again.search.refutedAt);
  const position = yield* bisected(prepared, to, judge, (at) => searchUpTo(at, all));
  const { search } = yield* searchUpTo(position, shortSighted);
  return statesOf(search, position);
}

const statesOf = (search: Search, position: number): Pinpointed => ({ position, states: search.statesAt(position) });

/** The first return from which on the history is shown to be illegal; `to` is one. */
function* bisected(
  { window: { events } }: Prepared,
  to: number,
  judge: Judge,
  searchUpTo: (position: number) => InSteps<Searched>,
): InSteps<number> {
  const returns: number[] = [];
  for (let at = 0; at < to; at++) if ((events[at]! & 1) === 1) returns.push(at);
  let low = 0;
  let high = returns.length;
  while (low < high && !judge.exhausted) {
    const middle = (low + high) >>> 1;
    const { end } = yield* searchUpTo(returns[middle]!);
    if (end === 'stuck') high = middle;
    else low = middle + 1;
  }
  return returns[high] ?? to;
}
