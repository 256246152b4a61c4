import type { Cell } from './cell.ts';
import { Choices } from './choices.ts';
import { Configuration } from './configuration.ts';
import { Failures } from './failures.ts';
import { Frames } from './frames.ts';
import type { Alphabet } from './letters.ts';
import { Moves } from './moves.ts';
import { all, type Reductions } from './reductions.ts';
import { Refuter, type Span } from './refuter.ts';
import { Setting } from './setting.ts';
import type { Transitions } from './transitions.ts';
import type { Window } from './window.ts';

/**
 * `stuck`: no order explains the history up to and including the event at `refutedAt`. `full`: the next step might take
 * more memory than `memoryBudget`; the search may go on if that is raised.
 */
export type Progress = 'linearizable' | 'stuck' | 'paused' | 'full';

// How far a frame has come in trying moves.
const FRESH = 0;
const TRIED_FIRST = 1;
const TRIED_SECOND = 2;
const LISTED = 3;

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
 *   pending: it may have taken effect just before or just then, unseen. So before its return demands it, it is linearized
 *   only if something pending needs its value (`wants.ts`), and when its return demands it, it may go unseen. In a
 *   completion that has it elsewhere, another write follows on it, and covers it there.
 * A search that keeps turning back is ended by `refuter.ts` where the contradiction is local.
 *
 * Time and memory O(n · 2^d · states) for n operations and d open at once; linear in n when little is ambiguous.
 */
export class Search {
  /** The most memory that the search may hold, in bytes. */
  memoryBudget = Number.POSITIVE_INFINITY;
  /** Configurations searched so far. */
  configurations = 0;
  private readonly setting: Setting;
  private readonly configuration: Configuration;
  private readonly failures: Failures;
  private readonly frames: Frames;
  private readonly moves = new Moves();
  private readonly choices: Choices;
  private readonly refuter: Refuter | undefined;
  /** R3, before anything is linearized. */
  private readonly hopeless: boolean;
  /** Set while the topmost frame has no move left and waits to be taken down. */
  private turningBack = false;
  private blockedFurthest = 0;

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
    const setting = new Setting(part, alphabet, transitions, end, reductions, initial);
    const { cell, covers, lookAhead } = setting;
    this.setting = setting;
    this.configuration = new Configuration(setting);
    const { pending, usedSets, state } = this.configuration;
    const burdenWords = covers ? 2 * pending.words : pending.words;
    this.failures = new Failures(pending.words, burdenWords, usedSets, reductions.dominance);
    this.frames = new Frames(pending.words);
    this.choices = new Choices(setting, this.configuration, this.moves);
    if (cell !== undefined && reductions.stretches) this.refuter = this.newRefuter(cell);
    this.hopeless = reductions.lookAhead && lookAhead?.hopeless(state) === true;
  }

  /** Memory held by this search alone, in bytes. */
  get bytes(): number {
    const { setting, configuration, failures, frames, moves, refuter } = this;
    const tables = failures.bytes + frames.bytes + moves.bytes;
    return setting.bytes + configuration.bytes + tables + (refuter?.bytes ?? 0);
  }

  /** A position up to and including which the history is known to be illegal, once the search is stuck. */
  get refutedAt(): number {
    const { lookAhead, growth } = this.setting;
    return Math.max(this.blockedFurthest, lookAhead?.evidence ?? 0, growth?.evidence ?? 0);
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
    for (let at = 0; at < this.blockedFurthest; at++) count += this.setting.part.events[at]! & 1;
    return count;
  }

  /** The operations in the order of the present, partial or complete linearization. */
  get linearization(): Int32Array {
    return this.configuration.linearization;
  }

  /** The states in which the search was ever blocked at a position. */
  statesAt(position: number): number[] {
    const states = new Set([...this.failures.statesAt(position), ...this.frames.statesAt(position)]);
    return [...states].sort((a, b) => a - b).map((state) => this.setting.steps.numberOf(state));
  }

  /** Works on, for about as many steps of the search or the model as the budget says; may be called again. */
  run(budget: number): Progress {
    const { refuter } = this;
    const { transitions } = this.setting;
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
        this.configuration.advance();
        if (this.configuration.position === this.setting.end) return 'linearizable';
        if (left <= 0) return 'paused';
        if (this.exceedsBudget(this.growthOfMove)) return 'full';
        this.enter();
      } else if (left <= 0) return 'paused';
      if (this.frames.depth === 0) return 'stuck';
      if (!this.nextMove()) return 'full';
    }
  }

  /** Puts the present configuration on the stack, unless it is known to lead nowhere. */
  private enter(): void {
    const { configuration, failures } = this;
    const { position } = configuration;
    if (position <= this.blockedFurthest) {
      configuration.describeTo(failures);
      if (failures.known()) return;
    } else this.blockedFurthest = position;
    this.configurations++;
    configuration.pushTo(this.frames, this.moves.count);
  }

  /** Makes the next untried move of the topmost frame, or takes it down; false if there is no room to note that. */
  private nextMove(): boolean {
    const { configuration, frames, failures } = this;
    configuration.restore(frames);
    this.turningBack = !this.tryMoves(this.setting.part.events[configuration.position]! >>> 1);
    if (!this.turningBack) return true;
    if (this.exceedsBudget(failures.growth)) return false;
    configuration.describeTo(failures);
    failures.add();
    frames.pop();
    this.refuter?.failed(this.blockedFurthest, this.refutedAt);
    return true;
  }

  /** Tries the moves of the topmost frame that are left; false if there are no more. */
  private tryMoves(blocked: number): boolean {
    const { configuration, frames, moves } = this;
    for (;;) {
      switch (frames.stage) {
        case FRESH:
          frames.stage = TRIED_FIRST;
          if (this.goFirst(blocked)) return true;
          break;
        case TRIED_FIRST:
          frames.stage = TRIED_SECOND;
          if (configuration.mayGoUnseen(blocked) && this.goSecond(blocked)) return true;
          break;
        case TRIED_SECOND:
          frames.stage = LISTED;
          this.choices.list(blocked);
          break;
        default: {
          if (moves.count === frames.moves) return false;
          const { op, next } = moves;
          moves.count--;
          if (configuration.make(op, next)) return true;
        }
      }
    }
  }

  private goFirst(blocked: number): boolean {
    const { configuration } = this;
    return configuration.prefersUnseen(blocked) ? configuration.goUnseen(blocked) : configuration.goDirectly(blocked);
  }

  private goSecond(blocked: number): boolean {
    const { configuration } = this;
    return configuration.prefersUnseen(blocked) ? configuration.goDirectly(blocked) : configuration.goUnseen(blocked);
  }

  /** How many bytes more the next move may take, besides the few of the stack of moves: 0 while there is room. */
  private get growthOfMove(): number {
    const { frames } = this;
    const { growth } = this.setting;
    const { usedSets, pending } = this.configuration;
    const asked = growth === undefined ? 0 : growth.growthFor(pending.ops.length);
    return frames.growth + usedSets.growth + asked;
  }

  private exceedsBudget(growth: number): boolean {
    return growth !== 0 && this.bytes + growth > this.memoryBudget;
  }

  private newRefuter(cell: Cell): Refuter {
    const { part: window, alphabet, transitions, timing } = this.setting;
    const reductions: Reductions = { ...this.setting.reductions, stretches: false };
    const search = (stretch: Window, initial: number) =>
      new Search(stretch, alphabet, transitions, undefined, reductions, initial);
    return new Refuter({ window, alphabet, cell, timing, search });
  }
}
