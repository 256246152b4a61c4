/** Which nodes a fault strikes: one, a minority, a majority, the leader, or all of them. */
import type { NodeName } from '../cluster.ts';
import type { Chance } from '../fault.ts';
import { pick, pickWeighted, shuffled, wholeBetween } from '../random.ts';

export const crowds = ['one', 'minority', 'majority', 'leader', 'all'] as const;
export type Crowd = (typeof crowds)[number];

/** Mostly faults that a correct cluster survives without a pause, with enough of those that it does not. */
const usualWeights: Readonly<Record<Crowd, number>> = { one: 30, leader: 27, minority: 18, majority: 15, all: 10 };

export interface Choice {
  readonly nodes: readonly NodeName[];
  readonly leader: NodeName | undefined;
  readonly random: Chance;
}

/** Victims among `candidates`; the sizes of minority and majority are those of the whole cluster. */
export function victims(
  choice: Choice,
  candidates: readonly NodeName[],
  only?: Crowd,
): { crowd: Crowd; nodes: NodeName[] } {
  const crowd = only ?? pickWeighted(choice.random, usualWeights);
  return { crowd, nodes: members(crowd, choice, candidates) };
}

function members(crowd: Crowd, { nodes, leader, random }: Choice, candidates: readonly NodeName[]): NodeName[] {
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
