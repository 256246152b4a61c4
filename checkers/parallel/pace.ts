import type { InSteps } from '../linearizability/turns.ts';
import { guarded } from './guard.ts';
import { monotonicMs } from './runtime.ts';

/** The event loop waits for so long at most while work in small steps goes on. */
const stretchMs = 25;

/** Limits end work between two steps, to the millisecond. What does not come back by then has so much longer. */
const graceMs = 200;

/** How to go on with work while the rest of the program stays awake. */
export interface PaceOptions {
  /** On `monotonicMs`; `Infinity` for none. */
  readonly deadlineMs: number;
  /** See `GuardOptions`. */
  readonly onSigint: (() => void) | undefined;
  /** The first stretch is sure to end soon: then it is not guarded, which saves a fraction of a millisecond. */
  readonly trusted: boolean;
}

/** Runs work in small steps, a stretch at a time. */
export class Pace {
  private readonly options: PaceOptions;
  private readonly startedMs = monotonicMs();

  constructor(options: PaceOptions) {
    this.options = options;
  }

  /**
   * The next stretch of a work, or its result.
   *
   * @throws Ended when a step did not come back long after the deadline, or at Ctrl-C
   */
  stretch<Result>(work: InSteps<Result>): IteratorResult<void, Result> {
    return this.once(() => {
      const until = monotonicMs() + stretchMs;
      for (;;) {
        const step = work.next();
        if (step.done === true || monotonicMs() >= until) return step;
      }
    });
  }

  /**
   * Does some work in one piece.
   *
   * @throws Ended see `stretch`
   */
  once<Result>(work: () => Result): Result {
    const { deadlineMs, onSigint, trusted } = this.options;
    if (trusted && monotonicMs() - this.startedMs < stretchMs) return work();
    return guarded(work, { timeoutMs: Math.max(0, deadlineMs - monotonicMs()) + graceMs, onSigint });
  }

  /** Lets timers, signals and messages have their turn. */
  breathe(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  /** Does all of the work. */
  async finish<Result>(work: InSteps<Result>): Promise<Result> {
    for (;;) {
      const step = this.stretch(work);
      if (step.done === true) return step.value;
      await this.breathe();
    }
  }
}
