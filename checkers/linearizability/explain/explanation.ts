import type { History } from '../../history/history.ts';
import type { Attempt as Deciding, Outcome, Shared, Stuck } from '../attempt.ts';
import type { Question } from '../procedure.ts';
import { upTo } from './cuts.ts';
import { type Attempt, type DeadEnd, deadEnd, deadEndOf, deadEndOfLong } from './dead-end.ts';
import { Judge } from './judge.ts';
import { lawsOf } from './laws/of.ts';
import { paragraph } from './paragraph.ts';
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

/** What one part may use up in shrinking, and as much again in finding where order ends. */
const stepsMax = 40_000_000;
/** All parts of one check together may take so long; each of the two may take a third of what is left for one part. */
const msMax = 12_000;
/** And of the time that is left to the check, so much. */
const timeShare = 0.5;

/** How many parts of one check were explained in full, and how long that took. */
const spentBy = new WeakMap<Shared, { parts: number; ms: number }>();

/**
 * Explains why a part is illegal: where order ends, the few operations that contradict each other, and the contradiction
 * in words. After `max` parts of one check, in brief: with what the procedure that decided it has to say.
 *
 * Within the limits of the check, and about ten seconds for all parts together; what they cut short is missing or
 * marked as not minimal.
 */
export function explain(attempt: Deciding, illegal: Illegal, shared: Shared, max: number = inFullMax): Explanation {
  const spent = spentBy.get(shared) ?? { parts: 0, ms: 0 };
  spentBy.set(shared, spent);
  const { limits } = shared;
  if (spent.parts++ >= max || limits.exceeded() !== undefined) return inBrief(attempt.question, illegal);
  const startedMs = limits.now?.() ?? 0;
  const ms = Math.min(msMax - spent.ms, limits.msLeft * timeShare) / 3;
  const explained = inFull(attempt, illegal, shared, ms);
  spent.ms += (limits.now?.() ?? 0) - startedMs;
  return explained;
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

function inFull(attempt: Deciding, illegal: Illegal, shared: Shared, ms: number): Explanation {
  const { question, stuck } = attempt;
  const { limits, procedures } = shared;
  const judge = () => new Judge(question, procedures, limits, { steps: stepsMax, ms });
  const startedMs = limits.now?.();
  const begins = stuck === undefined ? question : upTo(question, endIn(question, stuck));
  const core = illegal.procedure === 'search' ? [] : illegal.core.map((op) => question.part.ops[op]!);
  const shrinking = judge();
  const shrunk = shrink(begins, core, lawsOf(question.model), shrinking);
  const small = deadEndOf(shrunk.question, shrinking);
  const took = startedMs === undefined ? undefined : limits.now!() - startedMs;
  const told = toldOf(question, shrunk, shrinking.tests, took);
  const whole = wholeEnd(attempt, illegal, shared, judge());
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

/** The end of the events up to and including the return at which a search got stuck. */
function endIn({ part }: Question, { search, window }: Stuck): number {
  return part.events.indexOf(2 * window.ops[window.events[search.furthest]! >>> 1]! + 1) + 1;
}

function wholeEnd({ question, stuck }: Deciding, { core }: Illegal, shared: Shared, judge: Judge): DeadEnd | undefined {
  const { alphabet } = shared;
  const { part } = question;
  if (stuck !== undefined) return deadEnd({ question, alphabet, ...stuck }, stuck.search, judge);
  if (part.ops.length > boundedMax) return undefined;
  const found = part.ops.length <= searchedMax ? deadEndOf(question, judge) : undefined;
  const bearing = new Set(core.map((op) => 2 * op + 1));
  return (
    found ??
    deadEndOfLong(
      question,
      part.events.findLastIndex((event) => bearing.has(event)),
      judge,
    )
  );
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
