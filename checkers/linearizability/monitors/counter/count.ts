import type { Part } from '../../part.ts';
import { EarliestFirst } from '../earliest.ts';
import { checkpointMask } from '../evidence.ts';
import type { Intervals } from '../intervals.ts';
import { OBSERVES, PINNED, type Tally, UNIT } from './tally.ts';

/** Which operation could not take effect by which place in the events. */
export interface Stop {
  readonly op: number;
  readonly at: number;
  /** The add that begins only later, and alone can make the step that is needed here; -1: there is none. */
  readonly missing: number;
}

/**
 * Counts along the events and lets every operation take effect as late as can be: the total is never more than it has
 * to be.
 *
 * Which adds make up a total is no question where each was told the total it made (`PINNED`). All others add one unit,
 * so only their number matters, and the one that returns first is taken first. Suppose that some order explains the
 * history. At no place has it counted less than we have, by induction: we take a step only when an operation that
 * returns now needs it, and then the order has taken it too. Exchange arguments give it our adds as well: where it
 * takes another unit than we do, ours returns no later and has been invoked, so the two can change places. Hence a step
 * that we cannot take, nor could it. A total that an operation saw is passed by us no sooner than by it.
 */
export class Count {
  /** The operations in the order in which they took effect. */
  readonly order: number[] = [];
  private readonly part: Part;
  private readonly tally: Tally;
  private readonly done: Uint8Array;
  private readonly called: Uint8Array;
  private readonly pinnedFrom: ReadonlyMap<number, number>;
  private readonly definite: EarliestFirst;
  private readonly unknown: number[] = [];
  private unknownUsed = 0;
  /** The last operation that waits for a total; the others hang on `nextWaiting`. */
  private readonly waiting = new Map<number, number>();
  private readonly nextWaiting: Int32Array;
  private total = 0;
  private missing = -1;

  constructor(part: Part, tally: Tally, { ret }: Intervals) {
    const { length } = part.ops;
    this.part = part;
    this.tally = tally;
    this.done = new Uint8Array(length);
    this.called = new Uint8Array(length);
    this.nextWaiting = new Int32Array(length);
    this.definite = new EarliestFirst(ret);
    const pinnedFrom = new Map<number, number>();
    for (let op = 0; op < length; op++) if (tally.kind[op] === PINNED) pinnedFrom.set(tally.before[op]!, op);
    this.pinnedFrom = pinnedFrom;
  }

  /** Where it cannot go on, or `undefined` if it came to the end. O(n log p) for p open operations. */
  run(checkpoint: () => void): Stop | undefined {
    const { events } = this.part;
    for (let at = 0; at < events.length; at++) {
      if ((at & checkpointMask) === 0) checkpoint();
      const op = events[at]! >>> 1;
      if ((events[at]! & 1) === 0 ? !this.invoke(op) : this.done[op] === 0 && !this.complete(op)) {
        return { op, at, missing: this.missing };
      }
    }
    return undefined;
  }

  private invoke(op: number): boolean {
    const { kind, before } = this.tally;
    this.called[op] = 1;
    switch (kind[op]) {
      case OBSERVES:
        if (before[op] === this.total) this.finish(op);
        else this.wait(op);
        return before[op]! >= this.total;
      case PINNED:
        return before[op]! >= this.total;
      case UNIT:
        if (this.part.definite[op] === 1) this.definite.push(op);
        else this.unknown.push(op);
        return true;
      default:
        if (this.part.definite[op] === 1) this.finish(op);
        return true;
    }
  }

  private wait(op: number): void {
    const total = this.tally.before[op]!;
    this.nextWaiting[op] = this.waiting.get(total) ?? -1;
    this.waiting.set(total, op);
  }

  private complete(op: number): boolean {
    const { kind, after } = this.tally;
    while (this.done[op] === 0) {
      if (kind[op] !== UNIT && this.total >= after[op]!) return false;
      if (!this.step()) return false;
    }
    return true;
  }

  /** The next total; false if no add can make it now. */
  private step(): boolean {
    const pinned = this.pinnedFrom.get(this.total);
    const op = pinned ?? this.definite.pop() ?? this.unknown[this.unknownUsed++];
    if (op === undefined) return false;
    if (this.called[op] === 0) {
      this.missing = op;
      return false;
    }
    this.total += this.tally.delta[op]!;
    this.finish(op);
    let satisfied = this.waiting.get(this.total) ?? -1;
    for (; satisfied >= 0; satisfied = this.nextWaiting[satisfied]!) this.finish(satisfied);
    return true;
  }

  private finish(op: number): void {
    this.done[op] = 1;
    this.order.push(op);
  }
}
