import type { History } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import { describe } from '../linearizability/explain/explanation.ts';
import { type LimitOptions, Limits } from '../linearizability/limits.ts';
import { type FailedCas, keyOfPart, type Part, split } from '../linearizability/part.ts';
import { Alphabet, refusalOfFailed } from '../linearizability/search/letters.ts';
import { Transitions } from '../linearizability/search/transitions.ts';
import { type AnyModel, type Refusal, refused } from '../models/model.ts';
import { same } from '../models/value.ts';
import { pass, undecided, type Verdict, violation } from '../verdict.ts';
import { Interleaving } from './interleaving.ts';
import { programsOf } from './programs.ts';

export interface SequentialOptions extends LimitOptions {
  /** What a `fail` of a compare-and-set means; by default that it was not executed. */
  readonly failedCas?: FailedCas;
  /** The value that the object starts from, in place of the model's own. */
  readonly initial?: Value;
  /** Judge the operations on this key alone. A violation is then one of the whole history too; a pass is not. */
  readonly key?: Value;
}

export interface SequentialResult {
  readonly verdict: Verdict;
  /** The operations, by their number in the history, in an order that explains them: of a pass. */
  readonly order?: readonly number[];
  readonly configurations: number;
  /** Operations that bear on the answer. */
  readonly operations: number;
}

/** Limits are looked at after so many configurations. */
const slice = 64;

/**
 * Decides whether a history is sequentially consistent (Lamport 1979): is there one order of all its operations, in
 * which each process's own come in the order in which it called them, and the object answers as the processes saw?
 * Real time does not count: "stale but ordered" histories pass. Unknown outcomes may take effect at their place in
 * their process, or never.
 *
 * Unlike linearizability it is not local: keys that are sequentially consistent one by one may not be so together. So
 * all keys of a keyed model are searched as one object. NP-complete even for one register (Gibbons and Korach 1997,
 * "Testing Shared Memories"); exponential in the number of processes, see `Interleaving`. For histories of a few
 * hundred operations by a few processes.
 *
 * A new process takes over after an unknown outcome, and is a process of its own here: what one client did before and
 * after is not put in order.
 */
export function checkSequential(model: AnyModel, history: History, options: SequentialOptions = {}): SequentialResult {
  const begun = begin(model, history, options);
  if ('why' in begun) return { verdict: undecided(begun.why), configurations: 0, operations: 0 };
  const { search, programs, limits } = begun;
  const operations = programs.ops.length;
  const finished = (verdict: Verdict): SequentialResult => ({
    verdict,
    configurations: search.configurations,
    operations,
  });
  for (;;) {
    const why = limits.exceeded() ?? (search.bytes > limits.memoryBytes ? 'out of memory' : undefined);
    if (why !== undefined) return finished(undecided(`sequential consistency: ${why}`));
    const progress = search.run(slice);
    limits.spend(slice);
    if (progress === 'found') return { ...finished(pass), order: search.order.map((row) => programs.ops[row]!) };
    if (progress === 'none')
      return finished(
        notSequential(
          history,
          search.waiting.map((row) => programs.ops[row]!),
        ),
      );
  }
}

function begin(model: AnyModel, history: History, options: SequentialOptions) {
  const start = startOf(model, options.initial);
  if ('why' in start) return start;
  if (model.timed) return refused(`the model ${model.name} speaks of times, which sequential consistency leaves out`);
  const refusal = refusalOfFailed(model, history);
  if (refusal !== undefined) return refusal;
  const limits = new Limits(options);
  const alphabet = new Alphabet(model, history);
  const programs = programsOf(history, partsOf(model, history, options), alphabet);
  if ('why' in programs) return programs;
  limits.beginSearch();
  const search = new Interleaving(programs, alphabet.observer, new Transitions(start.state, alphabet));
  return { search, programs, limits };
}

function startOf(model: AnyModel, value: Value | undefined): { readonly state: unknown } | Refusal {
  return value === undefined ? { state: model.initial } : model.startingFrom(value);
}

function partsOf(model: AnyModel, history: History, { failedCas, key }: SequentialOptions): readonly Part[] {
  const parts = split(history, model.partition, failedCas ?? 'ignore');
  if (key === undefined) return parts;
  return parts.filter((part) => {
    const own = keyOfPart(history, part);
    return own !== undefined && same(own, key);
  });
}

/** So many of the operations that had to wait are named. */
const namedMax = 4;

function notSequential(history: History, waiting: readonly number[]): Verdict {
  const ops = waiting.toSorted((a, b) => a - b);
  const named = ops.slice(0, namedMax).map((op) => describe(history, op));
  const more = ops.length > namedMax ? `, and ${ops.length - namedMax} more` : '';
  const why = `no order of the operations that keeps to each process's own can go on with ${named.join('; ')}${more}`;
  return violation(
    `not sequentially consistent: ${why}`,
    ops.map((op) => history.index(op)),
  );
}
