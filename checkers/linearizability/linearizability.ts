import type { History } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import { type AnyModel, type Refusal, refused } from '../models/model.ts';
import { show } from '../models/value.ts';
import { pass, undecided, type Verdict, violation } from '../verdict.ts';
import { Attempt, type Shared } from './attempt.ts';
import { type Explanation, explain } from './explain/explanation.ts';
import { type LimitOptions, Limits } from './limits.ts';
import { type FailedCas, split } from './part.ts';
import { proceduresFor } from './procedures.ts';
import { Alphabet, refusalOfFailed } from './search/letters.ts';
import { atOnce, decideAll, type InSteps } from './turns.ts';

export interface LinearizabilityOptions extends LimitOptions {
  /** What a `fail` of a compare-and-set means; by default that it was not executed. */
  readonly failedCas?: FailedCas;
  /** The value that the object starts from, in place of the model's own. */
  readonly initial?: Value;
  /** Also return the order that explains each part. */
  readonly linearizations?: boolean;
  /** So many of the parts in violation are shrunk and explained in full (20 if not said); the others in brief. */
  readonly explain?: number;
  /** Decide every part by search, even where something faster would do: to compare the two. */
  readonly searchOnly?: boolean;
}

export interface LinearizabilityResult {
  readonly verdict: Verdict;
  /** One answer per key, in order of first use; one answer in all for a model that is not split by key. */
  readonly perKey: readonly KeyResult[];
  readonly stats: {
    /** Operations that bear on the answer: without failed ones. */
    readonly operations: number;
    readonly keys: number;
    /** Configurations visited by searches. */
    readonly configurations: number;
    readonly ms?: number;
  };
  /** Why the history was not judged at all, mostly since it was not made for the model; the verdict is then undecided. */
  readonly refusal?: string;
}

export type KeyResult = {
  readonly key: Value | undefined;
  readonly operations: number;
  /** What decided it: `search`, `zones`, ... */
  readonly procedure: string;
  readonly configurations: number;
} & (
  | { readonly kind: 'pass'; readonly linearization?: readonly number[] }
  | { readonly kind: 'violation'; readonly explanation: Explanation }
  | { readonly kind: 'undecided'; readonly why: string; readonly explained: number }
);

/**
 * Decides whether a history is linearizable (Herlihy and Wing 1990) with respect to a sequential specification: is
 * there one order of its operations, respecting that an operation which returned before another was invoked comes
 * first, in which the object answers as the clients saw? Unknown outcomes may take effect at any time after their
 * invocation, or never.
 *
 * Exact where it decides. Where the limits on time, memory or steps come first, the answer is `undecided` with how far
 * it got. The problem is NP-complete even for one register (Gibbons and Korach 1997); linear-time procedures decide
 * the kinds of histories for which some exist (`procedures.ts`), see `search/search.ts` for the cost of the rest.
 *
 * It does not detect what only several keys together show, unless the model is not split by key.
 */
export function checkLinearizability(
  model: AnyModel,
  history: History,
  options: LinearizabilityOptions = {},
): LinearizabilityResult {
  const begun = begin(model, history, options);
  if ('why' in begun) return refusedResult(begun);
  const refusal = atOnce(decideAll(begun.attempts, begun.shared));
  return refusal === undefined ? atOnce(conclude(begun)) : refusedResult(refusal);
}

/** A check that has begun: its parts are to be decided (`decideAll`), and it is to be concluded. */
export interface Begun {
  readonly history: History;
  readonly options: LinearizabilityOptions;
  readonly startedMs: number | undefined;
  /** One for each part. */
  readonly attempts: readonly Attempt[];
  readonly shared: Shared;
}

/** What splitting takes, for a while: measured. */
const partBytesPerOperation = 32;

/** The beginning of a check, or why the model cannot judge the history. O(events). */
export function begin(model: AnyModel, history: History, options: LinearizabilityOptions): Begun | Refusal {
  const startedMs = options.now?.();
  const initial = initialState(model, options.initial);
  if (initial.kind === 'refused') return initial;
  const unknownName = refusalOfFailed(model, history);
  if (unknownName !== undefined) return unknownName;
  const shared: Shared = {
    alphabet: new Alphabet(model, history),
    procedures: options.searchOnly === true ? [] : proceduresFor(model),
    limits: new Limits(options),
    transitions: undefined,
    bytes: 0,
    searching: false,
    violatedElsewhere: false,
  };
  const tooLarge = shared.limits.refuses(partBytesPerOperation * history.length);
  if (tooLarge !== undefined) return refused(tooLarge);
  const parts = split(history, model.partition, options.failedCas ?? 'ignore');
  const attempts = parts.map((part) => new Attempt({ history, part, model, initial: initial.state }, shared));
  return { history, options, startedMs, attempts, shared };
}

/** The result, with an explanation of every part in violation. */
export function* conclude({ history, options, startedMs, attempts, shared }: Begun): InSteps<LinearizabilityResult> {
  const perKey: KeyResult[] = [];
  for (const attempt of attempts) {
    if (attempt.outcome?.kind === 'illegal') yield;
    perKey.push(yield* resultOf(attempt, shared, options));
  }
  const configurations = perKey.reduce((sum, key) => sum + key.configurations, 0);
  const operations = perKey.reduce((sum, key) => sum + key.operations, 0);
  const stats = { operations, keys: attempts.length, configurations };
  return {
    verdict: summary(history, perKey),
    perKey,
    stats: startedMs === undefined ? stats : { ...stats, ms: options.now!() - startedMs },
  };
}

function initialState(model: AnyModel, value: Value | undefined) {
  return value === undefined ? ({ kind: 'state', state: model.initial } as const) : model.startingFrom(value);
}

export const refusedResult = ({ why }: Refusal): LinearizabilityResult => ({
  verdict: undecided(why),
  perKey: [],
  stats: { operations: 0, keys: 0, configurations: 0 },
  refusal: why,
});

function* resultOf(attempt: Attempt, shared: Shared, options: LinearizabilityOptions): InSteps<KeyResult> {
  const { key, length: operations, configurations } = attempt;
  const outcome = attempt.outcome!;
  const common = { key, operations, configurations, procedure: outcome.procedure };
  switch (outcome.kind) {
    case 'linearizable': {
      if (options.linearizations !== true) return { ...common, kind: 'pass' };
      const { ops } = attempt.question.part;
      return { ...common, kind: 'pass', linearization: Array.from(outcome.order(), (op) => ops[op]!) };
    }
    case 'illegal':
      return { ...common, kind: 'violation', explanation: yield* explain(attempt, outcome, shared, options) };
    case 'undecided':
      return { ...common, kind: 'undecided', why: outcome.why, explained: outcome.explained };
    default:
      return outcome satisfies never;
  }
}

function summary(history: History, perKey: readonly KeyResult[]): Verdict {
  const violations = perKey.filter((key) => key.kind === 'violation');
  const first = violations[0];
  if (first !== undefined) {
    const others = violations.length > 1 ? ` (and ${violations.length - 1} more keys are in violation)` : '';
    const indexes = first.explanation.involved.map((op) => history.index(op));
    return violation(`not linearizable: ${first.explanation.why}${others}`, indexes);
  }
  const open = perKey.filter((key) => key.kind === 'undecided');
  const sample = open[0];
  if (sample === undefined) return pass;
  const where = sample.key === undefined ? '' : ` on key ${show(sample.key)}`;
  const many = open.length > 1 ? `, and ${open.length - 1} more keys are undecided` : '';
  const far = `after explaining ${sample.explained} of ${sample.operations} operations`;
  return undecided(`linearizability: ${sample.why}${where} ${far}${many} (${perKey.length} keys in all)`);
}
