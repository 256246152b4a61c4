/**
 * Undoes every harm that any fault can do, whoever did it: the last resort when a run ends or is broken off, and the
 * first thing to do with a cluster of unknown past. Processes first, since a stopped or dead node heals nothing else.
 */
import type { Cluster, NodeName } from './cluster.ts';
import { allLinks } from './faults/partition-shapes.ts';

export interface Mending {
  readonly healed: boolean;
  /** What could not be undone, in words. */
  readonly troubles: readonly string[];
}

export async function mend(cluster: Cluster): Promise<Mending> {
  const troubles: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch {
      // Once more: a node may just have been on its way up or down.
      await work().catch((error: unknown) =>
        troubles.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  };
  const onEach = (names: readonly NodeName[], what: string, work: (name: NodeName) => Promise<void>) =>
    Promise.all(names.map((name) => attempt(`${what} ${name}`, () => work(name))));

  const { clientProcesses, processes, partitioning, linkQualities, clocks, disks } = cluster;
  if (clientProcesses !== undefined)
    await onEach(cluster.clients, 'resume', (client) => clientProcesses.resume(client));
  if (processes !== undefined) {
    await onEach(cluster.nodes, 'resume', (node) => processes.resume(node));
    await onEach(cluster.nodes, 'start', (node) => processes.start(node));
  }
  if (partitioning !== undefined) await attempt('mend all links', () => partitioning.cut([]));
  if (linkQualities !== undefined) await attempt('unshape all links', () => linkQualities.unshape());
  if (clocks !== undefined) await onEach(cluster.nodes, 'set the clocks of', (node) => clocks.reset(node));
  if (disks !== undefined) await onEach(cluster.nodes, 'lift the sync delay of', (node) => disks.slowSync(node, 0));
  if (partitioning !== undefined && troubles.length === 0) {
    const silent = (await partitioning.probe(allLinks(cluster.nodes))).filter((probe) => probe.state === 'cut');
    troubles.push(...silent.map(({ link, how }) => `link ${link.from}>${link.to} is still cut: ${how}`));
  }
  return { healed: troubles.length === 0, troubles };
}
