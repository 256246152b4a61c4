/**
 * When each fault of a nemesis acts: a pure plan. It begins with a stretch free of faults and ends healed.
 *
 * Then comes an overture: every fault once, alone, and gentle (it leaves the leader and a majority at work), so that a
 * run always shows operations while each fault was active. After it every fault keeps a rhythm of its own (rest, inject,
 * hold, heal), drawn from the seed by its name, and they overlap in every way. However short the time, every fault acts
 * at least twice (a rigid one at least once, if it fits at all).
 */
import type { Chance, Fault } from './fault.ts';
import { between, shuffled, stream } from './random.ts';

/** One injection: begins at `atMs`, counted from the begin of the load, and is healed from `atMs + forMs` on. */
export interface Turn {
  readonly fault: string;
  readonly atMs: number;
  readonly forMs: number;
  /** Leaves the leader and a majority at work. */
  readonly gentle: boolean;
}

export type Paced = Pick<Fault, 'name' | 'rhythm'>;

/** Free of faults at either end, as a share of the time limit and at most. */
const quietShare = 0.08;
const quietMsMost = 1000;
/** How much shorter than its rhythm says a rest may become when time is short. */
const gapMsLeast = 50;
/** A turn of the overture: long enough to be measured and then met by operations. */
const overtureHoldMs = 1600;
const overtureGapMs = 300;
/** So much of the time at most goes to the overture. */
const overtureShare = 0.65;

interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function schedule(faults: readonly Paced[], timeLimitMs: number, seed: number): Turn[] {
  const quietMs = Math.min(quietMsMost, quietShare * timeLimitMs);
  const whole = { fromMs: quietMs, untilMs: timeLimitMs - quietMs };
  const first = overture(shuffled(stream(seed, 'overture'), faults), whole);
  const fromMs = first.reduce((end, { atMs, forMs }) => Math.max(end, atMs + forMs), quietMs);
  const free = faults.flatMap((fault) => turns(fault, { ...whole, fromMs }, stream(seed, `rhythm of ${fault.name}`)));
  return [...first, ...free].sort((a, b) => a.atMs - b.atMs);
}

/** One after another, scaled to their share of the time; a rigid fault is never held for less than it says. */
function overture(faults: readonly Paced[], { fromMs, untilMs }: Window): Turn[] {
  const shareMs = overtureShare * (untilMs - fromMs);
  const rigid = faults.filter(({ rhythm }) => rhythm.rigid);
  const rigidMs = rigid.reduce((sum, { rhythm }) => sum + rhythm.holdMs[0] + gapMsLeast, 0);
  // Rigid faults that leave the others no room are left to the free part.
  const fitting = rigidMs <= shareMs / 2 ? faults : faults.filter(({ rhythm }) => !rhythm.rigid);
  const flexibleMs = shareMs - (fitting === faults ? rigidMs : 0);
  const flexible = fitting.filter(({ rhythm }) => !rhythm.rigid).length;
  const scale = Math.min(1, flexibleMs / Math.max(1, flexible * (overtureHoldMs + overtureGapMs)));
  let atMs = fromMs;
  return fitting.map(({ name, rhythm }): Turn => {
    atMs += rhythm.rigid ? gapMsLeast : overtureGapMs * scale;
    const forMs = rhythm.rigid ? rhythm.holdMs[0] : overtureHoldMs * scale;
    const turn = { fault: name, atMs, forMs, gentle: true };
    atMs += forMs;
    return turn;
  });
}

function turns(fault: Paced, { fromMs, untilMs }: Window, random: Chance): Turn[] {
  const { holdMs, gapMs } = squeezed(fault.rhythm, untilMs - fromMs);
  const result: Turn[] = [];
  for (let atMs = fromMs; ; ) {
    const beginMs = atMs + between(random, gapMs[0], gapMs[1]);
    const endMs = beginMs + between(random, holdMs[0], holdMs[1]);
    if (endMs > untilMs) return result;
    result.push({ fault: fault.name, atMs: beginMs, forMs: endMs - beginMs, gentle: false });
    atMs = endMs;
  }
}

/** The rhythm, its ranges narrowed and if need be scaled, so that a turn fits into the time whatever is drawn. */
function squeezed(rhythm: Fault['rhythm'], timeMs: number): Pick<Fault['rhythm'], 'holdMs' | 'gapMs'> {
  const { holdMs, gapMs } = rhythm;
  // A little less, so that the sum of rest and hold cannot exceed the whole by a rounding error.
  const eachMs = 0.998 * timeMs;
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
