import { Worker } from 'node:worker_threads';

/** To the thread that follows: which history, and the workload that says how to judge it. */
export interface WatchOrder {
  readonly path: string;
  readonly workload: string;
}

/** From it, once: a violation, or why it follows no further. */
export type WatchReport = { readonly kind: 'violation' | 'lost'; readonly why: string };

export interface ViolationWatch {
  /** Aborted when the history shows a violation; the reason is one sentence. */
  readonly seen: AbortSignal;
  /** Ends the thread. */
  end(): Promise<void>;
}

/**
 * Follows the history of a run in a thread of its own, so that the event loop which orders that history is left alone.
 * `onLost` is told if the following ends without a verdict; the run is then judged at its end, as always.
 */
export function watchForViolation(order: WatchOrder, onLost: (why: string) => void): ViolationWatch {
  const seen = new AbortController();
  const thread = new Worker(new URL('./violation-watch-thread.ts', import.meta.url), { workerData: order });
  thread.unref();
  thread.on('message', ({ kind, why }: WatchReport) => {
    if (kind === 'violation') seen.abort(why);
    else onLost(why);
  });
  thread.on('error', (error) => onLost(String(error)));
  return {
    seen: seen.signal,
    async end() {
      await thread.terminate();
    },
  };
}
