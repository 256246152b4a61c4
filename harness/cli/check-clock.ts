import { LimitReached } from '../../checkers/linearizability/limits.ts';
import { Ended, guarded } from '../../checkers/parallel/guard.ts';
import { heapFull, monotonicMs, residentBytes } from '../../checkers/parallel/runtime.ts';
import { ModelFailure } from '../../checkers/user-model/distrusted.ts';

/** What the check of one file may use up: of time for this file, reading included, and of memory for the process. */
export interface FileLimits {
  readonly timeMs: number;
  /** When the time began, on `monotonicMs`. */
  readonly sinceMs: number;
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
  /** Called at Ctrl-C while something is computed; `signal` says so otherwise. */
  readonly onSigint: () => void;
}

/** The limits of one file, as they are used up. */
export class Clock {
  readonly limits: FileLimits;
  private readonly deadlineMs: number;
  private readonly resident: () => number;

  constructor(limits: FileLimits) {
    this.limits = limits;
    this.deadlineMs = limits.sinceMs + limits.timeMs;
    this.resident = residentBytes(limits.memoryBytes);
  }

  get msLeft(): number {
    return Math.max(0, this.deadlineMs - monotonicMs());
  }

  /** @throws LimitReached */
  readonly checkpoint = (): void => {
    if (monotonicMs() >= this.deadlineMs) throw new LimitReached('out of time');
    if (this.limits.signal.aborted) throw new LimitReached('cancelled');
    if (this.resident() > this.limits.memoryBytes) throw new LimitReached('out of memory');
    if (heapFull()) throw new LimitReached("out of memory: the engine's own heap is full");
  };

  /** The result of some work, or which limit ended it. */
  within<Result>(work: () => Result, guard: 'guarded' | 'sure to end' = 'guarded'): Within<Result> {
    const { onSigint } = this.limits;
    const unbounded = { timeoutMs: Number.POSITIVE_INFINITY };
    try {
      const options = guard === 'guarded' ? { timeoutMs: this.msLeft + graceMs, onSigint } : unbounded;
      return { done: true, result: guarded(work, options) };
    } catch (error) {
      if (error instanceof Ended || error instanceof LimitReached) return { done: false, why: error.why };
      if (error instanceof ModelFailure) return { done: false, why: error.message };
      throw error;
    }
  }
}

/** What came of some work, or why it was ended. */
export type Within<Result> =
  | { readonly done: true; readonly result: Result }
  | { readonly done: false; readonly why: string };

/** Work keeps to limits by itself; what does not is ended so much later. */
const graceMs = 200;
