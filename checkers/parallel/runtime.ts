/** What a check takes from the process that it runs in: a clock, gauges of memory, spare cores. */
import { availableParallelism } from 'node:os';
import v8 from 'node:v8';
import vm from 'node:vm';

/** Milliseconds, monotonic. */
export const monotonicMs = (): number => performance.now();

/** Milliseconds on a clock that all threads read alike; theirs begin at 0 each. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

/** Threads that can run beside the caller's without slowing it down. */
export const spareCores = (): number => availableParallelism() - 1;

/** So much of the engine's heap is left alone: a collection that finds no room ends the process. */
const heapReserveShare = 0.15;
const heapReserveBytesMax = 256 * 2 ** 20;

/** Whether this thread's heap is nearly as large as the engine lets it become. About 2 µs. */
export function heapFull(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = v8.getHeapStatistics();
  return used > limit - Math.min(heapReserveShare * limit, heapReserveBytesMax);
}

/** A collection of garbage takes up to a second; no two follow within this time. */
const collectEveryMs = 500;

/**
 * A gauge of the process's resident set in bytes, about 10 µs. Over the limit, garbage is collected before it tells:
 * tables that were given up are garbage, and the engine is in no hurry to return them.
 */
export function residentBytes(limitBytes: number): (collectFirst?: boolean) => number {
  let collectedAtMs = Number.NEGATIVE_INFINITY;
  return (collectFirst = false) => {
    const resident = process.memoryUsage.rss();
    if (resident <= limitBytes && !collectFirst) return resident;
    if (monotonicMs() - collectedAtMs < collectEveryMs) return resident;
    collectGarbage();
    collectedAtMs = monotonicMs();
    return process.memoryUsage.rss();
  };
}

/** Also returns the pages of the engine's heap that are empty afterwards, which an ordinary collection keeps. */
function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as (how: { readonly type: string; readonly flavor: string }) => void;
  collect({ type: 'major', flavor: 'last-resort' });
}
