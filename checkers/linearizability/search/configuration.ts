import { REPLACES, WRITES } from './effects.ts';
import type { Failures } from './failures.ts';
import type { Frames } from './frames.ts';
import { orderOf } from './order.ts';
import { Pending, slotOf } from './pending.ts';
import type { Setting } from './setting.ts';
import { REFUSED } from './transitions.ts';
import { UsedSets } from './used-sets.ts';

const NO_STATE = -1;

/**
 * Where a search is: how far in the history, in which state, what of the pending operations is linearized, which unknown
 * operations are used, and the linearization that led there. Operations are linearized and taken back here.
 */
export class Configuration {
  position = 0;
  state: number;
  /** The set of unknown operations used. */
  used = 0;
  readonly usedSets: UsedSets;
  readonly pending: Pending;
  /** How many unknown operations have been invoked. */
  unknownOpen = 0;
  private readonly setting: Setting;
  /** Operations in the order in which they were linearized; `~op` for one that went unseen. */
  private readonly trail: Int32Array;
  private trailLength = 0;
  /** The state before the move just made, if that move used an unknown operation and changed nothing else. */
  private absorbedFrom = NO_STATE;

  constructor(setting: Setting) {
    const { part, alphabet, cell, steps } = setting;
    this.setting = setting;
    this.pending = new Pending(part, alphabet.observer, cell);
    this.usedSets = new UsedSets(part.unknown.length);
    this.state = steps.initial;
    this.trail = new Int32Array(part.ops.length);
  }

  get bytes(): number {
    return this.pending.bytes + this.usedSets.bytes + 4 * this.trail.length;
  }

  /** The operations in the order of the present, partial or complete linearization. */
  get linearization(): Int32Array {
    return orderOf(this.trail.slice(0, this.trailLength), this.setting.cell, this.setting.timing);
  }

  /** Runs forward through events to the next return that blocks, or to the end. */
  advance(): void {
    const { end, covers, cell } = this.setting;
    const { events, slots } = this.setting.part;
    const { pending } = this;
    for (; this.position < end; this.position++) {
      const event = events[this.position]!;
      const op = event >>> 1;
      if (slots[op]! < 0) {
        this.unknownOpen++;
      } else if ((event & 1) === 0) {
        pending.open(op);
        if (pending.isObserver(op)) this.observe(op);
        else if (covers && pending.isWrite(op) && cell!.makes[op] === this.state) {
          pending.add(pending.covered, op);
        }
      } else {
        if (!pending.has(pending.linearized, op)) return;
        pending.close(op);
      }
    }
  }

  /** Takes events back. The masks of what is linearized and covered are the caller's to restore. */
  private retreat(to: number): void {
    const { events, slots } = this.setting.part;
    while (this.position > to) {
      const event = events[--this.position]!;
      const op = event >>> 1;
      if (slots[op]! < 0) this.unknownOpen--;
      else if ((event & 1) === 0) this.pending.close(op);
      else this.pending.open(op);
    }
  }

  /** Puts the configuration on the stack; the moves above the mark will be its own. */
  pushTo(frames: Frames, moves: number): void {
    const { position, state, used, trailLength, absorbedFrom, pending } = this;
    frames.push(position, state, used, trailLength, moves, absorbedFrom, pending);
  }

  /** Goes back to the configuration on top of the stack. */
  restore(frames: Frames): void {
    const { trail } = this;
    const { part, done, lookAhead, growth, unknowns } = this.setting;
    this.retreat(frames.position);
    this.state = frames.state;
    this.used = frames.used;
    this.absorbedFrom = frames.absorbedFrom;
    frames.restoreMasks(this.pending);
    const trailLength = frames.trail;
    while (this.trailLength > trailLength) {
      const entry = trail[--this.trailLength]!;
      const op = entry < 0 ? ~entry : entry;
      done[op] = 0;
      lookAhead?.takeBack(op);
      growth?.takeBack(op);
      if (part.slots[op]! < 0) unknowns.takeBack(op);
    }
  }

  /** Linearizes the operation whose return blocks, if that is possible now. */
  goDirectly(blocked: number): boolean {
    const next = this.setting.steps.step(this.state, blocked);
    return next !== REFUSED && !this.absorbs(blocked, next) && this.make(blocked, next);
  }

  /**
   * R7, and what need not happen at all. A write whose value is there already goes directly: that is no worse.
   */
  mayGoUnseen(blocked: number): boolean {
    const { pending } = this;
    const { covers, cell } = this.setting;
    if (pending.has(pending.spare, blocked)) return true;
    return covers && pending.has(pending.covered, blocked) && cell!.makes[blocked] !== this.state;
  }

  /** R2: whether the present state is needed sooner than the one that the covered write would make. */
  prefersUnseen(blocked: number): boolean {
    if (!this.mayGoUnseen(blocked)) return false;
    const { lookAhead, cell } = this.setting;
    return lookAhead!.neededBefore(this.state) <= lookAhead!.neededBefore(cell!.makes[blocked]!);
  }

  goUnseen(blocked: number): boolean {
    const { pending } = this;
    const { cell, done, lookAhead, reductions } = this.setting;
    const makes = cell!.makes[blocked]!;
    if (makes !== this.state && reductions.lookAhead && lookAhead!.missed(makes, blocked)) return false;
    pending.add(pending.linearized, blocked);
    pending.remove(pending.covered, blocked);
    done[blocked] = 1;
    this.trail[this.trailLength++] = ~blocked;
    this.absorbedFrom = NO_STATE;
    return true;
  }

  /** Linearizes an operation next, unless a look-ahead finds the state that it leads to hopeless. */
  make(op: number, next: number): boolean {
    const { state } = this;
    const { lookAhead, growth, reductions } = this.setting;
    if (next !== state) {
      if (lookAhead !== undefined) {
        if (reductions.lookAhead && lookAhead.missed(state, op)) return false;
      } else if (growth !== undefined && this.isHopeless(op, next)) return false;
    }
    this.apply(op, next);
    return true;
  }

  private isHopeless(op: number, next: number): boolean {
    const { growth, done } = this.setting;
    done[op] = 1;
    const hopeless = growth!.hopeless(next, this.pending.ops);
    done[op] = 0;
    growth!.takeBack(op);
    return hopeless;
  }

  private apply(op: number, next: number): void {
    const { pending } = this;
    const { steps, part, cell, unknowns, covers, absorbsDead } = this.setting;
    const slot = part.slots[op]!;
    const before = this.state;
    if (absorbsDead && cell!.kinds[op] === WRITES) this.absorbDead(op);
    if (slot < 0) {
      this.used = this.usedSets.with(this.used, -1 - slot);
      unknowns.use(op);
    } else {
      pending.add(pending.linearized, op);
      pending.remove(pending.covered, op);
    }
    this.linearize(op);
    if (covers) this.coverBefore(op);
    const { trailLength } = this;
    if (next !== before) {
      steps.reach(before, op, next);
      this.state = next;
      if (covers) pending.coverWritesOf(next, cell!.makes, true);
      this.observeAll();
    }
    const unseen = cell === undefined && slot < 0 && this.trailLength === trailLength;
    this.absorbedFrom = unseen ? before : NO_STATE;
  }

  /** R1, for one pending observer. */
  private observe(op: number): void {
    if (this.setting.steps.step(this.state, op) !== this.state) return;
    this.pending.add(this.pending.linearized, op);
    this.linearize(op);
  }

  /** Notes that an operation is done with. */
  private linearize(op: number): void {
    this.setting.done[op] = 1;
    this.trail[this.trailLength++] = op;
  }

  /** R1, for all pending observers, after the state has changed. */
  private observeAll(): void {
    const { observers, linearized, ops, words } = this.pending;
    for (let word = 0; word < words; word++) {
      for (let open = observers[word]! & ~linearized[word]!; open !== 0; open &= open - 1) {
        this.observe(ops[slotOf(word, open)]!);
      }
    }
  }

  /** R7: pending writes that may have gone just before the operation made now. */
  private coverBefore(op: number): void {
    const { kinds, needs, makes } = this.setting.cell!;
    if (kinds[op] === WRITES) this.pending.coverAll();
    else if (kinds[op] === REPLACES) this.pending.coverWritesOf(needs[op]!, makes, false);
  }

  /** R4: puts pending writes of dead values just before the write that is about to be made. */
  private absorbDead(mover: number): void {
    const { writes, linearized, covered, ops, words } = this.pending;
    const { cell, lookAhead, reductions, timing } = this.setting;
    const isDead = reductions.deadWrites!;
    for (let word = 0; word < words; word++) {
      for (let open = writes[word]! & ~linearized[word]!; open !== 0; open &= open - 1) {
        const op = ops[slotOf(word, open)]!;
        if (op === mover || !isDead(lookAhead!, cell!.makes[op]!, timing.never)) continue;
        linearized[word]! |= open & -open;
        covered[word]! &= ~(open & -open);
        this.linearize(op);
      }
    }
  }

  /** R6: the unknown operation used just before leaves no trace if this one leads to the same state without it. */
  absorbs(op: number, next: number): boolean {
    return this.absorbedFrom !== NO_STATE && this.setting.steps.step(this.absorbedFrom, op) === next;
  }

  /** Writes the configuration where `failures` looks for it. */
  describeTo(failures: Failures): void {
    const { covers } = this.setting;
    const { words, linearized, observers, writes, covered, spare } = this.pending;
    const { key, burden } = failures;
    key[0] = this.position;
    key[1] = this.state;
    failures.used = this.used;
    for (let word = 0; word < words; word++) {
      const own = covers ? writes[word]! | spare[word]! : spare[word]!;
      key[2 + word] = linearized[word]! & ~observers[word]! & ~own;
      burden[word] = (observers[word]! & ~linearized[word]!) | (own & linearized[word]!);
      if (covers) burden[words + word] = writes[word]! & ~linearized[word]! & ~covered[word]!;
    }
  }
}
