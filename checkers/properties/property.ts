import type { Checker, Finding, Limits } from '../checker.ts';
import type { History } from '../history/history.ts';
import { undecided, type Verdict, violation } from '../verdict.ts';

/** What a property says of a history, and what it saw on the way. */
export interface Answer {
  readonly verdict: Verdict;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A reason why a history cannot be judged for a property: not its fault, and no verdict. */
export class CannotJudge extends Error {}

/**
 * Watches the limits of one check. The properties here take linear time, or n log n, so this only stops a history that
 * is far larger than its caller meant to wait for.
 */
export class Budget {
  private readonly limits: Limits;
  private readonly deadlineMs: number;
  private steps = 0;

  constructor(limits: Limits) {
    this.limits = limits;
    this.deadlineMs = limits.now() + limits.timeMs;
  }

  /** To be called once per row of work; looks at the clock now and then. */
  step(): void {
    if ((++this.steps & 0xffff) !== 0) return;
    if (this.limits.now() > this.deadlineMs) throw new CannotJudge(`out of time after ${this.limits.timeMs} ms`);
  }

  /** To be called before tables of this size are built. */
  claim(bytes: number): void {
    if (bytes <= this.limits.memoryBytes) return;
    throw new CannotJudge(`needs ${bytes} bytes of memory, and may use ${this.limits.memoryBytes}`);
  }
}

/** A checker from a function that answers, or throws `CannotJudge`. */
export function property(name: string, answer: (history: History, budget: Budget) => Answer): Checker {
  return {
    name,
    check(history: History, limits: Limits): Finding {
      try {
        return { checker: name, ...answer(history, new Budget(limits)) };
      } catch (error) {
        if (error instanceof CannotJudge) return { checker: name, verdict: undecided(error.message) };
        throw error;
      }
    },
  };
}

/** Examples kept in details; all are counted. */
const EXAMPLES = 10;

/** What shows that a property was violated. */
export interface Breach {
  readonly why: string;
  /** The operations that show it (rows of the history, not event numbers). */
  readonly operations: readonly number[];
}

/** Counts breaches by kind and keeps the first few as examples; the very first becomes the verdict's reason. */
export class Breaches {
  readonly counts: Record<string, number> = {};
  private readonly examples: (Breach & { readonly kind: string })[] = [];
  private total = 0;

  /** The explanation is made only if it is kept. */
  add(kind: string, explain: () => Breach): void {
    this.total++;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    if (this.examples.length < EXAMPLES) this.examples.push({ kind, ...explain() });
  }

  get any(): boolean {
    return this.total > 0;
  }

  /** The violation, named by its first example; only to be asked if there is any. */
  verdict(history: History): Verdict {
    const first = this.examples[0]!;
    const more = this.total > 1 ? ` (and ${this.total - 1} more)` : '';
    return violation(`${first.why}${more}`, indexes(history, first.operations));
  }

  /** The examples as plain data, operations by the file's own event numbers. */
  details(history: History): Readonly<Record<string, unknown>> {
    if (!this.any) return {};
    const examples = this.examples.map(({ kind, why, operations }) => ({
      kind,
      why,
      operations: indexes(history, operations),
    }));
    return { violations: this.counts, examples };
  }
}

/** The event numbers of the operations' invocations, each once, in history order. */
function indexes(history: History, operations: readonly number[]): number[] {
  return [...new Set(operations)].sort((a, b) => a - b).map((op) => history.index(op));
}
