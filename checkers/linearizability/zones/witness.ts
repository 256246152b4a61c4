import type { Part } from '../part.ts';
import type { Blocks } from './blocks.ts';
import { DENIAL, EXCHANGE, MAYBE_EXCHANGE, MAYBE_WRITE, READ, stride, WRITE } from './cell.ts';
import type { Extent } from './extent.ts';
import { NOBODY } from './segments.ts';

/**
 * An order that explains a part without a clash: every definite operation, and those of unknown outcome that took
 * effect. None if the order built here leaves a denial without a moment at which the value is another one; there may
 * be a better order. Without denials there is always one. O(events · blocks open at once).
 *
 * Replays the events and lets each block begin at the last moment: when the first of its operations returns. Reads go
 * as soon as their value is there. What makes this right:
 * - A block that begins at first(X) may have to hold the register until last(X). Blocks that return meanwhile were
 *   invoked entirely before first(X), or they would clash; they all begin just before X.
 * - So when a block has to begin, everything of the block before it has been invoked.
 * - A denial needs a moment, between its invocation and its return, at which the register holds another value. It has
 *   one unless its value begins before the denial and lasts; then another block begins early, just before the denial
 *   returns, if there is one for which the above stays true (`yieldTo`).
 * - Where that fails, the block of the denied value had better been over: in the next attempt it is *hurried*, begins
 *   as soon as it is invoked entirely and another is about to begin, which replaces it at once (`clearWayFor`).
 */
export function witness(part: Part, extent: Extent, blocks: Blocks, checkpoint: () => void): Attempted {
  const hurried = new Uint8Array(blocks.segments.start + 1);
  for (let attempt = 1; ; attempt++) {
    const attempted = new Witness(part, extent, blocks, hurried).run(checkpoint);
    const late = attempted.stuck.map((denial) => blocks.of[blocks.segments.of[denial]!]!);
    if (attempt === attemptsMax || late.every((block) => hurried[block] === 1)) return attempted;
    for (const block of late) hurried[block] = 1;
  }
}

/** An order, unless some denials were stuck: those that found no moment. */
export interface Attempted {
  readonly order: Int32Array | undefined;
  readonly stuck: readonly number[];
}

/** A bound on the work: a part that takes more is left to others. */
const attemptsMax = 8;

class Witness {
  private readonly events: Int32Array;
  private readonly end: number;
  private readonly blocks: Blocks;
  private readonly kinds: Uint8Array;
  private readonly segmentOf: Int32Array;
  private readonly next: Int32Array;
  private readonly hasNext: boolean;

  private readonly order: Int32Array;
  private count = 0;
  /** Position of the event at hand. */
  private now = 0;
  /** The last operation invoked: operations are numbered in order of invocation. */
  private invoked = NOBODY;
  private readonly begun: Uint8Array;
  private segment: number;
  private block: number;
  /** The last operation invoked when the present segment began. */
  private since = NOBODY;

  /** Blocks that may begin, in no order, and the place of each in the list. */
  private readonly pending: number[] = [];
  private readonly placeOf: Int32Array;
  /** Per segment that has not begun: one more than the last read that waits for it; per such read, the one before. */
  private readonly waiting: Int32Array;
  private readonly waitingBefore: Int32Array;
  /** Per block: 1 if it had better be over soon. */
  private readonly hurried: Uint8Array;
  /** Denials that found no moment. */
  private readonly stuck: number[] = [];
  /** Denials of the present value. */
  private readonly denials: number[] = [];
  /** Operations of unknown outcome that need not take effect, but may if that helps. */
  private readonly spareWrites: number[] = [];
  private readonly spareExchanges = new Map<number, number>();

  constructor(part: Part, extent: Extent, blocks: Blocks, hurried: Uint8Array) {
    const { segments } = blocks;
    this.events = part.events;
    this.end = extent.end;
    this.blocks = blocks;
    this.kinds = segments.cell.kinds;
    this.segmentOf = segments.of;
    this.next = segments.next;
    this.hasNext = segments.next.length > 0;
    this.order = new Int32Array(segments.start);
    this.begun = new Uint8Array(segments.start + 1);
    this.begun[segments.start] = 1;
    this.segment = segments.start;
    this.block = segments.start;
    this.placeOf = new Int32Array(segments.start + 1);
    this.waiting = new Int32Array(segments.start + 1);
    this.waitingBefore = new Int32Array(segments.start + 1);
    this.hurried = hurried;
  }

  run(checkpoint: () => void): Attempted {
    for (; this.now < this.end; this.now++) {
      if ((this.now & stride) === stride) checkpoint();
      const event = this.events[this.now]!;
      const op = event >>> 1;
      if ((event & 1) === 0) this.invoke(op);
      else this.complete(op);
    }
    const order = this.stuck.length === 0 ? this.order.subarray(0, this.count) : undefined;
    return { order, stuck: this.stuck };
  }

  private invoke(op: number): void {
    this.invoked = op;
    const segment = this.segmentOf[op]!;
    switch (this.kinds[op]) {
      case READ:
        if (this.begun[segment] === 1) this.emit(op);
        else {
          this.waitingBefore[op] = this.waiting[segment]!;
          this.waiting[segment] = op + 1;
        }
        break;
      case WRITE:
        this.placeOf[op] = this.pending.push(op) - 1;
        break;
      case DENIAL:
        if (segment === this.segment) this.denials.push(op);
        else this.emit(op);
        break;
      case MAYBE_WRITE:
        this.spareWrites.push(op);
        break;
      case MAYBE_EXCHANGE:
        this.spareExchanges.set(this.blocks.segments.cell.from[op]!, op);
    }
  }

  private complete(op: number): void {
    const segment = this.segmentOf[op]!;
    switch (this.kinds[op]) {
      case READ:
      case WRITE:
      case EXCHANGE:
        if (this.begun[segment] === 0 && !this.reach(segment)) {
          throw new Error('a block has to begin while another has to go on, although no two of them clash');
        }
        break;
      case DENIAL:
        if (segment === this.segment && op > this.since && !this.yieldTo()) this.stuck.push(op);
    }
  }

  private emit(op: number): void {
    this.order[this.count++] = op;
  }

  /** Makes it the present segment; everything of the one before has been invoked. */
  private begin(segment: number): void {
    this.segment = segment;
    this.since = this.invoked;
    this.begun[segment] = 1;
    this.emit(segment);
    for (let read = this.waiting[segment]! - 1; read >= 0; read = this.waitingBefore[read]! - 1) this.emit(read);
    while (this.denials.length > 0) this.emit(this.denials.pop()!);
  }

  /** On to the next segment of the block, if all of the present one and the exchange have been invoked. */
  private advance(): boolean {
    const next = this.next[this.segment]!;
    if (this.blocks.last[this.segment]! > this.now || next > this.invoked) return false;
    this.begin(next);
    return true;
  }

  private endsBlock(segment: number): boolean {
    return !this.hasNext || this.next[segment] === NOBODY;
  }

  private beginBlock(block: number): boolean {
    while (!this.endsBlock(this.segment)) if (!this.advance()) return false;
    if (this.blocks.last[this.segment]! > this.now) return false;
    this.unlist(block);
    this.block = block;
    this.begin(block);
    return true;
  }

  private unlist(block: number): void {
    const place = this.placeOf[block]!;
    const moved = this.pending.pop()!;
    if (moved === block) return;
    this.pending[place] = moved;
    this.placeOf[moved] = place;
  }

  /** Comes to a segment that has not begun, at the last moment. */
  private reach(segment: number): boolean {
    const block = this.blocks.of[segment]!;
    if (block !== this.block && !(this.clearWayFor(block) && this.beginBlock(block))) return false;
    while (this.segment !== segment) if (!this.advance()) return false;
    return true;
  }

  /** Begins the blocks that have to come before another, and those that had better. */
  private clearWayFor(block: number): boolean {
    const { blockFirst, blockLast } = this.blocks;
    const until = blockLast[block]!;
    for (let place = this.pending.length - 1; place >= 0; place--) {
      const other = this.pending[place]!;
      if (other === block) continue;
      const better = this.hurried[other] === 1 && blockLast[other]! < this.now;
      if ((better || blockFirst[other]! < until) && !this.beginBlock(other)) return false;
    }
    return true;
  }

  /** Puts another value in place of the present one, for a denial that is about to return. */
  private yieldTo(): boolean {
    if (!this.endsBlock(this.segment)) return this.advance();
    if (this.blocks.last[this.segment]! > this.now) return false;
    const block = this.soon(1) ?? this.ready() ?? this.soon(0);
    if (block !== undefined) return this.clearWayFor(block) && this.beginBlock(block);
    return this.beginSpare();
  }

  /**
   * The most urgent block of those that have been invoked entirely, if any: it may begin at any time. Those that are
   * denied are the last choice, as they would have to be replaced in their turn.
   */
  private ready(): number | undefined {
    const { blockFirst, blockLast } = this.blocks;
    let best: number | undefined;
    for (const block of this.pending) {
      if (blockLast[block]! > this.now) continue;
      const closer =
        best === undefined || this.hurried[block]! - this.hurried[best]! || blockFirst[block]! - blockFirst[best]!;
      if (closer === true || closer < 0) best = block;
    }
    return best;
  }

  /**
   * A block that is invoked in part and may begin: it has to hold the register until all of it is invoked, so no other
   * block of that kind may have to begin before that. Either any, or one that had better be over soon.
   */
  private soon(hurried: 0 | 1): number | undefined {
    const { blockFirst, blockLast } = this.blocks;
    const wanted = (block: number) => blockLast[block]! > this.now && this.hurried[block]! >= hurried;
    if (!this.pending.some(wanted)) return undefined;
    const [due, dueNext] = this.nextDue();
    if (due === undefined) return undefined;
    const until = dueNext === undefined ? this.end : blockFirst[dueNext]!;
    if (due <= this.invoked && wanted(due) && blockLast[due]! < until) return due;
    return this.pending.find((block) => block !== due && wanted(block) && blockLast[block]! < blockFirst[due]!);
  }

  /** Of the blocks that are not invoked entirely, the next two that will have to begin. */
  private nextDue(): readonly [number | undefined, number | undefined] {
    const { blockFirst, blockLast } = this.blocks;
    let due: number | undefined;
    for (let at = this.now + 1; at < this.end; at++) {
      const event = this.events[at]!;
      const kind = this.kinds[event >>> 1]!;
      if ((event & 1) === 0 || (kind !== READ && kind !== WRITE && kind !== EXCHANGE)) continue;
      const block = this.blocks.of[event >>> 1]!;
      if (blockFirst[block] !== at || this.begun[block] === 1 || blockLast[block]! < this.now) continue;
      if (due !== undefined) return [due, block];
      due = block;
    }
    return [due, undefined];
  }

  private beginSpare(): boolean {
    const exchange = this.spareExchanges.get(this.segment);
    const spare = exchange ?? this.spareWrites.pop();
    if (spare === undefined) return false;
    this.block = spare;
    this.begin(spare);
    return true;
  }
}
