import { OBSERVES, PINNED, type Tally } from './tally.ts';

/** So many sums are tried for one gap, at most. */
const triesMax = 200;

/**
 * Adds of unknown outcome and different amounts, to fill the gaps between totals that were told. Which amounts fill a
 * gap is a subset-sum problem, and which of several ways is best depends on what follows: this takes the largest
 * amounts that fit exactly, gives up early, and looks at no alternative. So what it explains is explained, and what it
 * does not says nothing.
 */
export class GapFiller {
  private readonly delta: Float64Array;
  /** The totals that operations told of as those they found, ascending. */
  private readonly told: Float64Array;
  private next = 0;
  /** Open adds by amount. */
  private readonly open = new Map<number, number[]>();
  /** In descending order. */
  private amounts: number[] = [];
  private sorted = true;
  private tries = 0;

  constructor({ kind, before, delta }: Tally) {
    this.delta = delta;
    this.told = before.filter((_, op) => kind[op] === OBSERVES || kind[op] === PINNED).sort();
  }

  add(op: number): void {
    const amount = this.delta[op]!;
    const same = this.open.get(amount);
    if (same !== undefined) {
      same.push(op);
      return;
    }
    this.open.set(amount, [op]);
    this.sorted = false;
  }

  /** An add to make next, if some make the next total that was told out of this one. */
  take(total: number): number | undefined {
    while (this.next < this.told.length && this.told[this.next]! <= total) this.next++;
    const goal = this.told[this.next];
    if (goal === undefined) return undefined;
    if (!this.sorted) this.amounts = [...this.open.keys()].sort((a, b) => b - a);
    this.sorted = true;
    this.tries = triesMax;
    const amount = this.largestOf(goal - total, 0);
    return amount === undefined ? undefined : this.open.get(amount)!.pop();
  }

  /** The largest amount, not before `from` in the list, of some that add up to a gap. */
  private largestOf(gap: number, from: number): number | undefined {
    for (let i = from; i < this.amounts.length && this.tries-- > 0; i++) {
      const amount = this.amounts[i]!;
      const most = Math.min(this.open.get(amount)!.length, Math.floor(gap / amount));
      for (let times = most; times > 0; times--) {
        const rest = gap - times * amount;
        if (rest === 0 || this.largestOf(rest, i + 1) !== undefined) return amount;
        if (this.tries <= 0) return undefined;
      }
    }
    return undefined;
  }
}
