/** A worker thread's side: decides the parts that it was dealt. Loaded by `thread.js`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Outcome } from '../linearizability/attempt.ts';
import { begin, type LinearizabilityOptions } from '../linearizability/linearizability.ts';
import { decideAll } from '../linearizability/turns.ts';
import { type ModelSource, modelFrom } from './model-source.ts';
import { type PackedHistory, unpack } from './packed.ts';
import { heapFull, monotonicMs, residentBytes, wallMs } from './runtime.ts';

/** What a worker thread is given. */
export interface Hand {
  readonly model: ModelSource;
  readonly history: PackedHistory;
  readonly options: Pick<LinearizabilityOptions, 'failedCas' | 'initial' | 'searchOnly'>;
  /** When to end, on `wallMs`. */
  readonly endsAtMs: number;
  /** Of the whole process, in bytes. */
  readonly memoryLimitBytes: number;
  /** For this thread's tables, in bytes. */
  readonly tableBytes: number;
  /** Anything but 0: stop. */
  readonly stop: Int32Array<SharedArrayBuffer>;
  /** The directory of compiled code. */
  readonly compileCache: string | undefined;
}

/** What it sends back, once for each part. Parts are numbered in order of their first operation. */
export interface Answer {
  readonly part: number;
  readonly configurations: number;
  readonly outcome: PlainOutcome;
}

/** An outcome without functions. */
export type PlainOutcome =
  | Exclude<Outcome, { kind: 'linearizable' }>
  | { readonly kind: 'linearizable'; readonly procedure: string; readonly order: Int32Array };

const { model, history, options, endsAtMs, memoryLimitBytes, tableBytes, stop } = workerData as Hand;
const begun = begin(await modelFrom(model), unpack(history), {
  ...options,
  timeLimitMs: endsAtMs - wallMs(),
  memoryLimitBytes,
  now: monotonicMs,
  memoryUsed: residentBytes(memoryLimitBytes),
  heapFull,
  cancelled: () => Atomics.load(stop, 0) !== 0,
});
if ('why' in begun) throw new Error(begun.why);
const { attempts, shared } = begun;
shared.limits.keepTo(tableBytes);
let waiting = attempts.map((attempt, part) => ({ attempt, part }));
const work = decideAll(attempts, shared);
for (let step = work.next(); ; step = work.next()) {
  waiting = waiting.filter(({ attempt, part }) => attempt.open || !tell(part));
  if (step.done === true) break;
}

function tell(part: number): true {
  const { outcome, configurations } = attempts[part]!;
  const plain = outcome!.kind === 'linearizable' ? { ...outcome!, order: outcome!.order() } : outcome!;
  parentPort!.postMessage({ part, configurations, outcome: plain } satisfies Answer);
  return true;
}
