/**
 * Slow disks: every sync of a node takes longer. Evidence: the node's own account of its recent syncs, before and
 * after; they need traffic, so that a node nobody writes to stays unmeasurable.
 */
import type { Cluster, Disks, NodeName, ProcessState } from '../cluster.ts';
import {
  type Evidence,
  type Fault,
  proven,
  type Sight,
  type Stage,
  unmeasurable,
  unproven,
  usualRhythm,
} from '../fault.ts';
import { logBetween } from '../random.ts';
import { type Crowd, victims } from './victims.ts';

export type SlowDiskTarget = { readonly crowd: Crowd; readonly nodes: readonly NodeName[]; readonly syncMs: number };

/** How long to wait for the median of the recent syncs to show the delay. */
const patienceMs = 2000;
const lookEveryMs = 150;

export const slowDisk = (only?: Crowd): Fault<SlowDiskTarget> => ({
  name: 'slow-disk',
  summary: 'makes every sync of the disk slow',
  rhythm: usualRhythm,
  possible: (cluster) => cluster.disks !== undefined || 'the disks of these nodes cannot be slowed',

  aim({ cluster, leader, running, random }: Sight) {
    const target = victims({ nodes: cluster.nodes, leader, random }, running, only);
    return target.nodes.length > 0 ? { ...target, syncMs: Math.round(logBetween(random, 20, 250)) } : undefined;
  },

  async inject(stage: Stage, { nodes, syncMs }) {
    const power = disks(stage.cluster);
    const before = await syncs(power, nodes);
    const told = await Promise.allSettled(nodes.map((node) => power.slowSync(node, syncMs)));
    const states = await processStatesOf(stage.cluster, nodes);
    // A node that another fault took away meanwhile says nothing either way.
    for (const [index, answer] of told.entries())
      if (answer.status === 'rejected' && states[index] === 'running') throw answer.reason;
    return seenSlow(stage, nodes, syncMs, before);
  },

  async heal({ cluster }: Stage, { nodes }) {
    const states = await processStatesOf(cluster, nodes);
    const there = nodes.filter((_, index) => states[index] === 'running');
    const stopped = nodes.filter((_, index) => states[index] === 'stopped');
    await Promise.all(there.map((node) => disks(cluster).slowSync(node, 0)));
    // A dead node's delay died with its process. That syncs are fast again shows only once there are new ones.
    const measured = { acknowledged: there, stopped };
    if (stopped.length > 0) return unproven(`${stopped.join(', ')} paused: the delay cannot be lifted now`, measured);
    return proven(`delay lifted at ${there.join(', ') || 'no node: all are gone'}`, measured);
  },
});

const processStatesOf = (cluster: Cluster, nodes: readonly NodeName[]): Promise<ProcessState[]> =>
  Promise.all(nodes.map(async (node) => (await cluster.processes?.state(node)) ?? 'running'));

type Syncs = Readonly<Record<NodeName, number | null>>;

async function seenSlow(stage: Stage, nodes: readonly NodeName[], askedMs: number, before: Syncs): Promise<Evidence> {
  const { cluster, time, signal } = stage;
  const giveUpAtMs = time.nowMs() + patienceMs;
  for (;;) {
    await time.sleep(lookEveryMs, signal);
    const after = await syncs(disks(cluster), nodes);
    const slow = nodes.filter((node) => (after[node] ?? 0) >= askedMs && (before[node] ?? 0) < askedMs);
    const measured = { askedMs, before, after };
    if (slow.length > 0) return proven(`recent syncs take ${askedMs} ms or more at ${slow.join(', ')}`, measured);
    if (!signal.aborted && time.nowMs() < giveUpAtMs) continue;
    const unmoved = nodes.every((node) => !after[node] || after[node] === before[node]);
    return unmoved
      ? unmeasurable('no new sync was seen', measured)
      : unproven(`recent syncs do not take ${askedMs} ms`, measured);
  }
}

/** Null where the node gave no answer. */
async function syncs(power: Disks, nodes: readonly NodeName[]): Promise<Syncs> {
  const told = nodes.map(async (node) => [node, await power.syncMs(node).catch(() => null)] as const);
  return Object.fromEntries(await Promise.all(told));
}

function disks(cluster: Cluster): Disks {
  if (cluster.disks === undefined) throw new Error('slow-disk: the disks of this cluster cannot be slowed');
  return cluster.disks;
}
