import type { Part } from '../../part.ts';
import { EarliestFirst } from '../earliest.ts';
import { checkpointMask } from '../evidence.ts';
import type { Intervals } from '../intervals.ts';
import { GapFiller } from './gap-filler.ts';
import { OBSERVES, PINNED, type Tally, UNIT } from './tally.ts';

/** Which operation could not take effect by which place in the events. */
export interface Stop {
  readonly op: number;
  readonly at: number;
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
 *
 * All this if adds of unknown outcome add one unit too. Where they do not (`mixed`), an end that is reached is still an
 * order that explains the history, but a stop proves nothing.
 */
export class Count {
  /** The operations in the order in which they took effect. */
  readonly order: number[] = [];
  private readonly part: Part;
  private readonly tally: Tally;
  private readonly done: Uint8Array;
  /** The open pinned add that starts from a total. If two do, one of them will not find its total again. */
  private readonly pinnedFrom = new Map<number, number>();
  private readonly definite: EarliestFirst;
  private readonly unknown: number[] = [];
  private unknownUsed = 0;
  /** In place of `unknown`, if those add different amounts. */
  private readonly filler: GapFiller | undefined;
  /** The last operation that waits for a total; the others hang on `nextWaiting`. */
  private readonly waiting = new Map<number, number>();
  private readonly nextWaiting: Int32Array;
  private total = 0;

  constructor(part: Part, tally: Tally, { ret }: Intervals) {
    const { length } = part.ops;
    this.part = part;
    this.tally = tally;
    this.done = new Uint8Array(length);
    this.nextWaiting = new Int32Array(length);
    this.definite = new EarliestFirst(ret);
    this.filler = tally.mixed ? new GapFiller(tally) : undefined;
  }

  /** Where it cannot go on, or `undefined` if it came to the end. O(n log p) for p open operations. */
  run(checkpoint: () => void): Stop | undefined {
    const { events } = this.part;
    for (let at = 0; at < events.length; at++) {
      if ((at & checkpointMask) === 0) checkpoint();
      const op = events[at]! >>> 1;
      if ((events[at]! & 1) === 0 ? !this.invoke(op) : this.done[op] === 0 && !this.complete(op)) return { op, at };
    }
    return undefined;
  }

  private invoke(op: number): boolean {
    const { kind, before } = this.tally;
    switch (kind[op]) {
      case OBSERVES:
        if (before[op] === this.total) this.finish(op);
        else this.wait(op);
        return before[op]! >= this.total;
      case PINNED:
        this.pinnedFrom.set(before[op]!, op);
        return before[op]! >= this.total;
      case UNIT:
        if (this.part.definite[op] === 1) this.definite.push(op);
        else if (this.filler === undefined) this.unknown.push(op);
        else this.filler.add(op);
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
    if (pinned !== undefined) this.pinnedFrom.delete(this.total);
    const op = pinned ?? this.definite.pop() ?? this.nextUnknown();
    if (op === undefined) return false;
    this.total += this.tally.delta[op]!;
    this.finish(op);
    this.satisfy();
    return true;
  }

  private nextUnknown(): number | undefined {
    return this.filler === undefined ? this.unknown[this.unknownUsed++] : this.filler.take(this.total);
  }

  private satisfy(): void {
    let op = this.waiting.get(this.total);
    if (op === undefined) return;
    this.waiting.delete(this.total);
    for (; op >= 0; op = this.nextWaiting[op]!) this.finish(op);
  }

  private finish(op: number): void {
    this.done[op] = 1;
    this.order.push(op);
  }
}
