import module from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Attempt } from '../linearizability/attempt.ts';
import type { Begun } from '../linearizability/linearizability.ts';
import { leftAlone } from '../linearizability/turns.ts';
import type { Answer, Hand, PlainOutcome } from './hand.ts';
import type { ModelSource } from './model-source.ts';
import { pack, transferable } from './packed.ts';
import { wallMs } from './runtime.ts';

/** Code, heap and stack of one more thread, in bytes: measured, and not available for tables. */
const bytesPerThread = 40 * 2 ** 20;

export interface HelpOptions {
  readonly model: ModelSource;
  readonly workers: number;
  readonly memoryLimitBytes: number;
  readonly msLeft: number;
}

/**
 * Worker threads that take over some of the parts that are still open: dealt like cards, smallest first, one hand for
 * each thread and one for the caller's own. Each thread takes turns between the parts of its hand, so that here too
 * one hard part hides no violation of another; a violation anywhere ends the search everywhere.
 */
export class Helpers {
  readonly count: number;
  private readonly players: readonly Player[];

  constructor({ attempts, shared, options }: Begun, help: HelpOptions) {
    const open = attempts.filter((attempt) => attempt.open).sort((a, b) => a.length - b.length);
    this.count = Math.min(help.workers, open.length - 1);
    const threads = this.count + 1;
    const own = open.filter((_, at) => at % threads === 0).reduce((sum, { bytes }) => sum + bytes, 0);
    const share = Math.max(0, shared.limits.memoryBytes - own - this.count * bytesPerThread) / threads;
    shared.limits.keepTo(own + share);
    const { failedCas, initial, searchOnly } = options;
    const hand: Omit<Hand, 'history' | 'stop'> = {
      model: help.model,
      options: {
        ...(failedCas === undefined ? {} : { failedCas }),
        ...(initial === undefined ? {} : { initial }),
        ...(searchOnly === undefined ? {} : { searchOnly }),
      },
      endsAtMs: wallMs() + help.msLeft,
      memoryLimitBytes: help.memoryLimitBytes,
      tableBytes: share,
      compileCache: module.getCompileCacheDir(),
    };
    const stopOthers = () => this.stop(leftAlone);
    this.players = Array.from({ length: this.count }, (_, player) => {
      const dealt = open.filter((_, at) => at % threads === player + 1);
      return new Player(dealt, hand, stopOthers);
    });
  }

  /** Asks all threads to stop: what they have not decided is undecided, and why. They do within a few milliseconds. */
  stop(why: string): void {
    for (const player of this.players) player.stop(why);
  }

  /**
   * Waits until every part that was dealt is settled. The threads keep to the limits by themselves; `exceeded` is asked
   * for the sake of those that do not, and of a cancelled check.
   */
  async settle(exceeded: () => string | undefined): Promise<void> {
    let settled = false;
    const all = Promise.all(this.players.map(({ decided }) => decided)).then(() => {
      settled = true;
    });
    let stopped = 0;
    while (!settled && stopped < stoppedRoundsMax) {
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, askEveryMs))]);
      const why = stopped > 0 ? undefined : exceeded();
      if (why !== undefined) this.stop(why);
      if (stopped > 0 || why !== undefined) stopped++;
    }
  }

  /** Ends all threads, answers or not. */
  async dismiss(why: string): Promise<void> {
    await Promise.all(this.players.map((player) => player.dismiss(why)));
  }
}

const askEveryMs = 10;

/** A thread that was asked to stop has this many rounds to answer. */
const stoppedRoundsMax = 3;

/** One worker thread and the parts that it was dealt. */
class Player {
  /** When all its parts are settled. */
  readonly decided: Promise<void>;
  private readonly ended: Promise<void>;
  private onDecided = (): void => undefined;
  private readonly dealt: readonly Attempt[];
  private readonly stopping = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;
  private why = 'its thread ended before it was decided';

  constructor(dealt: readonly Attempt[], common: Omit<Hand, 'history' | 'stop'>, onViolation: () => void) {
    this.dealt = dealt.toSorted((a, b) => a.question.part.ops[0]! - b.question.part.ops[0]!);
    for (const attempt of dealt) attempt.giveAway();
    const history = pack(
      dealt[0]!.question.history,
      dealt.map(({ question }) => question.part),
    );
    this.worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData: { ...common, history, stop: this.stopping } satisfies Hand,
      transferList: transferable(history),
    });
    this.worker.on('message', (answer: Answer) => {
      this.take(answer);
      if (answer.outcome.kind === 'illegal') onViolation();
    });
    this.decided = new Promise((resolve) => {
      this.onDecided = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.worker.once('error', (error) => this.giveUp(reasonOf(error)));
      this.worker.once('exit', () => {
        this.giveUp(this.why);
        resolve();
      });
    });
  }

  stop(why: string): void {
    if (Atomics.compareExchange(this.stopping, 0, 0, 1) === 0) this.why = why;
  }

  async dismiss(why: string): Promise<void> {
    this.stop(why);
    await this.worker.terminate();
    await this.ended;
  }

  private take({ part, configurations, outcome }: Answer): void {
    const attempt = this.dealt[part]!;
    if (attempt.outcome === undefined) attempt.settle(this.outcomeOf(outcome), configurations);
    if (this.dealt.every((other) => other.outcome !== undefined)) this.onDecided();
  }

  private outcomeOf(outcome: PlainOutcome): Parameters<Attempt['settle']>[0] {
    if (outcome.kind === 'linearizable') return { ...outcome, order: () => outcome.order };
    if (outcome.kind === 'undecided' && outcome.why === 'cancelled') return { ...outcome, why: this.why };
    return outcome;
  }

  private giveUp(why: string): void {
    for (const attempt of this.dealt) {
      if (attempt.outcome === undefined)
        attempt.settle({ kind: 'undecided', why, procedure: 'search', explained: 0 }, 0);
    }
    this.onDecided();
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : `its thread failed: ${error.message}`;
}
