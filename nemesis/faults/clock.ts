/**
 * Wrong clocks: a jump of the wall clock, a drift of both clocks, a wall clock that leaps to and fro (strobe) or keeps
 * stepping back, as under a time daemon that fights another (rewind).
 * Evidence: the clocks are read before and after (SYSTEMS 15.6). A jump must show in the wall offset, a drift in the
 * advance of the monotonic clock over an interval, each by more than the reading is uncertain.
 */
import type { ClockReading, Clocks, Cluster, NodeName } from '../cluster.ts';
import {
  type Chance,
  type Evidence,
  type Fault,
  proven,
  type Sight,
  type Stage,
  unmeasurable,
  unproven,
  usualRhythm,
} from '../fault.ts';
import { between, logBetween } from '../random.ts';
import { askNode, processStateOf } from './ask-node.ts';
import { type Crowd, victims } from './victims.ts';

export const clockChanges = ['jump', 'drift', 'strobe', 'rewind'] as const;
export type ClockChange =
  | { readonly kind: 'jump'; readonly byMs: number }
  | { readonly kind: 'drift'; readonly rate: number }
  | { readonly kind: 'strobe' | 'rewind'; readonly byMs: number; readonly periodMs: number };
export type ClockTarget = { readonly crowd: Crowd; readonly nodes: readonly NodeName[]; readonly change: ClockChange };

/** Claims that assume clocks right to ten per cent must hold under every drift (DESIGN 5.4, SYSTEMS 17). */
const driftMost = 0.08;
/** Less would need seconds to tell from the uncertainty of a reading. */
const driftLeast = 0.03;
/** A drift is measured for so long at least, and for so long at most until the measurement is conclusive. */
const driftIntervalMs = 500;
const driftIntervalMsMost = 2500;
/** The nodes' clocks and ours are read in whole milliseconds in places. */
const grainMs = 2;
/** A wall clock no further off than this after a heal is right. */
const healedWithinMs = 25;

/** Wrong clocks do harm where a lease is held, and leaders change: so all of them twice. */
const deck: readonly Crowd[] = ['one', 'minority', 'majority', 'leader', 'all', 'all'];

export const clock = (only?: ClockChange['kind']): Fault<ClockTarget> => ({
  name: 'clock',
  summary: `wrong clocks: ${clockChanges.join(', ')}`,
  rhythm: usualRhythm,
  possible: (cluster) => cluster.clocks !== undefined || 'the clocks of these nodes cannot be set',

  aim(sight: Sight) {
    const target = victims(sight, sight.running, undefined, deck);
    return target.nodes.length > 0
      ? { ...target, change: drawChange(only ?? sight.deal(clockChanges), sight.random) }
      : undefined;
  },

  inject: (stage: Stage, target) => onEach(target.nodes, (node) => skew(stage, node, target.change)),

  async hold({ cluster, time, signal }: Stage, { nodes, change }) {
    if (change.kind !== 'strobe' && change.kind !== 'rewind') return;
    for (let leap = 1; !signal.aborted; leap++) {
      await time.sleep(change.periodMs, signal);
      if (signal.aborted) return;
      const direction = change.kind === 'strobe' && leap % 2 === 1 ? -1 : 1;
      // A node that another fault took away meanwhile misses this leap; the heal resets whoever is there.
      await Promise.allSettled(nodes.map((node) => clocks(cluster).jump(node, direction * change.byMs)));
    }
  },

  heal: (stage: Stage, target) => onEach(target.nodes, (node) => setRight(stage, node)),
});

function drawChange(kind: ClockChange['kind'], random: Chance): ClockChange {
  const sign = random() < 0.5 ? -1 : 1;
  switch (kind) {
    case 'jump':
      return { kind, byMs: sign * Math.round(logBetween(random, 200, 180_000)) };
    case 'drift':
      return { kind, rate: Math.round((1 + sign * between(random, driftLeast, driftMost)) * 1000) / 1000 };
    case 'strobe':
      return {
        kind,
        byMs: sign * Math.round(logBetween(random, 200, 20_000)),
        periodMs: Math.round(logBetween(random, 40, 400)),
      };
    case 'rewind': {
      const periodMs = Math.round(between(random, 50, 120));
      return { kind, byMs: -Math.round(periodMs * between(random, 2, 6)), periodMs };
    }
    default:
      return kind satisfies never;
  }
}

async function skew(stage: Stage, node: NodeName, change: ClockChange): Promise<Evidence> {
  const power = clocks(stage.cluster);
  const read = () => askNode(stage, node, () => power.read(node));
  const before = await read();
  const done = before && (await askNode(stage, node, () => bend(power, node, change)));
  if (before === undefined || done === undefined) return takenAway;
  if (change.kind === 'drift') return seenDrifting(stage, node, change.rate);
  const after = await read();
  return after === undefined ? takenAway : seenJumped(before.told, after.told, change.byMs);
}

const bend = (power: Clocks, node: NodeName, change: ClockChange): Promise<void> =>
  change.kind === 'drift' ? power.setRate(node, change.rate) : power.jump(node, change.byMs);

const takenAway: Evidence = unmeasurable('another fault took the node away meanwhile', {});

function seenJumped(before: ClockReading, after: ClockReading, byMs: number): Evidence {
  const movedMs = after.wallOffsetMs - before.wallOffsetMs;
  const uncertaintyMs = before.uncertaintyMs + after.uncertaintyMs + grainMs;
  const measured = { movedMs: round(movedMs), uncertaintyMs: round(uncertaintyMs) };
  const what = `wall clock moved by ${round(movedMs)} ± ${round(uncertaintyMs)} ms, asked for ${byMs}`;
  const right = Math.abs(movedMs - byMs) <= uncertaintyMs;
  return right && Math.abs(movedMs) > uncertaintyMs ? proven(what, measured) : unproven(what, measured);
}

async function seenDrifting(stage: Stage, node: NodeName, rate: number): Promise<Evidence> {
  const { cluster, time, signal } = stage;
  const read = () => askNode(stage, node, () => clocks(cluster).read(node));
  const from = await read();
  for (;;) {
    await time.sleep(driftIntervalMs, signal);
    const to = await read();
    if (from === undefined || to === undefined) return takenAway;
    const overMs = to.told.atMs - from.told.atMs;
    const { measuredRate, uncertainty } = rateBetween(from.told, to.told);
    const measured = { rate: round(measuredRate, 4), uncertainty: round(uncertainty, 4), overMs: round(overMs) };
    const what = `monotonic clock runs at ${measured.rate} ± ${measured.uncertainty}, asked for ${rate}`;
    if (Math.abs(measuredRate - rate) > uncertainty) return unproven(what, measured);
    if (Math.abs(measuredRate - 1) > uncertainty) return proven(what, measured);
    if (signal.aborted || overMs >= driftIntervalMsMost) return unmeasurable(what, measured);
  }
}

function rateBetween(from: ClockReading, to: ClockReading): { measuredRate: number; uncertainty: number } {
  const overMs = Math.max(1, to.atMs - from.atMs);
  return {
    measuredRate: (to.monotonicMs - from.monotonicMs) / overMs,
    uncertainty: (from.uncertaintyMs + to.uncertaintyMs + grainMs) / overMs,
  };
}

/** A new process has true clocks, so that of a dead node there is nothing to heal. */
async function setRight({ cluster, time, signal }: Stage, node: NodeName): Promise<Evidence> {
  const state = await processStateOf(cluster, node);
  if (state === 'gone') return proven('the process is gone, and its clocks with it', { state });
  if (state === 'stopped') return unproven('paused: its clocks cannot be set right now', { state });
  const power = clocks(cluster);
  await power.reset(node);
  const from = await power.read(node);
  await time.sleep(driftIntervalMs, signal);
  const to = await power.read(node);
  const { measuredRate, uncertainty } = rateBetween(from, to);
  const measured = {
    wallOffsetMs: round(to.wallOffsetMs),
    uncertaintyMs: round(to.uncertaintyMs),
    rate: round(measuredRate, 4),
  };
  const what = `wall clock off by ${measured.wallOffsetMs} ± ${measured.uncertaintyMs} ms, rate ${measured.rate}`;
  const right =
    Math.abs(to.wallOffsetMs) <= healedWithinMs + to.uncertaintyMs && Math.abs(measuredRate - 1) <= uncertainty + 0.01;
  return right ? proven(what, measured) : unproven(what, measured);
}

/** The same of several nodes: proven when all that could be measured are. */
async function onEach(nodes: readonly NodeName[], one: (node: NodeName) => Promise<Evidence>): Promise<Evidence> {
  const told = await Promise.all(nodes.map(async (node) => [node, await one(node).catch(noAnswer)] as const));
  const what = told.map(([node, evidence]) => `${node}: ${evidence.what}`).join('; ');
  const measured = Object.fromEntries(told.map(([node, evidence]) => [node, evidence.measured]));
  const counted = told.filter(([, evidence]) => evidence.unmeasurable === undefined);
  if (counted.length === 0) return unmeasurable(what, measured);
  return counted.every(([, evidence]) => evidence.proven) ? proven(what, measured) : unproven(what, measured);
}

const noAnswer = (error: unknown): Evidence => unproven(`no answer: ${String(error)}`, {});

function clocks(cluster: Cluster): Clocks {
  if (cluster.clocks === undefined) throw new Error('clock: the clocks of this cluster cannot be set');
  return cluster.clocks;
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
