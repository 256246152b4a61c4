import type { Intervals } from './intervals.ts';

/** In place of a level: the operation need not take effect. */
export const UNPLACED = -1;

/** Two operations whose places in the order contradict real time: `late` belongs behind `early`, and had returned before. */
export interface Clash {
  readonly early: number;
  readonly late: number;
}

/**
 * For data types whose answers force the order of operations but for ties: every operation has a *level*, and those of
 * a lower level come first. Within one level the order is free, or real time gives it.
 *
 * Theorem. Such an order that respects real time exists exactly if no operation had returned before one of a lower
 * level was invoked. Proof: let M(l) be the last invocation in levels up to l. Give an operation of level l with
 * invocation c the moment max(M(l - 1), c). It is not before its invocation, and not after its return by assumption,
 * and moments never go down with levels. So levels in turn, and operations of one level by invocation, respect real
 * time. The converse is the definition of real time.
 */
export class Levels {
  readonly count: number;
  /** Of each operation, or `UNPLACED`. */
  readonly of: Int32Array;
  private readonly intervals: Intervals;

  constructor(count: number, of: Int32Array, intervals: Intervals) {
    this.count = count;
    this.of = of;
    this.intervals = intervals;
  }

  /**
   * For each level the operation that was invoked last among those of this level and below, or -1. Operations for
   * which `bounds` has 0 do not count: nothing has to come after them. O(operations + levels).
   */
  lastInvoked(bounds?: Uint8Array): Int32Array {
    const { call } = this.intervals;
    const last = new Int32Array(this.count).fill(-1);
    for (let op = 0; op < this.of.length; op++) {
      const level = this.of[op]!;
      if (level !== UNPLACED && bounds?.[op] !== 0) last[level] = op; // operations are numbered by invocation
    }
    for (let level = 1; level < this.count; level++) {
      const before = last[level - 1]!;
      if (before >= 0 && (last[level]! < 0 || call[before]! > call[last[level]!]!)) last[level] = before;
    }
    return last;
  }

  /** A contradiction to real time, if there is one: the first by return. `last`: of `lastInvoked`. */
  clash(last: Int32Array): Clash | undefined {
    const { call, ret } = this.intervals;
    let late = -1;
    for (let op = 0; op < this.of.length; op++) {
      const level = this.of[op]!;
      if (level <= 0) continue;
      const early = last[level - 1]!;
      if (early >= 0 && ret[op]! < call[early]! && (late < 0 || ret[op]! < ret[late]!)) late = op;
    }
    return late < 0 ? undefined : { early: last[this.of[late]! - 1]!, late };
  }

  /** The operations level by level, in each by invocation. */
  order(): Int32Array {
    const end = new Int32Array(this.count + 1);
    for (const level of this.of) if (level !== UNPLACED) end[level + 1]!++;
    for (let level = 0; level < this.count; level++) end[level + 1]! += end[level]!;
    const order = new Int32Array(end[this.count]!);
    for (let op = 0; op < this.of.length; op++) {
      const level = this.of[op]!;
      if (level !== UNPLACED) order[end[level]!++] = op;
    }
    return order;
  }
}
