/**
 * The harness's own time. A run takes it from its environment: real time on `local`, virtual time in a simulation, so
 * that a simulated run is the same program as a real one (DESIGN 5.2).
 */
export interface Time {
  /** Nanoseconds since the run began, monotonic. */
  nowNs(): number;
  /** Runs once, `delayMs` from now (late is possible, early is not). */
  after(delayMs: number, run: () => void): { cancel(): void };
}

/** Resolves after `delayMs`, or at once when the signal is aborted; never rejects. */
export function sleep(time: Time, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = time.after(delayMs, done);
    function done(): void {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}

export const nsPerMs = 1_000_000;
export const nsPerSecond = 1_000_000_000;
