import { none, type Operations, ok, outcomes } from './operations.ts';

export interface Window {
  readonly fromNs: number;
  readonly toNs: number;
  /** Equal parts that the window is divided into. */
  readonly buckets: number;
}

/** One value per bucket; `atNs` is the middle of each. */
export interface Rate {
  readonly atNs: Float64Array;
  /** Operations per second that ended so, by the time their client learned it. */
  readonly perSecond: Readonly<Record<(typeof outcomes)[number], Float64Array>>;
}

export interface Latency {
  readonly atNs: Float64Array;
  /** Milliseconds; null where no operation succeeded. Exact quantiles (nearest rank), not estimates. */
  readonly quantiles: readonly { readonly quantile: number; readonly ms: readonly (number | null)[] }[];
}

/** Which rows count; all if absent. */
export type Accept = (row: number) => boolean;

export const quantilesShown = [0.5, 0.95, 0.99, 1] as const;

/** What ended when: an operation that nobody waits for any more counts where its client gave up, or else where it began. */
export function rateOf(operations: Operations, window: Window, accept: Accept = () => true): Rate {
  const { invokedNs, completedNs, outcome } = operations.columns;
  const widthNs = (window.toNs - window.fromNs) / window.buckets;
  const series = outcomes.map(() => new Float64Array(window.buckets));
  for (let row = 0; row < operations.length; row++) {
    if (!accept(row)) continue;
    const at = completedNs[row] === none ? invokedNs[row]! : completedNs[row]!;
    const bucket = bucketOf(at, window, widthNs);
    if (bucket !== none) series[outcome[row]!]![bucket]! += 1e9 / widthNs;
  }
  return { atNs: middles(window, widthNs), perSecond: { ok: series[0]!, failed: series[1]!, unknown: series[2]! } };
}

/** How long successful operations took, by the time they began. */
export function latencyOf(operations: Operations, window: Window, accept: Accept = () => true): Latency {
  const { invokedNs, completedNs, outcome } = operations.columns;
  const widthNs = (window.toNs - window.fromNs) / window.buckets;
  const samples: number[][] = Array.from({ length: window.buckets }, () => []);
  for (let row = 0; row < operations.length; row++) {
    if (outcome[row] !== ok || !accept(row)) continue;
    const bucket = bucketOf(invokedNs[row]!, window, widthNs);
    if (bucket !== none) samples[bucket]!.push((completedNs[row]! - invokedNs[row]!) / 1e6);
  }
  const sorted = samples.map((bucket) => Float64Array.from(bucket).sort());
  return {
    atNs: middles(window, widthNs),
    quantiles: quantilesShown.map((quantile) => ({
      quantile,
      ms: sorted.map((bucket) => bucket[Math.max(0, Math.ceil(quantile * bucket.length) - 1)] ?? null),
    })),
  };
}

function bucketOf(atNs: number, window: Window, widthNs: number): number {
  if (atNs < window.fromNs || atNs > window.toNs) return none;
  return Math.min(window.buckets - 1, Math.floor((atNs - window.fromNs) / widthNs)); // the end belongs to the last
}

const middles = ({ fromNs, buckets }: Window, widthNs: number): Float64Array =>
  Float64Array.from({ length: buckets }, (_, bucket) => fromNs + (bucket + 0.5) * widthNs);
