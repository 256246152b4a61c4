/**
 * Slow disks: every sync of a node takes longer. Evidence: the node's own account of its recent syncs, before and
 * after; they need traffic, so that a node nobody writes to stays unmeasurable.
 */
import type { Cluster, Disks, NodeName } from '../cluster.ts';
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
import { askNode, processStateOf } from './ask-node.ts';
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

  aim(sight: Sight) {
    const target = victims(sight, sight.running, only);
    return target.nodes.length > 0 ? { ...target, syncMs: Math.round(logBetween(sight.random, 20, 250)) } : undefined;
  },

  async inject(stage: Stage, { nodes, syncMs }) {
    const power = disks(stage.cluster);
    const before = await syncs(power, nodes);
    await Promise.all(nodes.map((node) => askNode(stage, node, () => power.slowSync(node, syncMs))));
    return seenSlow(stage, nodes, syncMs, before);
  },

  async heal({ cluster }: Stage, { nodes }) {
    const states = await Promise.all(nodes.map((node) => processStateOf(cluster, node)));
    const there = nodes.filter((_, index) => states[index] === 'running');
    const stopped = nodes.filter((_, index) => states[index] === 'stopped');
    await Promise.all(there.map((node) => disks(cluster).slowSync(node, 0)));
    // A dead node's delay died with its process. That syncs are fast again shows only once there are new ones.
    const measured = { acknowledged: there, stopped };
    if (stopped.length > 0) return unproven(`${stopped.join(', ')} paused: the delay cannot be lifted now`, measured);
    return proven(`delay lifted at ${there.join(', ') || 'no node: all are gone'}`, measured);
  },
});

type Syncs = Readonly<Record<NodeName, number | null>>;

async function seenSlow(stage: Stage, nodes: readonly NodeName[], askedMs: number, before: Syncs): Promise<Evidence> {
  const { cluster, time, signal } = stage;
  const giveUpAtMs = time.nowMs() + patienceMs;
  // Slow syncs on a busy machine are no evidence of the fault: it must be the difference that shows.
  let watched = nodes.filter((node) => (before[node] ?? 0) < askedMs);
  for (;;) {
    await time.sleep(lookEveryMs, signal);
    // A node that another fault kills loses the delay with its process: it says nothing either way.
    const states = await Promise.all(watched.map((node) => processStateOf(cluster, node)));
    watched = watched.filter((_, index) => states[index] !== 'gone');
    const after = await syncs(disks(cluster), watched);
    const measured = { askedMs, before, after };
    const slow = watched.filter((node) => (after[node] ?? 0) >= askedMs);
    if (slow.length > 0) return proven(`recent syncs take ${askedMs} ms or more at ${slow.join(', ')}`, measured);
    if (watched.length === 0) return unmeasurable('killed meanwhile, or as slow before', measured);
    if (!signal.aborted && time.nowMs() < giveUpAtMs) continue;
    const unmoved = watched.every((node) => !after[node] || after[node] === before[node]);
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
