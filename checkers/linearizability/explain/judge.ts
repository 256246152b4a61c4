import { slice } from '../attempt.ts';
import { LimitReached, type Limits } from '../limits.ts';
import type { Decision, Procedure, Question } from '../procedure.ts';
import { Alphabet } from '../search/letters.ts';
import type { Reductions } from '../search/reductions.ts';
import { Search } from '../search/search.ts';
import { Transitions } from '../search/transitions.ts';
import { type Window, windowOf } from '../search/window.ts';
import type { InSteps } from '../turns.ts';

/** A question as a search sees it. */
export interface Prepared {
  readonly question: Question;
  readonly window: Window;
  readonly alphabet: Alphabet;
  readonly transitions: Transitions;
}

/** `undefined` if the model refuses an operation. O(operations). */
export function prepare(question: Question): Prepared | undefined {
  const alphabet = new Alphabet(question.model, question.history);
  const letters = alphabet.spell(question.part);
  if ('kind' in letters) return undefined;
  const window = windowOf(question.part, letters);
  return { question, window, alphabet, transitions: new Transitions(question.initial, alphabet) };
}

/** What judging many small questions may use up, besides what the limits of the whole check allow. */
export interface Allowance {
  readonly steps: number;
  readonly ms: number;
}

/** A search, and how it ended; `undefined` if what it was allowed did not suffice. */
export interface Searched {
  readonly search: Search;
  readonly end: 'linearizable' | 'stuck' | undefined;
}

export interface SearchOptions {
  /** A place among the window's events: those before it are searched. All if not said. */
  readonly end?: number;
  readonly reductions?: Reductions;
  /** Steps, besides what is allowed for all questions. */
  readonly budget?: number;
}

/** Steps of one search: enough where little is ambiguous. One that needs more counts as not decided. */
const stepsPerQuestion = 100_000;
const stepsPerOperation = 32;

/**
 * Decides the candidates of a shrink: by the procedures of the model that was asked about, then by a search with a small
 * budget. Works in steps: a slice of a search, one procedure. Stops for good when its allowance or the limits of the check are used up.
 */
export class Judge {
  /** How many questions were judged. */
  tests = 0;
  readonly limits: Limits;
  private readonly asked: Question;
  private readonly procedures: readonly Procedure[];
  private readonly deadline: number;
  private steps: number;

  /** `asked`: procedures answer for its model and for no restriction of it, since they read the history's columns. */
  constructor(asked: Question, procedures: readonly Procedure[], limits: Limits, allowance: Allowance) {
    this.asked = asked;
    this.procedures = procedures;
    this.limits = limits;
    this.steps = allowance.steps;
    this.deadline = (limits.now?.() ?? 0) + allowance.ms;
  }

  get exhausted(): boolean {
    if (this.steps <= 0 || this.limits.exceeded() !== undefined) return true;
    return this.limits.now !== undefined && this.limits.now() >= this.deadline;
  }

  /** Whether the question is shown to be illegal; false also when nothing was shown. */
  *illegal(question: Question): InSteps<boolean> {
    if (this.exhausted) return false;
    this.tests++;
    this.steps -= question.part.ops.length;
    return (yield* this.byProcedure(question)) ?? (yield* this.bySearch(question));
  }

  *search(prepared: Prepared, { end, reductions, budget }: SearchOptions = {}): InSteps<Searched> {
    const { window, alphabet, transitions } = prepared;
    const search = new Search(window, alphabet, transitions, end, reductions);
    search.memoryBudget = this.limits.memoryBytes;
    const allowed = Math.min(this.steps, budget ?? stepsPerQuestion + stepsPerOperation * window.ops.length);
    yield;
    for (let spent = 0; spent < allowed && !this.exhausted; spent += slice) {
      const progress = search.run(slice);
      this.steps -= slice;
      this.limits.spend(slice);
      yield;
      if (progress === 'linearizable' || progress === 'stuck') return { search, end: progress };
      if (progress === 'full') break;
    }
    return { search, end: undefined };
  }

  /** An order that explains the question, as numbers in the history; `undefined` if none was found. */
  *order(question: Question): InSteps<number[] | undefined> {
    const { ops } = question.part;
    const decision = yield* this.decided(question);
    if (decision === 'limit' || decision?.kind === 'illegal') return undefined;
    if (decision !== undefined) return Array.from(decision.order(), (op) => ops[op]!);
    const prepared = prepare(question);
    yield;
    const found = prepared && (yield* this.search(prepared));
    if (prepared === undefined || found?.end !== 'linearizable') return undefined;
    return Array.from(found.search.linearization, (op) => ops[prepared.window.ops[op]!]!);
  }

  private *byProcedure(question: Question): InSteps<boolean | undefined> {
    const decision = yield* this.decided(question);
    return decision === 'limit' ? false : decision && decision.kind === 'illegal';
  }

  private *bySearch(question: Question): InSteps<boolean> {
    const prepared = prepare(question);
    yield;
    return prepared !== undefined && (yield* this.search(prepared)).end === 'stuck';
  }

  /** What a procedure decides, if one does. */
  private *decided(question: Question): InSteps<Decision | 'limit' | undefined> {
    if (question.model !== this.asked.model) return undefined;
    yield;
    try {
      for (const procedure of this.procedures) {
        const decision = procedure.decide(question, this.limits.checkpoint);
        yield;
        if (decision !== undefined) return decision;
      }
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      return 'limit';
    }
    return undefined;
  }
}
