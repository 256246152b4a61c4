import { ABSENT, type History } from './history/history.ts';
import {
  type Begun,
  begin,
  conclude,
  type LinearizabilityOptions,
  type LinearizabilityResult,
  refusedResult,
} from './linearizability/linearizability.ts';
import { decideAll, leftAlone } from './linearizability/turns.ts';
import { type AnyModel, type Recorded, type Refusal, refused } from './models/model.ts';
import { models } from './models/models.ts';
import { Ended } from './parallel/guard.ts';
import { Helpers } from './parallel/helpers.ts';
import { type ModelSource, sourceOf } from './parallel/model-source.ts';
import { Pace } from './parallel/pace.ts';
import { heapFull, monotonicMs, residentBytes, spareCores } from './parallel/runtime.ts';
import { distrusted, ModelFailure } from './user-model/distrusted.ts';
import { brokenLaw } from './user-model/laws.ts';

export interface CheckOptions extends Omit<LinearizabilityOptions, 'now' | 'memoryUsed' | 'heapFull'> {
  /** Milliseconds, from the call on. At the limit the answer is `undecided`, a few milliseconds later. */
  readonly timeLimitMs?: number;
  /** Bytes that the process may use in all (its resident set), whatever else is in it. */
  readonly memoryLimitBytes?: number;
  /**
   * Aborting it ends the check within 100 ms (see `check` for long histories): what is not decided by then is
   * undecided; a violation that is being explained stays one, and is explained in brief.
   */
  readonly signal?: AbortSignal;
  /** Threads that may help with several hard keys; by default one for each core but this thread's. 0: none. */
  readonly workers?: number;
  /** Milliseconds of work after which they are called, if two keys are still open; by default 1000. */
  readonly helpAfterMs?: number;
  /** The module whose default or only export the model is, if it did not come with faultline: for the other threads. */
  readonly modelUrl?: string;
  /** Ctrl-C ends the check, undecided, wherever it is, and calls this instead of the process's handlers of SIGINT. */
  readonly onSigint?: () => void;
}

export interface CheckResult extends LinearizabilityResult {
  readonly stats: LinearizabilityResult['stats'] & {
    readonly ms: number;
    /** Keys that were decided. */
    readonly keysDecided: number;
    /** Threads that helped. */
    readonly workers: number;
  };
}

/**
 * Threads begin anew with what they are given, and take a quarter of a second to be there: a check that has taken this
 * long loses little if it turns out to have been nearly done.
 */
const helpAfterMsDefault = 1000;

/** A history as long as this is checked under guard from the start. */
const shortHistory = 10_000;

/**
 * Decides whether a history is linearizable, as `checkLinearizability` does, without blocking the event loop and
 * within hard limits: see there for the question, the exactness and the cost.
 *
 * The work is done in the caller's thread, in stretches of 25 ms, because a history is large and most are decided sooner than
 * they could be copied to another thread. Only when at least two keys are still open after a second of work, and another
 * thread can load the model, do workers take some of the keys; they are gone when the promise resolves.
 *
 * Deciding and explaining work in steps of a few milliseconds, except for what goes over all operations of one key at
 * once: splitting the history, a linear-time procedure, preparing a search. That takes 0.2 to 1.5 s for a
 * million operations, so that with more than some fifty thousand on one key the event loop may wait, and a signal go
 * unnoticed, for longer than 100 ms.
 *
 * The memory limit counts the whole process. Tables of the search are not begun where they would not fit; the process
 * stays within a tenth of the limit. What does not come back at the deadline, such as the step of somebody's model, is
 * ended 200 ms later.
 *
 * Never rejects for what a model or a history does: the verdict is then `undecided` and says why.
 */
export async function check(model: AnyModel, history: History, options: CheckOptions = {}): Promise<CheckResult> {
  const startedMs = monotonicMs();
  const deadlineMs = startedMs + (options.timeLimitMs ?? Number.POSITIVE_INFINITY);
  const known = models.get(model.name) === model;
  const trusted = known && history.length <= shortHistory;
  const pace = new Pace({ deadlineMs, onSigint: options.onSigint, trusted });
  try {
    const begun = pace.once(() => beginning(known ? model : distrusted(model), known, history, options));
    if ('why' in begun) return withCounts(refusedResult(begun), startedMs, 0);
    return await decide(begun, pace, { model, options, startedMs, deadlineMs });
  } catch (error) {
    if (!(error instanceof ModelFailure || error instanceof Ended)) throw error;
    return withCounts(refusedResult(refused(inWords(error, history))), startedMs, 0);
  }
}

/** Somebody's own model is first tried on the operations of the history. */
function beginning(model: AnyModel, known: boolean, history: History, options: CheckOptions): Begun | Refusal {
  const begun = begin(model, history, withGauges(options));
  const broken = known || 'why' in begun ? undefined : brokenLaw(model, history, options.failedCas ?? 'ignore');
  return broken === undefined ? begun : refused(broken);
}

interface Call {
  readonly model: AnyModel;
  readonly options: CheckOptions;
  readonly startedMs: number;
  readonly deadlineMs: number;
}

async function decide(begun: Begun, pace: Pace, call: Call): Promise<CheckResult> {
  const help = new Help(begun, call);
  let explained = begun.options.explain;
  try {
    const refusal = await decideParts(begun, pace, help);
    if (refusal !== undefined) return withCounts(refusedResult(refusal), call.startedMs, 0);
  } catch (error) {
    if (!(error instanceof Ended || error instanceof ModelFailure)) throw error;
    const why = inWords(error, begun.history);
    await help.dismiss(why);
    for (const attempt of begun.attempts) attempt.abandon(why);
    explained = 0;
  } finally {
    await help.dismiss('cancelled');
  }
  const result = await explain(begun, pace, explained);
  return withCounts(result, call.startedMs, help.threads);
}

/** Decides all parts, with help if that pays; the refusal if the model cannot judge some operation. */
async function decideParts(begun: Begun, pace: Pace, help: Help): Promise<Refusal | undefined> {
  const work = decideAll(begun.attempts, begun.shared);
  for (;;) {
    const step = pace.stretch(work);
    if (step.done === true) {
      if (step.value === undefined) await help.settle();
      return step.value;
    }
    await pace.breathe();
    help.consider();
  }
}

/** The help of other threads, called for when it pays. */
class Help {
  private readonly begun: Begun;
  private readonly call: Call;
  private readonly workers: number;
  private readonly source: ModelSource | undefined;
  private helpers: Helpers | undefined;

  constructor(begun: Begun, call: Call) {
    this.begun = begun;
    this.call = call;
    this.workers = call.options.workers ?? spareCores();
    this.source = sourceOf(call.model, call.options.modelUrl);
  }

  /** How many threads helped. */
  get threads(): number {
    return this.helpers?.count ?? 0;
  }

  /** To be asked between two stretches. */
  consider(): void {
    const { attempts, shared } = this.begun;
    const { startedMs, deadlineMs, options } = this.call;
    if (this.helpers !== undefined || this.source === undefined || this.workers < 1 || !shared.searching) return;
    const late = monotonicMs() - startedMs >= (options.helpAfterMs ?? helpAfterMsDefault);
    if (!late || attempts.filter(({ open }) => open).length < 2) return;
    this.helpers = new Helpers(this.begun, {
      model: this.source,
      workers: this.workers,
      memoryLimitBytes: options.memoryLimitBytes ?? Number.POSITIVE_INFINITY,
      msLeft: deadlineMs - monotonicMs(),
    });
  }

  /** To be called when this thread has nothing left to do. */
  async settle(): Promise<void> {
    const { attempts, shared } = this.begun;
    if (attempts.some(({ outcome }) => outcome?.kind === 'illegal')) this.helpers?.stop(leftAlone);
    await this.helpers?.settle(() => shared.limits.exceeded());
  }

  async dismiss(why: string): Promise<void> {
    await this.helpers?.dismiss(why);
  }
}

/** The result. If even its explanation fails, what is known without one. */
async function explain(begun: Begun, pace: Pace, explained: number | undefined): Promise<LinearizabilityResult> {
  const attempts = explained === 0 ? [0] : [explained, 0];
  let failure = '';
  for (const count of attempts) {
    const options = count === undefined ? begun.options : { ...begun.options, explain: count };
    try {
      return await pace.finish(conclude({ ...begun, options }));
    } catch (error) {
      if (!(error instanceof Ended || error instanceof ModelFailure)) throw error;
      failure = inWords(error, begun.history);
    }
  }
  return refusedResult(refused(failure));
}

function withGauges({ signal, cancelled, ...options }: CheckOptions): LinearizabilityOptions {
  const { memoryLimitBytes } = options;
  return {
    ...options,
    now: monotonicMs,
    heapFull,
    cancelled: () => signal?.aborted === true || cancelled?.() === true,
    ...(memoryLimitBytes === undefined ? {} : { memoryUsed: residentBytes(memoryLimitBytes) }),
  };
}

function withCounts(result: LinearizabilityResult, startedMs: number, workers: number): CheckResult {
  const keysDecided = result.perKey.filter(({ kind }) => kind !== 'undecided').length;
  return { ...result, stats: { ...result.stats, ms: monotonicMs() - startedMs, keysDecided, workers } };
}

function inWords(error: Ended | ModelFailure, history: History): string {
  if (error instanceof Ended) return error.why;
  const { recorded } = error;
  const op = recorded === undefined ? -1 : indexOf(recorded, history);
  return op < 0 ? error.message : `${error.message} (index ${history.index(op)})`;
}

/** The first operation that reads like this one. */
function indexOf({ f, input, outcome }: Recorded, history: History): number {
  const name = history.names.find(f);
  const value = input === undefined ? ABSENT : history.values.find(input);
  for (let op = 0; op < history.length; op++) {
    if (history.f[op] === name && history.input[op] === value && history.operation(op).outcome === outcome) return op;
  }
  return -1;
}
