/** What a check may use up. */
export interface LimitOptions {
  /** Milliseconds on `now`. */
  readonly timeLimitMs?: number;
  /** Bytes of tables and states; with `memoryUsed`, also the most that it may tell. */
  readonly memoryLimitBytes?: number;
  /** A clock that never goes back, in milliseconds. Without one there is no limit on time, and `ms` is not told. */
  readonly now?: () => number;
  /** Bytes that the whole process uses at present (its resident set), for a limit that counts everything. */
  readonly memoryUsed?: () => number;
  /** A limit on the steps of search and model, for whoever needs the same answer on every machine. */
  readonly stepLimit?: number;
  /** Asked every few milliseconds; true ends the check, undecided. */
  readonly cancelled?: () => boolean;
}

/** Thrown inside a procedure when a limit is reached; `why` is for people. */
export class LimitReached extends Error {
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

/** The limits of one check, counted from its start. */
export class Limits {
  readonly memoryBytes: number;
  private readonly options: LimitOptions;
  private readonly deadline: number;
  private steps: number;

  constructor(options: LimitOptions) {
    this.options = options;
    this.memoryBytes = options.memoryLimitBytes ?? Number.POSITIVE_INFINITY;
    this.deadline = (options.now?.() ?? 0) + (options.timeLimitMs ?? Number.POSITIVE_INFINITY);
    this.steps = options.stepLimit ?? Number.POSITIVE_INFINITY;
  }

  spend(steps: number): void {
    this.steps -= steps;
  }

  /** Which limit has been reached, if any. */
  exceeded(): string | undefined {
    const { now, cancelled, memoryUsed } = this.options;
    if (this.steps <= 0) return 'out of steps';
    if (now !== undefined && now() >= this.deadline) return 'out of time';
    if (cancelled?.()) return 'cancelled';
    if (memoryUsed !== undefined && memoryUsed() > this.memoryBytes) return 'out of memory';
    return undefined;
  }

  /** @throws LimitReached */
  readonly checkpoint = (): void => {
    const why = this.exceeded();
    if (why !== undefined) throw new LimitReached(why);
  };
}
