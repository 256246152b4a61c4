/**
 * The shapes of a partition: pure functions from nodes, leader and chance to the directed links that are cut. The
 * names are those of Jepsen's nemeses where it has the shape.
 */
import type { Link, NodeName } from '../cluster.ts';
import type { Chance } from '../fault.ts';
import { between, pick, shuffled, wholeBetween } from '../random.ts';
import { largestMinority, smallestMajority } from './victims.ts';

export interface Landscape {
  /** Two nodes at least. */
  readonly nodes: readonly NodeName[];
  readonly leader: NodeName | undefined;
  readonly random: Chance;
}

export interface Shape {
  readonly summary: string;
  readonly nodesAtLeast: number;
  /** How often it lies in the deck. */
  readonly cards: number;
  links(landscape: Landscape): Link[];
}

export const shapes = {
  halves: {
    summary: 'two halves that hear nothing of each other',
    nodesAtLeast: 2,
    cards: 2,
    links: ({ nodes, random }) => split(nodes, shuffled(random, nodes).slice(0, Math.floor(nodes.length / 2))),
  },
  'isolate-one': {
    summary: 'one node on its own',
    nodesAtLeast: 2,
    cards: 1,
    links: ({ nodes, random }) => split(nodes, [pick(random, nodes)]),
  },
  minority: {
    summary: 'a minority of random size apart from the rest',
    nodesAtLeast: 2,
    cards: 1,
    links: ({ nodes, random }) =>
      split(nodes, shuffled(random, nodes).slice(0, wholeBetween(random, 1, largestMinority(nodes.length)))),
  },
  'leader-alone': {
    summary: 'the leader on its own: it may not know for a while',
    nodesAtLeast: 2,
    cards: 3,
    links: ({ nodes, leader, random }) => split(nodes, [leader ?? pick(random, nodes)]),
  },
  'leader-minority': {
    summary: 'the leader with a minority, apart from a majority that elects another',
    nodesAtLeast: 4,
    cards: 1,
    links: leaderWithMinority,
  },
  bridge: {
    summary: 'two halves that hear each other only through one node that sees both',
    nodesAtLeast: 3,
    cards: 1,
    links: bridge,
  },
  'majorities-ring': {
    summary: 'every node hears a majority, no two the same one',
    nodesAtLeast: 3,
    cards: 1,
    links: majoritiesRing,
  },
  'one-way': {
    summary: 'some nodes are heard but do not hear, or hear but are not heard',
    nodesAtLeast: 2,
    cards: 1,
    links: oneWay,
  },
  'random-links': {
    summary: 'any set of directed links',
    nodesAtLeast: 2,
    cards: 1,
    links: randomLinks,
  },
} as const satisfies Readonly<Record<string, Shape>>;

export type ShapeName = keyof typeof shapes;
export const shapeNames = Object.keys(shapes) as readonly ShapeName[];

/** Every directed link of the cluster. */
export const allLinks = (nodes: readonly NodeName[]): Link[] =>
  nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })));

const crossing = (senders: readonly NodeName[], hearers: readonly NodeName[]): Link[] =>
  senders.flatMap((from) => hearers.map((to) => ({ from, to })));

/** Both directions between a group and everyone else. */
export function split(nodes: readonly NodeName[], group: readonly NodeName[]): Link[] {
  const rest = nodes.filter((node) => !group.includes(node));
  return [...crossing(group, rest), ...crossing(rest, group)];
}

function leaderWithMinority({ nodes, leader, random }: Landscape): Link[] {
  const first = leader ?? pick(random, nodes);
  const others = shuffled(
    random,
    nodes.filter((node) => node !== first),
  );
  return split(nodes, [first, ...others.slice(0, largestMinority(nodes.length) - 1)]);
}

function bridge({ nodes, random }: Landscape): Link[] {
  const [, ...sides] = shuffled(random, nodes);
  const middle = Math.floor(sides.length / 2);
  return split(sides, sides.slice(0, middle));
}

/** Jepsen's `majorities-ring-perfect`: node i of a ring hears the window of majority size around i and no one else. */
function majoritiesRing({ nodes, random }: Landscape): Link[] {
  const ring = shuffled(random, nodes);
  const size = smallestMajority(ring.length);
  return ring.flatMap((hearer, index) => {
    const first = index - Math.floor(size / 2) + ring.length;
    const heard = new Set(Array.from({ length: size }, (_, step) => ring[(first + step) % ring.length]));
    return crossing(
      ring.filter((node) => !heard.has(node)),
      [hearer],
    );
  });
}

function oneWay({ nodes, leader, random }: Landscape): Link[] {
  const group =
    random() < 0.5
      ? [leader ?? pick(random, nodes)]
      : shuffled(random, nodes).slice(0, wholeBetween(random, 1, nodes.length - 1));
  const rest = nodes.filter((node) => !group.includes(node));
  return random() < 0.5 ? crossing(group, rest) : crossing(rest, group);
}

function randomLinks({ nodes, random }: Landscape): Link[] {
  const links = shuffled(random, allLinks(nodes));
  const share = between(random, 0.15, 0.7);
  return links.slice(0, Math.max(1, Math.round(share * links.length)));
}
