/** What a check may use up. */
export interface LimitOptions {
  /** Milliseconds on `now`. */
  readonly timeLimitMs?: number;
  /**
   * Bytes. With `memoryUsed`: the most that it may tell, all of the process included. Without: the most that tables and
   * states of searches may take together.
   */
  readonly memoryLimitBytes?: number;
  /** A clock that never goes back, in milliseconds. Without one there is no limit on time, and `ms` is not told. */
  readonly now?: () => number;
  /**
   * Bytes that the whole process uses at present (its resident set). May cost some microseconds; and a long time when
   * asked to collect garbage first.
   */
  readonly memoryUsed?: (collectFirst?: boolean) => number;
  /** Whether the engine's own heap is nearly as large as the engine lets it become. May cost some microseconds. */
  readonly heapFull?: () => boolean;
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

/** The gauges of memory are read again after so long; without a clock, at every so many-th question. */
const gaugeEveryMs = 2;
const gaugeEveryQuestions = 16;

/** Kept free of tables, as a share of the limit and at most: garbage, the nursery, what nobody counts. */
const slackShare = 0.08;
const slackBytesMax = 64 * 2 ** 20;

/** Less than this is taken without asking. */
const askedAboutMin = 2 ** 20;
const tolerance = 1.05;

/** If less than this share of the limit is left for tables, then garbage of what was before is worth collecting. */
const tightShare = 0.25;

/** The limits of one check, counted from its start. */
export class Limits {
  /** Bytes that tables and states of searches may take together. */
  memoryBytes: number;
  private readonly options: LimitOptions;
  private readonly limitBytes: number;
  private readonly deadline: number;
  private readonly heldAtStart: number;
  private steps: number;
  private shareBytes = Number.POSITIVE_INFINITY;
  private gaugeAt = Number.NEGATIVE_INFINITY;
  private questions = 0;

  constructor(options: LimitOptions) {
    this.options = options;
    this.limitBytes = options.memoryLimitBytes ?? Number.POSITIVE_INFINITY;
    this.heldAtStart = options.memoryUsed?.() ?? 0;
    this.memoryBytes = this.limitBytes - this.heldAtStart;
    this.deadline = (this.now?.() ?? 0) + (options.timeLimitMs ?? Number.POSITIVE_INFINITY);
    this.steps = options.stepLimit ?? Number.POSITIVE_INFINITY;
  }

  /** To be called when the first table is about to be made: tables may take what the process does not hold by now. */
  beginSearch(): void {
    const { memoryUsed } = this.options;
    if (memoryUsed === undefined) return;
    const slack = Math.min(slackShare * this.limitBytes, slackBytesMax);
    let room = this.limitBytes - slack - memoryUsed();
    if (room < tightShare * this.limitBytes) room = this.limitBytes - slack - memoryUsed(true);
    this.memoryBytes = Math.max(0, Math.min(this.shareBytes, room));
  }

  /** From now on, tables may take no more than so many bytes: the rest is for other threads. */
  keepTo(shareBytes: number): void {
    this.shareBytes = shareBytes;
    this.memoryBytes = Math.min(this.memoryBytes, shareBytes);
  }

  /**
   * Which limit the next so many bytes would exceed, in words: to be asked before taking them at once. An estimate may
   * be a little off, so that a twentieth beyond the limit is granted.
   */
  refuses(bytes: number): string | undefined {
    const { memoryUsed } = this.options;
    if (memoryUsed === undefined || bytes < askedAboutMin) return undefined;
    const free = () => tolerance * this.limitBytes - bytes;
    if (memoryUsed() <= free() || memoryUsed(true) <= free()) return undefined;
    return `out of memory: the next step needs about ${megabytes(bytes)} MB more`;
  }

  /** The clock, if the check has one. */
  get now(): (() => number) | undefined {
    return this.options.now;
  }

  /** Milliseconds until the check has to end; `Infinity` without a clock or without a limit on time. */
  get msLeft(): number {
    return this.deadline - (this.options.now?.() ?? 0);
  }

  spend(steps: number): void {
    this.steps -= steps;
  }

  /** Which limit has been reached, if any, in words. */
  exceeded(): string | undefined {
    const at = this.now?.();
    if (this.steps <= 0) return 'out of steps';
    if (at !== undefined && at >= this.deadline) return 'out of time';
    if (this.options.cancelled?.()) return 'cancelled';
    return this.gaugeIsDue(at) ? this.memoryShort() : undefined;
  }

  /** @throws LimitReached */
  readonly checkpoint = (): void => {
    const why = this.exceeded();
    if (why !== undefined) throw new LimitReached(why);
  };

  private gaugeIsDue(at: number | undefined): boolean {
    if (at === undefined) return this.questions++ % gaugeEveryQuestions === 0;
    if (at < this.gaugeAt) return false;
    this.gaugeAt = at + gaugeEveryMs;
    return true;
  }

  private memoryShort(): string | undefined {
    const { memoryUsed, heapFull } = this.options;
    if (this.heldAtStart > this.limitBytes) {
      return `out of memory: ${megabytes(this.heldAtStart)} MB were in use before the check began, history included`;
    }
    if (memoryUsed !== undefined && memoryUsed() > this.limitBytes) return 'out of memory';
    return heapFull?.() ? "out of memory: the engine's own heap is full" : undefined;
  }
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
