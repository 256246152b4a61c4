import { Cell } from './cell.ts';
import { REPLACES, WRITES } from './effects.ts';
import { Failures } from './failures.ts';
import { Frames } from './frames.ts';
import { GrowthLookAhead } from './growth.ts';
import type { Alphabet } from './letters.ts';
import { LookAhead } from './look-ahead.ts';
import { Moves, rank } from './moves.ts';
import { orderOf } from './order.ts';
import { NO_OPERATION, Pending } from './pending.ts';
import { type Pinpointed, pinpoint } from './pinpoint.ts';
import { all, type Reductions } from './reductions.ts';
import { Refuter, type Span } from './refuter.ts';
import { ModelSteps, type Steps } from './steps.ts';
import { type Timing, timingOf } from './timing.ts';
import { REFUSED, type Transitions } from './transitions.ts';
import { Unknowns } from './unknowns.ts';
import { UsedSets } from './used-sets.ts';
import { Wants } from './wants.ts';
import type { Window } from './window.ts';

/**
 * `stuck`: no order explains the history up to and including the return at `furthest`. `full`: the next step might take
 * more memory than `memoryBudget`; the search may go on if that is raised.
 */
export type Progress = 'linearizable' | 'stuck' | 'paused' | 'full';

// How far a frame has come in trying moves.
const FRESH = 0;
const TRIED_FIRST = 1;
const TRIED_SECOND = 2;
const LISTED = 3;

const NO_STATE = -1;

/** Steps in which the refuter works at a time. */
const refuterSlice = 256;

/**
 * Just-in-time linearization (Lowe, "Testing for Linearizability", 2017) over the window of pending operations, depth
 * first, with failed configurations remembered.
 *
 * The search runs through the events. An invocation opens an operation; the return of an operation that is linearized
 * already closes it. Only the return of an operation that is not linearized *blocks*: then pending operations are
 * linearized, one per frame of the stack, until the blocked one is. Exact: every linearization can be put in this
 * form by moving each operation to the last moment at which some return demands it.
 *
 * Reductions, each with the reason why it loses no linearization (numbers of CHECKERS 2.2). They lead from a
 * completion of a configuration to one that is not longer; so among the configurations with a completion, one whose
 * completion is shortest would have a move to a shorter one, and cannot exist when the search has failed.
 * - R1: a pure observer goes as soon as it is pending and legal. It changes no state, so in any completion it can be
 *   moved to the front. (A write of the current value is no observer: moving it forward may free nothing and spend it.)
 * - R2: the order of moves: what unblocks first. An order loses nothing.
 * - R3, R4, R6: `look-ahead.ts`, `dead-writes.ts`, `unobservable.ts` and `wants.ts`.
 * - R5: of pending twins (the same letter) only the one that returns first; one that never returns last, in order of
 *   invocation. In a completion that uses another first, the two can change places.
 * - R6: for models that say nothing of effects, an unknown operation that leaves the state as it is, or whose only trace
 *   is wiped out by the next move, is not used: leaving it out is a completion too.
 * - R7, ours: a pending write is *covered* once another write was linearized, or its value was there, while it was
 *   pending: it may have taken effect just before or just then, unseen. So it is never linearized for its own sake before
 *   its return demands it, and then it may go unseen.
 *
 * Time and memory O(n · 2^d · states) for n operations and d open at once; linear in n when little is ambiguous.
 */
export class Search {
  /** The most memory that the search may hold, in bytes. */
  memoryBudget = Number.POSITIVE_INFINITY;
  /** Configurations searched so far. */
  configurations = 0;
  private readonly part: Window;
  private readonly alphabet: Alphabet;
  private readonly transitions: Transitions;
  private readonly end: number;
  private readonly reductions: Reductions;
  private readonly timing: Timing;
  /** By operation: 1 while it is linearized. */
  private readonly done: Uint8Array;
  private readonly cell: Cell | undefined;
  private readonly steps: Steps;
  private readonly pending: Pending;
  private readonly unknowns: Unknowns;
  private readonly usedSets: UsedSets;
  private readonly failures: Failures;
  private readonly lookAhead: LookAhead | undefined;
  private readonly growth: GrowthLookAhead | undefined;
  private readonly wants: Wants | undefined;
  private readonly refuter: Refuter | undefined;
  /** R3, before anything is linearized. */
  private readonly hopeless: boolean;
  private readonly covers: boolean;
  private readonly absorbsDead: boolean;

  private position = 0;
  private state: number;
  private used = 0;
  private unknownOpen = 0;
  /** Operations in the order in which they were linearized; `~op` for one that went unseen (R7). */
  private readonly trail: Int32Array;
  private trailLength = 0;
  /** The state before the move just made, if that move used an unknown operation and changed nothing else. */
  private absorbedFrom = NO_STATE;
  private readonly frames: Frames;
  private readonly moves = new Moves();
  /** Set while the topmost frame has no move left and waits to be taken down. */
  private turningBack = false;
  private blockedFurthest = 0;
  private foundAt: Pinpointed | undefined;

  /**
   * Decides the part's events before `end`; the returns after it are as if they were never recorded. `initial`: the value
   * that the object holds at first, by number in the alphabet's effects, in place of the transitions' first state.
   * O(operations), as is the memory taken at once.
   */
  constructor(
    part: Window,
    alphabet: Alphabet,
    transitions: Transitions,
    end: number = part.events.length,
    reductions: Reductions = all,
    initial?: number,
  ) {
    this.part = part;
    this.alphabet = alphabet;
    this.transitions = transitions;
    this.end = end;
    this.reductions = reductions;
    this.timing = timingOf(part, end);
    this.done = new Uint8Array(part.ops.length);
    this.cell = Cell.of(part, alphabet.effects, transitions, initial);
    this.steps = this.cell ?? new ModelSteps(part, transitions);
    this.pending = new Pending(part, alphabet.observer, this.cell);
    this.unknowns = new Unknowns(part);
    this.usedSets = new UsedSets(part.unknown.length);
    this.covers = this.cell !== undefined && reductions.covered;
    const { words } = this.pending;
    const burdenWords = this.covers ? 2 * words : words;
    this.failures = new Failures(words, burdenWords, this.usedSets, reductions.dominance);
    this.frames = new Frames(words);
    if (this.cell !== undefined) {
      this.lookAhead = new LookAhead(this.cell, this.timing, this.done, part);
      this.wants = new Wants(this.cell, this.unknowns, this.timing.calls);
      if (reductions.stretches) this.refuter = this.newRefuter(this.cell);
    } else if (alphabet.model.growth !== undefined && reductions.growth) {
      this.growth = new GrowthLookAhead(part, alphabet, transitions, this.timing, this.done);
    }
    this.absorbsDead = this.cell !== undefined && !this.cell.denied && reductions.deadWrites !== undefined;
    this.state = this.steps.initial;
    this.hopeless = reductions.lookAhead && this.lookAhead?.hopeless(this.state) === true;
    this.trail = new Int32Array(part.ops.length);
  }

  /** Memory held by this search alone, in bytes. */
  get bytes(): number {
    const { part, steps, pending, unknowns, usedSets, failures, frames, moves, lookAhead, growth, wants, refuter } =
      this;
    const columns = 13 * part.ops.length;
    const ahead = (lookAhead?.bytes ?? 0) + (growth?.bytes ?? 0) + (wants?.bytes ?? 0) + (refuter?.bytes ?? 0);
    const tables = usedSets.bytes + failures.bytes + frames.bytes + moves.bytes;
    return columns + steps.bytes + pending.bytes + unknowns.bytes + tables + ahead;
  }

  /**
   * The position of the first return up to and including which no order explains the history, once the search is stuck;
   * until then that of the latest event at which it was ever blocked. Finding it may take as long as the search did.
   */
  get furthest(): number {
    return this.stuck ? this.pinpointed.position : this.blockedFurthest;
  }

  /** A position up to and including which the history is known to be illegal, once the search is stuck. */
  get refutedAt(): number {
    return Math.max(this.blockedFurthest, this.lookAhead?.evidence ?? 0, this.growth?.evidence ?? 0);
  }

  /**
   * Once the search is stuck: a stretch of the history that contradicts itself whatever the object held before it, if that
   * is how the search ended. It is short where the contradiction is, and not the shortest.
   */
  get contradiction(): Span | undefined {
    return this.refuter?.refuted;
  }

  /** How many operations had returned, all explained, when the search got furthest. */
  get explained(): number {
    let count = 0;
    for (let at = 0; at < this.blockedFurthest; at++) count += this.part.events[at]! & 1;
    return count;
  }

  /** The operations in the order of the present, partial or complete linearization. */
  get linearization(): Int32Array {
    return orderOf(this.trail.slice(0, this.trailLength), this.cell, this.timing);
  }

  /** The states in which the search was blocked at `furthest`, as numbers of the transitions. */
  get statesAtFurthest(): readonly number[] {
    return this.stuck ? this.pinpointed.states : this.statesAt(this.blockedFurthest);
  }

  /** The states in which the search was ever blocked at a position. */
  statesAt(position: number): number[] {
    const states = new Set([...this.failures.statesAt(position), ...this.frames.statesAt(position)]);
    return [...states].sort((a, b) => a - b).map((state) => this.steps.numberOf(state));
  }

  /** Works on, for about as many steps of the search or the model as the budget says; may be called again. */
  run(budget: number): Progress {
    const { transitions, refuter } = this;
    if (this.hopeless) return 'stuck';
    const askedBefore = transitions.asked;
    for (let steps = 0; ; steps++) {
      const left = budget - steps - (transitions.asked - askedBefore);
      if (refuter?.busy) {
        if (left <= 0) return 'paused';
        const slice = Math.min(left, refuterSlice);
        if (refuter.run(slice)) return 'stuck';
        steps += slice;
        continue;
      }
      if (!this.turningBack) {
        this.advance();
        if (this.position === this.end) return 'linearizable';
        if (left <= 0) return 'paused';
        if (this.exceedsBudget(this.growthOfMove)) return 'full';
        if (this.position > this.blockedFurthest || !this.failedBefore()) this.pushFrame();
      } else if (left <= 0) return 'paused';
      if (this.frames.depth === 0) return 'stuck';
      if (!this.nextMove()) return 'full';
    }
  }

  /** Runs forward through events to the next return that blocks, or to the end. */
  private advance(): void {
    const { events, slots } = this.part;
    const { pending } = this;
    for (; this.position < this.end; this.position++) {
      const event = events[this.position]!;
      const op = event >>> 1;
      if (slots[op]! < 0) {
        this.unknownOpen++;
      } else if ((event & 1) === 0) {
        pending.open(op);
        if (pending.isObserver(op)) this.observe(op);
        else if (this.covers && pending.isWrite(op) && this.cell!.makes[op] === this.state) {
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
    const { events, slots } = this.part;
    while (this.position > to) {
      const event = events[--this.position]!;
      const op = event >>> 1;
      if (slots[op]! < 0) this.unknownOpen--;
      else if ((event & 1) === 0) this.pending.close(op);
      else this.pending.open(op);
    }
  }

  private pushFrame(): void {
    this.configurations++;
    const { position, state, used, trailLength, moves, absorbedFrom, pending } = this;
    this.frames.push(position, state, used, trailLength, moves.count, absorbedFrom, pending);
    if (position > this.blockedFurthest) this.blockedFurthest = position;
  }

  /** Makes the next untried move of the topmost frame, or takes it down; false if there is no room to note that. */
  private nextMove(): boolean {
    const { frames, failures } = this;
    this.restore();
    this.turningBack = !this.tryMoves(this.part.events[this.position]! >>> 1);
    if (!this.turningBack) return true;
    if (this.exceedsBudget(failures.growth)) return false;
    this.describeConfiguration();
    failures.add();
    frames.pop();
    this.refuter?.failed(this.blockedFurthest, this.refutedAt);
    return true;
  }

  private restore(): void {
    const { frames, done, trail, lookAhead, growth, unknowns } = this;
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
      if (this.part.slots[op]! < 0) unknowns.takeBack(op);
    }
  }

  /** Tries the moves of the topmost frame that are left; false if there are no more. */
  private tryMoves(blocked: number): boolean {
    const { frames, moves } = this;
    for (;;) {
      switch (frames.stage) {
        case FRESH:
          frames.stage = TRIED_FIRST;
          if (this.prefersUnseen(blocked) ? this.goUnseen(blocked) : this.goDirectly(blocked)) return true;
          break;
        case TRIED_FIRST:
          frames.stage = TRIED_SECOND;
          if (this.mayGoUnseen(blocked)) {
            if (this.prefersUnseen(blocked) ? this.goDirectly(blocked) : this.goUnseen(blocked)) return true;
          }
          break;
        case TRIED_SECOND:
          frames.stage = LISTED;
          this.listMoves(blocked);
          break;
        default: {
          if (moves.count === frames.moves) return false;
          const { op, next } = moves;
          moves.count--;
          if (this.make(op, next)) return true;
        }
      }
    }
  }

  private goDirectly(blocked: number): boolean {
    const next = this.steps.step(this.state, blocked);
    return next !== REFUSED && !this.absorbs(blocked, next) && this.make(blocked, next);
  }

  /**
   * R7, and what need not happen at all. A write whose value is there already goes directly: that is no worse.
   */
  private mayGoUnseen(blocked: number): boolean {
    const { pending } = this;
    if (pending.has(pending.spare, blocked)) return true;
    return this.covers && pending.has(pending.covered, blocked) && this.cell!.makes[blocked] !== this.state;
  }

  /** R2: whether the present state is needed sooner than the one that the covered write would make. */
  private prefersUnseen(blocked: number): boolean {
    if (!this.mayGoUnseen(blocked)) return false;
    const lookAhead = this.lookAhead!;
    return lookAhead.neededBefore(this.state) <= lookAhead.neededBefore(this.cell!.makes[blocked]!);
  }

  private goUnseen(blocked: number): boolean {
    const { pending } = this;
    const makes = this.cell!.makes[blocked]!;
    if (makes !== this.state && this.reductions.lookAhead && this.lookAhead!.missed(makes, blocked)) return false;
    pending.add(pending.linearized, blocked);
    pending.remove(pending.covered, blocked);
    this.done[blocked] = 1;
    this.trail[this.trailLength++] = ~blocked;
    this.absorbedFrom = NO_STATE;
    return true;
  }

  /** Linearizes an operation next, unless a look-ahead finds the state that it leads to hopeless. */
  private make(op: number, next: number): boolean {
    const { state, lookAhead } = this;
    if (next !== state) {
      if (lookAhead !== undefined) {
        if (this.reductions.lookAhead && lookAhead.missed(state, op)) return false;
      } else if (this.growth !== undefined && this.isHopeless(op, next)) return false;
    }
    this.apply(op, next);
    return true;
  }

  private isHopeless(op: number, next: number): boolean {
    const growth = this.growth!;
    this.done[op] = 1;
    const hopeless = growth.hopeless(next, this.pending.ops);
    this.done[op] = 0;
    growth.takeBack(op);
    return hopeless;
  }

  private apply(op: number, next: number): void {
    const { pending, steps, part } = this;
    const slot = part.slots[op]!;
    const before = this.state;
    const writes = this.cell !== undefined && this.cell.kinds[op] === WRITES;
    if (writes && this.absorbsDead) this.absorbDead(op);
    if (slot < 0) {
      this.used = this.usedSets.with(this.used, -1 - slot);
      this.unknowns.use(op);
    } else {
      pending.add(pending.linearized, op);
      pending.remove(pending.covered, op);
    }
    this.linearize(op);
    if (this.covers) this.coverBefore(op);
    const { trailLength } = this;
    if (next !== before) {
      steps.reach(before, op, next);
      this.state = next;
      if (this.covers) this.coverWrites(next, true);
      this.observeAll();
    }
    const unseen = this.cell === undefined && slot < 0 && this.trailLength === trailLength;
    this.absorbedFrom = unseen ? before : NO_STATE;
  }

  /** R1, for one pending observer. */
  private observe(op: number): void {
    if (this.steps.step(this.state, op) !== this.state) return;
    this.pending.add(this.pending.linearized, op);
    this.linearize(op);
  }

  /** Notes that an operation is done with. */
  private linearize(op: number): void {
    this.done[op] = 1;
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
    const { kinds, needs } = this.cell!;
    if (kinds[op] === WRITES) this.pending.coverAll();
    else if (kinds[op] === REPLACES) this.coverWrites(needs[op]!, false);
  }

  /** R7: pending writes of the value, or of any other value. */
  private coverWrites(value: number, same: boolean): void {
    const { writes, linearized, covered, ops, words } = this.pending;
    const { makes } = this.cell!;
    for (let word = 0; word < words; word++) {
      for (let open = writes[word]! & ~linearized[word]! & ~covered[word]!; open !== 0; open &= open - 1) {
        if ((makes[ops[slotOf(word, open)]!] === value) === same) covered[word]! |= open & -open;
      }
    }
  }

  /** R4: puts pending writes of dead values just before the write that is about to be made. */
  private absorbDead(mover: number): void {
    const { writes, linearized, covered, ops, words } = this.pending;
    const { makes } = this.cell!;
    const isDead = this.reductions.deadWrites!;
    for (let word = 0; word < words; word++) {
      for (let open = writes[word]! & ~linearized[word]!; open !== 0; open &= open - 1) {
        const op = ops[slotOf(word, open)]!;
        if (op === mover || !isDead(this.lookAhead!, makes[op]!, this.timing.never)) continue;
        linearized[word]! |= open & -open;
        covered[word]! &= ~(open & -open);
        this.linearize(op);
      }
    }
  }

  /** R6: the unknown operation used just before leaves no trace if this one leads to the same state without it. */
  private absorbs(op: number, next: number): boolean {
    return this.absorbedFrom !== NO_STATE && this.steps.step(this.absorbedFrom, op) === next;
  }

  /** Puts the moves other than the direct one on the stack of moves, the best last (R2). */
  private listMoves(blocked: number): void {
    const { pending, moves, wants, timing } = this;
    const from = moves.count;
    wants?.update(this.position, this.state, pending);
    for (let slot = 0; slot < pending.ops.length; slot++) {
      const op = pending.ops[slot]!;
      if (op === NO_OPERATION || op === blocked || pending.isObserver(op)) continue;
      if (pending.has(pending.linearized, op)) continue;
      if (this.covers && pending.isWrite(op) && !wants!.served(op, this.state, this.cell!.makes[op]!)) continue;
      this.list(op, blocked, timing.returns[op]!);
    }
    if (this.unknownOpen > 0) this.listUnknown(blocked);
    moves.sort(from);
  }

  private listUnknown(blocked: number): void {
    const { unknowns, wants, cell } = this;
    if (wants === undefined || !this.reductions.wanted) {
      for (let group = 0; group < unknowns.groupCount; group++) this.listNext(group, blocked);
      return;
    }
    for (const group of wants.candidates()) {
      const sample = unknowns.sample(group);
      if (wants.served(sample, this.state, cell!.makes[sample]!)) this.listNext(group, blocked);
    }
  }

  private listNext(group: number, blocked: number): void {
    const op = this.unknowns.next(group);
    if (op >= 0 && this.timing.calls[op]! < this.position) this.list(op, blocked, -1 - this.part.slots[op]!);
  }

  private list(op: number, blocked: number, urgency: number): void {
    const { steps } = this;
    const unknown = this.part.slots[op]! < 0;
    const next = steps.step(this.state, op);
    if (next === REFUSED || this.absorbs(op, next)) return;
    if (unknown && next === this.state && !(this.covers && this.pending.hasUncovered())) return;
    if (this.reductions.twins && this.twinReturnsBefore(op)) return;
    this.moves.push(op, next, rank(steps.step(next, blocked) !== REFUSED, unknown, urgency));
  }

  /** R5: a pending definite operation with the same letter returns earlier (an unknown one never returns). */
  private twinReturnsBefore(op: number): boolean {
    const { ops, linearized } = this.pending;
    const { letters, slots, optional } = this.part;
    const { returns } = this.timing;
    const definite = slots[op]! >= 0;
    for (let slot = 0; slot < ops.length; slot++) {
      const other = ops[slot]!;
      if (other === NO_OPERATION || letters[other] !== letters[op] || returns[other]! >= returns[op]!) continue;
      if (definite && optional !== undefined && optional[other] !== optional[op]) continue;
      if (((linearized[slot >>> 5]! >>> (slot & 31)) & 1) === 0) return true;
    }
    return false;
  }

  private failedBefore(): boolean {
    this.describeConfiguration();
    return this.failures.known();
  }

  /** Writes the present configuration where `failures` looks for it. */
  private describeConfiguration(): void {
    const { failures, covers } = this;
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

  /** How many bytes more the next move may take, besides the few of the stack of moves: 0 while there is room. */
  private get growthOfMove(): number {
    const { frames, usedSets, growth, pending } = this;
    const asked = growth === undefined ? 0 : growth.growthFor(pending.ops.length);
    return frames.growth + usedSets.growth + asked;
  }

  private exceedsBudget(growth: number): boolean {
    return growth !== 0 && this.bytes + growth > this.memoryBudget;
  }

  private get stuck(): boolean {
    return this.hopeless || this.contradiction !== undefined || (this.turningBack && this.frames.depth === 0);
  }

  private get pinpointed(): Pinpointed {
    this.foundAt ??= this.hidesNothing
      ? { position: this.blockedFurthest, states: this.statesAt(this.blockedFurthest) }
      : this.pinpoint();
    return this.foundAt;
  }

  /** The search met every state on its way, and got as far as anything can. */
  private get hidesNothing(): boolean {
    const { lookAhead, covered, deadWrites } = this.reductions;
    if (this.cell === undefined) return this.growth === undefined;
    return !lookAhead && !covered && deadWrites === undefined;
  }

  private newRefuter(cell: Cell): Refuter {
    const { part: window, alphabet, timing } = this;
    const reductions: Reductions = { ...this.reductions, stretches: false };
    const search = (stretch: Window, initial: number) =>
      new Search(stretch, alphabet, this.transitions, undefined, reductions, initial);
    return new Refuter({ window, alphabet, cell, timing, search });
  }

  private pinpoint(): Pinpointed {
    const search = (end: number, reductions: Reductions) =>
      new Search(this.part, this.alphabet, this.transitions, end, reductions);
    const budget = 4 * (this.configurations + this.part.ops.length) + 10_000;
    return pinpoint(search, this.part.events, this.blockedFurthest, this.refutedAt, budget);
  }
}

/** The slot of the lowest bit of a word of a mask. */
const slotOf = (word: number, bits: number): number => (word << 5) + 31 - Math.clz32(bits & -bits);
