/**
 * Pauses client processes for longer than a lease: the zombie holder (SYSTEMS 18.9), a client that wakes up, believes
 * it still holds its lock, and acts. Evidence as for `pause`.
 */
import type { Cluster, NodeName } from '../cluster.ts';
import type { Fault, Sight, Stage } from '../fault.ts';
import { shuffled, wholeBetween } from '../random.ts';
import { goOn, stop } from './pause.ts';

export type ClientPauseTarget = { readonly clients: readonly NodeName[] };

/** `leaseMs` is the lease the clients hold; they are paused for at least one and a half times as long. */
export const clientPause = ({ leaseMs }: { readonly leaseMs: number }): Fault<ClientPauseTarget> => ({
  name: 'client-pause',
  summary: 'stops client processes for longer than their lease',
  rhythm: { holdMs: [1.5 * leaseMs, 2 * leaseMs], gapMs: [300, 1500], rigid: true },

  possible(cluster) {
    if (cluster.clientProcesses === undefined || cluster.clients.length === 0)
      return 'the clients of this workload are not processes of their own';
    return true;
  },

  aim({ cluster, random }: Sight) {
    const size = wholeBetween(random, 1, Math.max(1, Math.floor(cluster.clients.length / 2)));
    return { clients: shuffled(random, cluster.clients).slice(0, size) };
  },

  inject: ({ cluster }: Stage, { clients }) => stop(clientProcesses(cluster), clients),
  heal: ({ cluster }: Stage, { clients }) => goOn(clientProcesses(cluster), clients),
});

function clientProcesses(cluster: Cluster): NonNullable<Cluster['clientProcesses']> {
  if (cluster.clientProcesses === undefined) throw new Error('client-pause: this cluster has no client processes');
  return cluster.clientProcesses;
}
