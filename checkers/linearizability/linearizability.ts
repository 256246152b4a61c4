import type { History } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import type { AnyModel, Refusal } from '../models/model.ts';
import { show } from '../models/value.ts';
import { pass, undecided, type Verdict, violation } from '../verdict.ts';
import { type Explanation, explain, keyOfPart } from './explanation.ts';
import { type FailedCas, type Letters, spell } from './letters.ts';
import { type Part, split } from './part.ts';
import { Search } from './search.ts';
import { Transitions } from './transitions.ts';

export interface LinearizabilityOptions {
  /** What a `fail` of a compare-and-set means; by default that it was not executed. */
  readonly failedCas?: FailedCas;
  /** The value that the object starts from, in place of the model's own. */
  readonly initial?: Value;
  /** Milliseconds on `now`. */
  readonly timeLimitMs?: number;
  /** Bytes of tables and states; the history itself is not counted. */
  readonly memoryLimitBytes?: number;
  /** A clock that never goes back, in milliseconds. Without one there is no limit on time, and `ms` is not told. */
  readonly now?: () => number;
  /** A limit on the steps of search and model, for whoever needs the same answer on every machine. */
  readonly stepLimit?: number;
  /** Asked every few milliseconds; true ends the check, undecided. */
  readonly cancelled?: () => boolean;
  /** Also return the order that explains each part. */
  readonly linearizations?: boolean;
}

export interface LinearizabilityResult {
  readonly verdict: Verdict;
  /** One answer per key, in order of first use; one answer in all for a model that is not split by key. */
  readonly perKey: readonly KeyResult[];
  readonly stats: {
    /** Operations that bear on the answer: without failed ones and observers of unknown outcome. */
    readonly operations: number;
    readonly keys: number;
    /** Configurations visited. */
    readonly configurations: number;
    readonly ms?: number;
  };
  /** Why the model cannot judge this history at all; the verdict is then undecided. */
  readonly refusal?: string;
}

export type KeyResult = {
  readonly key: Value | undefined;
  readonly operations: number;
  readonly configurations: number;
} & (
  | { readonly kind: 'pass'; readonly linearization?: readonly number[] }
  | { readonly kind: 'violation'; readonly explanation: Explanation }
  | { readonly kind: 'undecided'; readonly why: string; readonly explained: number }
);

/** Limits are checked after about so many steps. */
const slice = 1000;

/** The first attempt at a part gets so many steps, and enough for its length if nothing is ambiguous. */
const firstBudget = 2000;
const firstBudgetPerOperation = 16;
const budgetGrowth = 4;

/**
 * Decides whether a history is linearizable (Herlihy and Wing 1990) with respect to a sequential specification: is
 * there one order of its operations, respecting that an operation which returned before another was invoked comes
 * first, in which the object answers as the clients saw? Unknown outcomes may take effect at any time after their
 * invocation, or never.
 *
 * Exact where it decides. Where the limits on time, memory or steps come first, the answer is `undecided` with how far
 * it got. The problem is NP-complete even for one register (Gibbons and Korach 1997); see `search.ts` for the cost.
 *
 * Parts are tried smallest first and in turns with growing budgets, so that one hard key hides no violation of another.
 * It does not detect what only several keys together show, unless the model is not split by key.
 */
export function checkLinearizability(
  model: AnyModel,
  history: History,
  options: LinearizabilityOptions = {},
): LinearizabilityResult {
  const started = options.now?.();
  const initial = initialState(model, options.initial);
  if (initial.kind === 'refused') return refusedResult(initial);
  const letters = spell(model, history, options.failedCas ?? 'ignore');
  if ('kind' in letters) return refusedResult(letters);
  const parts = split(history, letters, model.partition);
  const limits = new Limits(options, started);
  const shared = Transitions.shareable(letters) ? new Transitions(model, initial.state, letters) : undefined;
  const attempts = parts.map((part) => {
    const transitions = () => shared ?? new Transitions(model, initial.state, letters);
    return new Attempt({ history, part, letters, transitions, limits, shared, order: options.linearizations ?? false });
  });
  takeTurns(attempts, limits, shared);
  const perKey = attempts.map((attempt) => attempt.result!);
  const configurations = perKey.reduce((sum, key) => sum + key.configurations, 0);
  const operations = perKey.reduce((sum, key) => sum + key.operations, 0);
  const stats = { operations, keys: parts.length, configurations };
  return {
    verdict: summary(history, perKey),
    perKey,
    stats: started === undefined ? stats : { ...stats, ms: options.now!() - started },
  };
}

function initialState(model: AnyModel, value: Value | undefined) {
  return value === undefined ? ({ kind: 'state', state: model.initial } as const) : model.startingFrom(value);
}

const refusedResult = ({ why }: Refusal): LinearizabilityResult => ({
  verdict: undecided(why),
  perKey: [],
  stats: { operations: 0, keys: 0, configurations: 0 },
  refusal: why,
});

/** Smallest first, then in turns with growing budgets. Once a violation is known, the hard ones are left alone. */
function takeTurns(attempts: readonly Attempt[], limits: Limits, shared: Transitions | undefined): void {
  let open = attempts.toSorted((a, b) => a.length - b.length);
  let held = 0;
  for (let growth = 1; open.length > 0; growth *= budgetGrowth) {
    for (const attempt of open) {
      let budget = (firstBudget + firstBudgetPerOperation * attempt.length) * growth;
      for (; budget > 0 && attempt.open; budget -= slice) {
        const why = limits.exceeded();
        if (why !== undefined) {
          for (const rest of open) rest.abandon(why);
          return;
        }
        const before = attempt.bytes;
        attempt.run(Math.min(slice, budget));
        limits.spend(slice);
        held += attempt.bytes - before;
        const excess = held + (shared?.bytes ?? 0) - limits.memoryBytes;
        if (excess > 0) held -= relieveMemory(open, excess);
      }
    }
    open = open.filter((attempt) => attempt.open);
    if (attempts.some((attempt) => attempt.result?.kind === 'violation')) {
      for (const rest of open) rest.abandon('another key is in violation, and this one is not easy to decide');
      return;
    }
  }
}

/** Gives up the largest searches until so many bytes are free, or none is left; returns how many were freed. */
function relieveMemory(open: readonly Attempt[], excess: number): number {
  let freed = 0;
  for (const attempt of open.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes)) {
    if (freed >= excess) break;
    freed += attempt.bytes;
    attempt.abandon('out of memory');
  }
  return freed;
}

/** What a check may use up. */
class Limits {
  readonly memoryBytes: number;
  private readonly now: (() => number) | undefined;
  private readonly deadline: number;
  private readonly cancelled: (() => boolean) | undefined;
  private steps: number;

  constructor(options: LinearizabilityOptions, started: number | undefined) {
    this.memoryBytes = options.memoryLimitBytes ?? Number.POSITIVE_INFINITY;
    this.now = options.now;
    this.deadline = (started ?? 0) + (options.timeLimitMs ?? Number.POSITIVE_INFINITY);
    this.cancelled = options.cancelled;
    this.steps = options.stepLimit ?? Number.POSITIVE_INFINITY;
  }

  spend(steps: number): void {
    this.steps -= steps;
  }

  /** Which limit has been reached, if any. */
  exceeded(): string | undefined {
    if (this.steps <= 0) return 'out of steps';
    if (this.now !== undefined && this.now() >= this.deadline) return 'out of time';
    if (this.cancelled?.()) return 'cancelled';
    return undefined;
  }
}

interface Question {
  readonly history: History;
  readonly part: Part;
  readonly letters: Letters;
  readonly transitions: () => Transitions;
  readonly shared: Transitions | undefined;
  readonly limits: Limits;
  /** Whether the answer shall contain the order that explains the part. */
  readonly order: boolean;
}

/** The deciding of one part, from its first slice to its answer. */
class Attempt {
  result: KeyResult | undefined;
  /** Memory held, in bytes, without what all parts share. */
  bytes = 0;
  private readonly question: Question;
  private transitions: Transitions | undefined;
  private search: Search | undefined;

  constructor(question: Question) {
    this.question = question;
  }

  get length(): number {
    return this.question.part.ops.length;
  }

  get open(): boolean {
    return this.result === undefined;
  }

  run(budget: number): void {
    const { part, letters, transitions, shared } = this.question;
    this.transitions ??= transitions();
    this.search ??= new Search(part, letters, this.transitions);
    switch (this.search.run(budget)) {
      case 'paused':
        this.bytes = this.search.bytes + (this.transitions === shared ? 0 : this.transitions.bytes);
        return;
      case 'linearizable':
        this.finish({ ...this.common(), ...this.passed(this.search) });
        return;
      case 'stuck':
        this.finish({ ...this.common(), kind: 'violation', explanation: this.explained(this.search) });
    }
  }

  abandon(why: string): void {
    if (!this.open) return;
    this.finish({ ...this.common(), kind: 'undecided', why, explained: this.search?.explained ?? 0 });
  }

  private common() {
    const { history, part } = this.question;
    return {
      key: keyOfPart(history, part),
      operations: part.ops.length,
      configurations: this.search?.configurations ?? 0,
    };
  }

  private passed(search: Search): { kind: 'pass'; linearization?: readonly number[] } {
    const { part, order } = this.question;
    if (!order) return { kind: 'pass' };
    return { kind: 'pass', linearization: Array.from(search.linearization, (op) => part.ops[op]!) };
  }

  private explained(search: Search): Explanation {
    const { history, part, letters, limits } = this.question;
    return explain({ history, part, letters, transitions: this.transitions!, stuck: search, mayGoOn });

    function mayGoOn(bytes: number): boolean {
      limits.spend(slice);
      return limits.exceeded() === undefined && bytes <= limits.memoryBytes;
    }
  }

  private finish(result: KeyResult): void {
    this.result = result;
    this.bytes = 0;
    this.search = undefined;
    this.transitions = undefined;
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
