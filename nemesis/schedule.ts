/**
 * When each fault of a nemesis acts: a pure plan. Every fault keeps a rhythm of its own (rest, inject, hold, heal),
 * drawn from the seed by its name, so that faults overlap in every way and adding one does not move the others.
 *
 * The plan begins with a stretch free of faults and ends healed, and however short the time, every fault acts at
 * least twice (a rigid one at least once, if it fits at all).
 */
import type { Chance, Fault } from './fault.ts';
import { between, stream } from './random.ts';

/** One injection: begins at `atMs`, counted from the begin of the load, and is healed from `atMs + forMs` on. */
export interface Turn {
  readonly fault: string;
  readonly atMs: number;
  readonly forMs: number;
}

export type Paced = Pick<Fault, 'name' | 'rhythm'>;

/** Free of faults at either end, as a share of the time limit and at most. */
const quietShare = 0.08;
const quietMsMost = 1000;
/** How much shorter than its rhythm says a rest may become when time is short. */
const gapMsLeast = 50;

export function schedule(faults: readonly Paced[], timeLimitMs: number, seed: number): Turn[] {
  const quietMs = Math.min(quietMsMost, quietShare * timeLimitMs);
  const window = { fromMs: quietMs, untilMs: timeLimitMs - quietMs };
  return faults
    .flatMap((fault) => turns(fault, window, stream(seed, `rhythm of ${fault.name}`)))
    .sort((a, b) => a.atMs - b.atMs);
}

interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

function turns(fault: Paced, { fromMs, untilMs }: Window, random: Chance): Turn[] {
  const { holdMs, gapMs } = squeezed(fault.rhythm, untilMs - fromMs);
  const result: Turn[] = [];
  for (let atMs = fromMs; ; ) {
    const beginMs = atMs + between(random, gapMs[0], gapMs[1]);
    const endMs = beginMs + between(random, holdMs[0], holdMs[1]);
    if (endMs > untilMs) return result;
    result.push({ fault: fault.name, atMs: beginMs, forMs: endMs - beginMs });
    atMs = endMs;
  }
}

/** The rhythm with its ranges narrowed, and if need be scaled, so that two turns fit into the time whatever is drawn. */
function squeezed(rhythm: Fault['rhythm'], timeMs: number): Pick<Fault['rhythm'], 'holdMs' | 'gapMs'> {
  const { holdMs, gapMs } = rhythm;
  // Less than a half, so that the sum of two turns cannot exceed the whole by a rounding error.
  const eachMs = 0.499 * timeMs;
  const leastMs = holdMs[0] + gapMs[0];
  if (eachMs >= leastMs) {
    const spreadMs = holdMs[1] - holdMs[0] + (gapMs[1] - gapMs[0]);
    const share = spreadMs === 0 ? 0 : Math.min(1, (eachMs - leastMs) / spreadMs);
    return { holdMs: narrowed(holdMs, share), gapMs: narrowed(gapMs, share) };
  }
  if (rhythm.rigid === undefined) {
    const scale = eachMs / leastMs;
    return { holdMs: [holdMs[0] * scale, holdMs[0] * scale], gapMs: [gapMs[0] * scale, gapMs[0] * scale] };
  }
  const restMs = Math.min(gapMs[0], Math.max(gapMsLeast, eachMs - holdMs[0]));
  return { holdMs: [holdMs[0], holdMs[0]], gapMs: [restMs, restMs] };
}

const narrowed = ([low, high]: readonly [number, number], share: number): readonly [number, number] => [
  low,
  low + share * (high - low),
];
