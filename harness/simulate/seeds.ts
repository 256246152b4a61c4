import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { RunRequest } from '../plan.ts';
import type { SeedReport } from './one-run.ts';

export interface SeedsOptions {
  /** All but the seed. */
  readonly request: RunRequest;
  readonly from: number;
  /** Included. */
  readonly to: number;
  /** Threads. */
  readonly jobs: number;
  /** No seed is begun after so many have failed. */
  readonly stopAfter: number;
  readonly signal: AbortSignal;
  readonly onReport: (report: SeedReport) => void;
}

/** A violation, or a cluster that did not serve again. */
export const failed = ({ verdict, recovered }: SeedReport): boolean => verdict === 'violation' || !recovered;

/**
 * Simulates all seeds of a range, each in some thread. Resolves to what was found, by seed; after an interrupt or enough
 * failures to what had been begun and came to its end.
 *
 * @throws what a simulation throws; all threads have ended then.
 */
export async function simulateSeeds(options: SeedsOptions): Promise<SeedReport[]> {
  const { request, from, to, jobs, stopAfter, signal, onReport } = options;
  const reports: SeedReport[] = [];
  let next = from;
  let failures = 0;
  const threads = Array.from(
    { length: Math.min(jobs, to - from + 1) },
    () => new Worker(new URL('./seeds-thread.ts', import.meta.url), { workerData: request }),
  );
  const worked = threads.map(
    (thread) =>
      new Promise<void>((resolve, reject) => {
        const go = (): void => {
          if (next > to || failures >= stopAfter || signal.aborted) resolve();
          else thread.postMessage(next++);
        };
        signal.addEventListener('abort', () => resolve(), { once: true });
        thread.on('error', reject);
        thread.on('message', (report: SeedReport) => {
          reports.push(report);
          if (failed(report)) failures++;
          onReport(report);
          go();
        });
        go();
      }),
  );
  try {
    await Promise.all(worked);
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return reports.sort((a, b) => a.seed - b.seed);
}

/** One hash over all histories, in order of their seeds. */
export function digestOf(reports: readonly SeedReport[]): string {
  const digest = createHash('sha256');
  for (const { seed, hash } of reports) digest.update(`${seed} ${hash}\n`);
  return digest.digest('hex');
}
