import type { Cluster } from '../../nemesis/cluster.ts';
import { dealer } from '../../nemesis/deck.ts';
import type { Chance, Sight } from '../../nemesis/fault.ts';

/** What a fault sees when it aims at a cluster that is well: n1 leads, everybody runs. */
export const sightOf = (cluster: Cluster, random: Chance, more: Partial<Sight> = {}): Sight => ({
  cluster,
  leader: 'n1',
  running: cluster.nodes,
  random,
  deal: dealer(random),
  gentle: false,
  ...more,
});
