/** What the harness takes from the machine it runs on: a fresh seed, the time of day, its own version. */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { UsageError } from './failures.ts';

const root = join(import.meta.dirname, '..');

/** A seed that a person can type. */
export const freshSeed = (): number => randomInt(1, 1_000_000_000);

export const now = (): Date => new Date();

/** Milliseconds, monotonic; for budgets of checkers. */
export const monotonicMs = (): number => performance.now();

export interface Version {
  readonly version: string;
  readonly commit?: string;
}

export function faultlineVersion(): Version {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  try {
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { version, commit: commit.toString().trim() };
  } catch {
    return { version };
  }
}

/** @throws UsageError when nothing can be stored there. */
export function requireWritable(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(`--store: cannot write to '${directory}': ${(error as Error).message}`);
  }
}

/** How late this process's event loop runs, from now on: it orders the history (SYSTEMS 15.5). */
export function watchLoopLag(): () => { p50Ms: number; p99Ms: number; maxMs: number } {
  const resolutionMs = 10;
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // The histogram holds intervals between ticks: what exceeds the resolution is lag.
  const lagMs = (ns: number): number => Math.max(0, Math.round(ns / 1e4 - resolutionMs * 100) / 100);
  return () => ({
    p50Ms: lagMs(histogram.percentile(50)),
    p99Ms: lagMs(histogram.percentile(99)),
    maxMs: lagMs(histogram.max),
  });
}
