/** Which nodes a fault strikes: one, a minority, a majority, the leader, or all of them. */
import type { NodeName } from '../cluster.ts';
import type { Sight } from '../fault.ts';
import { pick, shuffled, wholeBetween } from '../random.ts';

export const crowds = ['one', 'minority', 'majority', 'leader', 'all'] as const;
export type Crowd = (typeof crowds)[number];

/** Victims among `candidates`; the sizes of minority and majority are those of the whole cluster. */
export function victims(
  sight: Sight,
  candidates: readonly NodeName[],
  only?: Crowd,
  deck: readonly Crowd[] = crowds,
): { crowd: Crowd; nodes: NodeName[] } {
  if (sight.gentle && only === undefined) return { crowd: 'minority', nodes: bystanders(sight, candidates) };
  const crowd = only ?? sight.deal(deck);
  return { crowd, nodes: members(crowd, sight, candidates) };
}

/** A minority without the leader: the cluster goes on as if nothing had happened. */
export function bystanders({ cluster, leader, random }: Sight, candidates: readonly NodeName[]): NodeName[] {
  const others = candidates.filter((node) => node !== leader);
  return shuffled(random, others).slice(0, wholeBetween(random, 1, largestMinority(cluster.nodes.length)));
}

function members(crowd: Crowd, sight: Sight, candidates: readonly NodeName[]): NodeName[] {
  const { leader, random } = sight;
  const { nodes } = sight.cluster;
  if (candidates.length === 0) return [];
  switch (crowd) {
    case 'one':
      return [pick(random, candidates)];
    case 'leader':
      return leader !== undefined && candidates.includes(leader) ? [leader] : [pick(random, candidates)];
    case 'minority':
      return shuffled(random, candidates).slice(0, wholeBetween(random, 1, largestMinority(nodes.length)));
    case 'majority':
      return shuffled(random, candidates).slice(0, smallestMajority(nodes.length));
    case 'all':
      return [...candidates];
    default:
      return crowd satisfies never;
  }
}

export const smallestMajority = (size: number): number => Math.floor(size / 2) + 1;
/** At least one, even of a cluster too small to have a minority. */
export const largestMinority = (size: number): number => Math.max(1, Math.floor((size - 1) / 2));
