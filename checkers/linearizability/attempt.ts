import type { Refusal } from '../models/model.ts';
import { LimitReached, type Limits } from './limits.ts';
import { keyOfPart } from './part.ts';
import type { Decision, Procedure, Question } from './procedure.ts';
import type { Alphabet } from './search/letters.ts';
import { Search } from './search/search.ts';
import { Transitions } from './search/transitions.ts';
import { type Window, windowOf } from './search/window.ts';

/** How one part was decided, or why it was not. */
export type Outcome =
  | (Decision & { readonly procedure: string })
  | { readonly kind: 'undecided'; readonly why: string; readonly procedure: string; readonly explained: number };

/** What the parts of one history share. */
export interface Shared {
  readonly alphabet: Alphabet;
  readonly procedures: readonly Procedure[];
  readonly limits: Limits;
  /** Set once all parts are spelled, if the alphabet is small enough for all of them to share its states. */
  transitions: Transitions | undefined;
  /** Memory that the searches of all parts hold, in bytes, without what they share. */
  bytes: number;
  /** Set once the procedures have been asked: what is open from now on is searched. */
  searching: boolean;
  /** Set when a part that was given away turns out to be illegal. */
  violatedElsewhere: boolean;
}

/** A search that found no order, and what it worked on. */
export interface Stuck {
  readonly search: Search;
  readonly window: Window;
  readonly transitions: Transitions;
}

/** Limits are looked at after about so many steps of a search: a few milliseconds even where a model is slow. */
export const slice = 250;

/** What the linear procedures take, and a search before its first step, besides its letters: of a million operations. */
const procedureBytesPerOperation = 32;
const searchBytesPerOperation = 140;

/**
 * The deciding of one part: first by the procedures whose preconditions hold (`quick`), then by search, in as many
 * turns as it takes (`run`).
 */
export class Attempt {
  readonly question: Question;
  outcome: Outcome | undefined;
  /** The search cannot go on without more memory than there is for it. */
  full = false;
  /** Configurations visited by the search. */
  configurations = 0;
  /** The search that got stuck, if one did: for the explanation. */
  stuck: Stuck | undefined;
  private readonly shared: Shared;
  private window: Window | undefined;
  private transitions: Transitions | undefined;
  private search: Search | undefined;
  private held = 0;
  private away = false;

  constructor(question: Question, shared: Shared) {
    this.question = question;
    this.shared = shared;
  }

  get length(): number {
    return this.question.part.ops.length;
  }

  get key() {
    return keyOfPart(this.question.history, this.question.part);
  }

  /** Still to be decided, and here. */
  get open(): boolean {
    return this.outcome === undefined && !this.away;
  }

  /** Memory held, in bytes, without what all parts share. */
  get bytes(): number {
    return this.held;
  }

  /** Asks the procedures. */
  quick(): void {
    const { procedures, limits } = this.shared;
    if (procedures.length === 0) return;
    this.withinLimits(procedureBytesPerOperation, () => {
      for (const procedure of procedures) {
        const decision = procedure.decide(this.question, limits.checkpoint);
        if (decision === undefined) continue;
        this.outcome = { ...decision, procedure: procedure.name };
        return;
      }
    });
  }

  /** Prepares the search; says so if the model cannot judge an operation. */
  spell(): Refusal | undefined {
    const { part } = this.question;
    const { alphabet, limits } = this.shared;
    const letters = this.withinLimits(0, () => alphabet.spell(part, undefined, limits.checkpoint));
    if (letters === undefined || 'kind' in letters) return letters;
    this.window = this.withinLimits(searchBytesPerOperation, () => windowOf(part, letters));
    return undefined;
  }

  /** Searches on, for about as many steps as the budget says. */
  run(budget: number): void {
    const { alphabet } = this.shared;
    this.transitions ??= this.shared.transitions ?? new Transitions(this.question.initial, alphabet);
    this.search ??= new Search(this.window!, alphabet, this.transitions);
    this.search.memoryBudget = this.roomFor(this.transitions);
    const progress = this.search.run(budget);
    this.configurations = this.search.configurations;
    this.full = progress === 'full';
    switch (progress) {
      case 'paused':
      case 'full':
        this.hold(this.search.bytes + this.ownBytes(this.transitions));
        return;
      case 'linearizable':
        this.finish(this.linearizable(this.search));
        return;
      case 'stuck':
        this.stuck = { search: this.search, window: this.window!, transitions: this.transitions };
        this.finish(this.illegal(this.search));
    }
  }

  abandon(why: string): void {
    if (!this.open) return;
    this.finish({ kind: 'undecided', why, procedure: 'search', explained: this.search?.explained ?? 0 });
  }

  /** Leaves the part to somebody else, who will `settle` it. What was done so far is forgotten. */
  giveAway(): void {
    this.away = true;
    this.forget();
  }

  /** Takes the answer of whoever the part was given to. */
  settle(outcome: Outcome, configurations: number): void {
    this.outcome = outcome;
    this.configurations += configurations;
    if (outcome.kind === 'illegal') this.shared.violatedElsewhere = true;
  }

  /** The result of some work that takes so much memory at once; without one if a limit abandons the part. */
  private withinLimits<Result>(bytesPerOperation: number, work: () => Result): Result | undefined {
    const tooLarge = this.shared.limits.refuses(bytesPerOperation * this.length);
    if (tooLarge !== undefined) {
      this.abandon(tooLarge);
      return undefined;
    }
    try {
      return work();
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      this.abandon(error.why);
      return undefined;
    }
  }

  /** What the search may hold: all but what the other parts hold, and the states. */
  private roomFor(transitions: Transitions): number {
    const { limits, bytes, transitions: common } = this.shared;
    return limits.memoryBytes - (bytes - this.held) - (common?.bytes ?? 0) - this.ownBytes(transitions);
  }

  private ownBytes(transitions: Transitions): number {
    return transitions === this.shared.transitions ? 0 : transitions.bytes;
  }

  private linearizable(search: Search): Outcome {
    const { ops } = this.window!;
    const order = search.linearization;
    return { kind: 'linearizable', procedure: 'search', order: () => order.map((op) => ops[op]!) };
  }

  private illegal(search: Search): Outcome {
    const { ops, events } = this.window!;
    const core: number[] = [];
    for (let at = 0; at <= search.refutedAt; at++) if ((events[at]! & 1) === 0) core.push(ops[events[at]! >>> 1]!);
    const why = 'no order of these operations explains what was answered';
    return { kind: 'illegal', procedure: 'search', why, core };
  }

  private finish(outcome: Outcome): void {
    this.outcome = outcome;
    this.forget();
  }

  private forget(): void {
    this.hold(0);
    this.search = undefined;
    this.window = undefined;
    this.transitions = undefined;
  }

  private hold(bytes: number): void {
    this.shared.bytes += bytes - this.held;
    this.held = bytes;
  }
}
