import type { History } from '../../history/history.ts';
import type { Attempt as Deciding, Outcome, Shared, Stuck } from '../attempt.ts';
import type { LimitOptions } from '../limits.ts';
import type { Question } from '../procedure.ts';
import type { InSteps } from '../turns.ts';
import { upTo } from './cuts.ts';
import { type Attempt, type DeadEnd, deadEndAt, deadEndOf, deadEndOfLong } from './dead-end.ts';
import { Judge, type Prepared } from './judge.ts';
import { lawsOf } from './laws/of.ts';
import { paragraph } from './paragraph.ts';
import { type Pinpointed, pinpoint } from './pinpoint.ts';
import { type Shrunk, shrink } from './shrink.ts';
import { describe } from './words.ts';

export type { Attempt } from './dead-end.ts';
export { describe } from './words.ts';

/** Why one part of a history is not linearizable. Operations are named by their number in the history. */
export interface Explanation {
  /** The first operation, in order of completion, up to whose return no order explains the history. */
  readonly operation: number;
  /** The operations open at that moment, `operation` among them; of unknown ones the last hundred. */
  readonly pending: readonly number[];
  /** What a reader should look at first: the definite operations of the shrunk history, ascending. */
  readonly involved: readonly number[];
  /** An order that explains everything before that return, or `undefined` if the limits left no time to find it. */
  readonly prefix: readonly number[] | undefined;
  /** The states that the object could be in when `operation` had to take effect, in the model's words. */
  readonly states: readonly string[];
  /** What becomes of each pending operation in the states listed. */
  readonly attempts: readonly Attempt[];
  /** In one sentence. */
  readonly why: string;
  /** The contradiction in full, in English prose. */
  readonly paragraph: string;
  /** The smallest history that is illegal for the same reason; `undefined` where it was not looked for. */
  readonly shrunk: ShrunkHistory | undefined;
}

/** A few operations of a history that contradict each other. Operations are named by their number in the history. */
export interface ShrunkHistory {
  /** Operations that are taken as they were recorded, in order of invocation: no order explains them. */
  readonly core: readonly number[];
  /** Operations that may have happened at any time after their invocation or never, whatever was recorded of them. */
  readonly maybe: readonly number[];
  /** The one of the core from which the state is known, if the history was given a later beginning. */
  readonly anchor: number | undefined;
  /** The state in which it begins, in the model's words. */
  readonly begins: string;
  /** What it is about, if not about all of the object: elements of a set, registers. JSON texts. */
  readonly facets: readonly string[] | undefined;
  /** Operations of this key in the whole history, and of the shrunk one. */
  readonly before: number;
  readonly after: number;
  /** How many candidates were judged. */
  readonly tests: number;
  /** Milliseconds that it took; `undefined` for a check without a clock. */
  readonly ms: number | undefined;
  /** No single operation of the core can be weakened further; false if the limits ended the search for less. */
  readonly minimal: boolean;
}

/** Parts up to this size are searched for their dead end, whatever decided them. */
const searchedMax = 20_000;

/** And up to this size otherwise; of a longer one only the shrunk history's end is told. */
const boundedMax = 200_000;

/** So many of the illegal parts of one check are explained in full, unless its caller says otherwise. */
const inFullMax = 20;

/** What one part may use up in shrinking; as much in finding where the search got stuck; and in finding an order up to there. */
const stepsMax = 40_000_000;
/** All parts of one check together may take so long; each of the three may take a third of what is left for one part. */
const msMax = 12_000;
/** And of the time that is left to the check, so much. */
const timeShare = 0.5;

/** How much of explaining is wanted. */
export interface ExplainOptions extends Pick<LimitOptions, 'cancelled'> {
  /** So many parts are explained in full, 20 if not said. */
  readonly explain?: number;
}

/** How many parts of one check were explained in full, and how long that took. */
const spentBy = new WeakMap<Shared, { parts: number; ms: number }>();

/**
 * Explains why a part is illegal: where order ends, the few operations that contradict each other, and the contradiction
 * in words. In brief (with what the procedure that decided it has to say) after so many parts of one check, and once the
 * check is cancelled.
 *
 * Within the limits of the check, and about ten seconds for all parts together; what they cut short is missing or
 * marked as not minimal. Works in steps: a slice of a search, one procedure, or one pass over the part.
 */
export function* explain(
  attempt: Deciding,
  illegal: Illegal,
  shared: Shared,
  { explain: max = inFullMax, cancelled = () => false }: ExplainOptions = {},
): InSteps<Explanation> {
  const spent = spentBy.get(shared) ?? { parts: 0, ms: 0 };
  spentBy.set(shared, spent);
  const { limits } = shared;
  if (spent.parts++ >= max || limits.exceeded() !== undefined) return inBrief(attempt.question, illegal);
  const startedMs = limits.now?.() ?? 0;
  const ms = Math.min(msMax - spent.ms, limits.msLeft * timeShare) / 3;
  const explained = yield* unless(cancelled, inFull(attempt, illegal, shared, ms));
  spent.ms += (limits.now?.() ?? 0) - startedMs;
  return explained ?? inBrief(attempt.question, illegal);
}

/** The result of some work; none as soon as it is cancelled. */
function* unless<Result>(cancelled: () => boolean, work: InSteps<Result>): InSteps<Result | undefined> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    yield;
    if (cancelled()) return undefined;
  }
}

type Illegal = Extract<Outcome, { kind: 'illegal' }>;

function inBrief({ part }: Question, { why, core }: Illegal): Explanation {
  const involved = core.slice(-involvedMax).map((op) => part.ops[op]!);
  return {
    operation: involved.at(-1)!,
    pending: [],
    involved,
    prefix: undefined,
    states: [],
    attempts: [],
    why,
    paragraph: why,
    shrunk: undefined,
  };
}

/** Where nothing was shrunk, so many operations are named. */
const involvedMax = 1000;

function* inFull(attempt: Deciding, illegal: Illegal, shared: Shared, ms: number): InSteps<Explanation> {
  const { question } = attempt;
  const { limits, procedures } = shared;
  const judge = () => new Judge(question, procedures, limits, { steps: stepsMax, ms });
  const startedMs = limits.now?.();
  const stuck = attempt.stuck && (yield* stuckAt(attempt.stuck, question, shared, judge()));
  const begins = stuck === undefined ? question : upTo(question, endIn(stuck));
  yield;
  const core = illegal.procedure === 'search' ? [] : illegal.core.map((op) => question.part.ops[op]!);
  const shrinking = judge();
  const shrunk = yield* shrink(begins, core, lawsOf(question.model), shrinking);
  const small = yield* deadEndOf(shrunk.question, shrinking);
  const took = startedMs === undefined ? undefined : limits.now!() - startedMs;
  const told = toldOf(question, shrunk, shrinking.tests, took);
  const whole = yield* wholeEnd(question, illegal, stuck, judge());
  const end = whole ?? small;
  return {
    operation: end?.operation ?? told.core.at(-1)!,
    pending: end?.pending ?? [],
    involved: told.core.slice(-involvedMax),
    prefix: whole?.prefix,
    states: end?.states ?? [],
    attempts: end?.attempts ?? [],
    why: whole === undefined ? illegal.why : sentence(question.history, whole),
    paragraph: paragraph(shrunk, small),
    shrunk: told,
  };
}

/** Where a search of the whole part got stuck. */
interface StuckAt {
  readonly prepared: Prepared;
  readonly at: Pinpointed;
}

function* stuckAt(stuck: Stuck, question: Question, { alphabet }: Shared, judge: Judge): InSteps<StuckAt> {
  const prepared = { question, alphabet, window: stuck.window, transitions: stuck.transitions };
  return { prepared, at: yield* pinpoint(prepared, stuck.search, judge) };
}

/** The end of the events up to and including the return at which a search got stuck. */
function endIn({ prepared: { question, window }, at }: StuckAt): number {
  return question.part.events.indexOf(2 * window.ops[window.events[at.position]! >>> 1]! + 1) + 1;
}

/** `stuck`: undefined for a part that a procedure decided. */
function* wholeEnd(
  question: Question,
  { core }: Illegal,
  stuck: StuckAt | undefined,
  judge: Judge,
): InSteps<DeadEnd | undefined> {
  if (stuck !== undefined) return yield* deadEndAt(stuck.prepared, stuck.at, judge);
  const { part } = question;
  if (part.ops.length > boundedMax) return undefined;
  const found = part.ops.length <= searchedMax ? yield* deadEndOf(question, judge) : undefined;
  if (found !== undefined) return found;
  const bearing = new Set(core.map((op) => 2 * op + 1));
  const illegalAt = part.events.findLastIndex((event) => bearing.has(event));
  return yield* deadEndOfLong(question, illegalAt, judge);
}

function toldOf(whole: Question, shrunk: Shrunk, tests: number, ms: number | undefined): ShrunkHistory {
  const { question, anchor, facets, minimal } = shrunk;
  const { ops, definite } = question.part;
  return {
    core: Array.from(ops).filter((_, own) => definite[own] === 1),
    maybe: Array.from(ops).filter((_, own) => definite[own] === 0),
    anchor,
    begins: question.model.show(question.initial),
    facets,
    before: whole.part.ops.length,
    after: ops.length,
    tests,
    ms,
    minimal,
  };
}

function sentence(history: History, { operation, attempts, states, stateCount }: DeadEnd): string {
  const own = attempts.filter((attempt) => attempt.operation === operation && attempt.refusal !== undefined);
  const reasons = [...new Set(own.map((attempt) => attempt.refusal))];
  const more = stateCount > states.length ? `; and ${stateCount - states.length} more states` : '';
  return `no order explains ${describe(history, operation)}: ${reasons.join('; or ')}${more}`;
}
