/**
 * A partition: directed links between nodes carry nothing. Evidence: every cut link is probed and silent while its
 * ends are alive, and the silence is the cut's: another link answers, or the same links answered just before.
 */
import type { Cluster, Link, LinkProbe, NodeName, Partitioning } from '../cluster.ts';
import {
  type Evidence,
  type Fault,
  type Json,
  proven,
  type Sight,
  type Stage,
  unmeasurable,
  unproven,
  usualRhythm,
} from '../fault.ts';
import { allLinks, type ShapeName, shapeNames, shapes, split } from './partition-shapes.ts';
import { bystanders } from './victims.ts';

export type PartitionTarget = {
  readonly shape: ShapeName;
  /** Cut links as [from, to]. */
  readonly cut: readonly (readonly [NodeName, NodeName])[];
};

/** How long to look again for a cut that cannot be measured yet. */
const patienceMs = 1500;
const lookAgainMs = 200;

export const partition = (only?: ShapeName): Fault<PartitionTarget> => ({
  name: 'partition',
  summary: `cuts directed links between nodes: ${shapeNames.join(', ')}`,
  rhythm: usualRhythm,

  possible(cluster) {
    if (cluster.partitioning === undefined) return 'the environment cannot cut links between these nodes';
    const needed = only === undefined ? 2 : shapes[only].nodesAtLeast;
    return cluster.nodes.length >= needed || `it needs ${needed} nodes, there are ${cluster.nodes.length}`;
  },

  aim(sight: Sight) {
    const { nodes } = sight.cluster;
    if (sight.gentle && only === undefined) return target('minority', split(nodes, bystanders(sight, nodes)));
    const deck = shapeNames
      .filter((name) => shapes[name].nodesAtLeast <= nodes.length)
      .flatMap((name) => Array<ShapeName>(shapes[name].cards).fill(name));
    const shape = only ?? sight.deal(deck);
    return target(shape, shapes[shape].links({ nodes, leader: sight.leader, random: sight.random }));
  },

  async inject({ cluster, time, signal }: Stage, target) {
    const power = partitioning(cluster);
    const before = await power.probe(linksOf(target));
    await power.cut(linksOf(target));
    const giveUpAtMs = time.nowMs() + patienceMs;
    for (;;) {
      const evidence = judgeCut(target, before, await power.probe(allLinks(cluster.nodes)));
      // Nodes that other faults have taken away come back soon, and then the cut can be seen.
      if (evidence.unmeasurable === undefined || signal.aborted || time.nowMs() >= giveUpAtMs) return evidence;
      await time.sleep(lookAgainMs, signal);
    }
  },

  async heal({ cluster }: Stage, target) {
    const power = partitioning(cluster);
    await power.cut([]);
    return judgeMended(await power.probe(linksOf(target)));
  },
});

const target = (shape: ShapeName, links: readonly Link[]): PartitionTarget => ({
  shape,
  cut: links.map(({ from, to }) => [from, to]),
});

const linksOf = (target: PartitionTarget): Link[] => target.cut.map(([from, to]) => ({ from, to }));

function partitioning(cluster: Cluster): Partitioning {
  if (cluster.partitioning === undefined) throw new Error('partition: this cluster cannot cut links');
  return cluster.partitioning;
}

function judgeCut(target: PartitionTarget, before: readonly LinkProbe[], after: readonly LinkProbe[]): Evidence {
  const isCut = new Set(target.cut.map(([from, to]) => `${from}>${to}`));
  const cut = after.filter((probe) => isCut.has(nameOf(probe)));
  const uncut = after.filter((probe) => !isCut.has(nameOf(probe)));
  const silent = cut.filter((probe) => probe.state === 'cut');
  const leaking = cut.filter((probe) => probe.state === 'through');
  const answering = uncut.filter((probe) => probe.state === 'through');
  const answeredBefore = before.filter((probe) => probe.state === 'through').map(nameOf);
  const silenced = silent.filter((probe) => answeredBefore.includes(nameOf(probe)));
  const measured: Evidence['measured'] = {
    cut: cut.length,
    silent: silent.length,
    leaking: leaking.map(nameOf),
    unmeasurable: cut
      .filter((probe) => probe.state === 'unmeasurable')
      .map((probe) => `${nameOf(probe)}: ${probe.how}`),
    answeredBefore: answeredBefore.length,
    othersAnswering: answering.length,
    others: uncut.length,
    roundTripsMs: roundTrips(answering),
  };
  if (leaking.length > 0)
    return unproven(`${leaking.map(nameOf).join(', ')} still carries bytes after the cut`, measured);
  if (silent.length === 0) return unmeasurable('no cut link had both its ends alive', measured);
  if (answering.length === 0 && silenced.length === 0)
    return unmeasurable('the cut links are silent, but so is every other link, as they were before', measured);
  return proven(
    `${silent.length} of ${cut.length} cut links probed silent, ${silenced.length} of them answered before, ` +
      `${answering.length} of ${uncut.length} other links answer`,
    measured,
  );
}

function judgeMended(probes: readonly LinkProbe[]): Evidence {
  const through = probes.filter((probe) => probe.state === 'through');
  const silent = probes.filter((probe) => probe.state === 'cut');
  const measured = { links: probes.length, answering: through.length, silent: silent.map(nameOf) };
  if (silent.length > 0) return unproven(`${silent.map(nameOf).join(', ')} still silent after the heal`, measured);
  if (through.length === 0) return unmeasurable('no mended link had both its ends alive', measured);
  return proven(`${through.length} of ${probes.length} mended links answer again`, measured);
}

const nameOf = ({ link }: LinkProbe): string => `${link.from}>${link.to}`;

const roundTrips = (probes: readonly LinkProbe[]): Json =>
  probes.flatMap((probe) => (probe.roundTripMs === undefined ? [] : [Math.round(probe.roundTripMs * 10) / 10]));
