import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Link } from '../../nemesis/cluster.ts';
import { allLinks, type ShapeName, shapeNames, shapes } from '../../nemesis/faults/partition-shapes.ts';
import { smallestMajority } from '../../nemesis/faults/victims.ts';
import { stream } from '../../nemesis/random.ts';

const landscape = fc
  .record({ size: fc.integer({ min: 2, max: 9 }), seed: fc.integer(), led: fc.option(fc.nat(), { nil: undefined }) })
  .map(({ size, seed, led }) => {
    const nodes = Array.from({ length: size }, (_, index) => `n${index + 1}`);
    return { nodes, leader: led === undefined ? undefined : nodes[led % size], random: stream(seed, 'shapes') };
  });

const nameOf = ({ from, to }: Link): string => `${from}>${to}`;
const heardBy = (hearer: string, nodes: readonly string[], cut: readonly Link[]): string[] =>
  nodes.filter((from) => from === hearer || !cut.some((link) => link.from === from && link.to === hearer));

function always(
  name: ShapeName,
  holds: (nodes: readonly string[], cut: Link[], leader: string | undefined) => void,
): void {
  fc.assert(
    fc.property(landscape, ({ nodes, leader, random }) => {
      if (nodes.length >= shapes[name].nodesAtLeast)
        holds(nodes, shapes[name].links({ nodes, leader, random }), leader);
    }),
    { seed: 20261120, numRuns: 300 },
  );
}

describe('a partition', () => {
  test.each(shapeNames)('%s cuts some links that exist, each named once', (name) => {
    always(name, (nodes, cut) => {
      const names = cut.map(nameOf);
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBeGreaterThan(0);
      const existing = allLinks(nodes).map(nameOf);
      expect(names.filter((link) => !existing.includes(link))).toEqual([]);
    });
  });

  test.each(shapeNames)('%s is the same for the same seed', (name) => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 4, max: 9 }), (seed, size) => {
        const nodes = Array.from({ length: size }, (_, index) => `n${index + 1}`);
        const draw = () => shapes[name].links({ nodes, leader: 'n2', random: stream(seed, 'x') });
        expect(draw()).toEqual(draw());
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  test.each(['halves', 'isolate-one', 'minority', 'leader-alone', 'leader-minority', 'bridge'] as const)(
    '%s cuts both directions or none',
    (name) => {
      always(name, (_, cut) => {
        const names = new Set(cut.map(nameOf));
        expect(cut.filter(({ from, to }) => !names.has(`${to}>${from}`))).toEqual([]);
      });
    },
  );

  test('halves leave two groups that are whole within', () => {
    always('halves', (nodes, cut) => {
      const group = heardBy('n1', nodes, cut);
      for (const node of group) expect(heardBy(node, nodes, cut)).toEqual(group);
      expect([Math.floor(nodes.length / 2), Math.ceil(nodes.length / 2)]).toContain(group.length);
    });
  });

  test('a minority is one: the rest keeps a majority, from three nodes on', () => {
    always('minority', (nodes, cut) => {
      if (nodes.length < 3) return;
      const sizes = nodes.map((node) => heardBy(node, nodes, cut).length);
      expect(Math.max(...sizes)).toBeGreaterThanOrEqual(smallestMajority(nodes.length));
      expect(Math.min(...sizes)).toBeLessThan(smallestMajority(nodes.length));
    });
  });

  test('a leader alone hears no one and is heard by no one', () => {
    always('leader-alone', (nodes, cut, leader) => {
      if (leader === undefined) return;
      expect(heardBy(leader, nodes, cut)).toEqual([leader]);
      expect(cut).toHaveLength(2 * (nodes.length - 1));
    });
  });

  test('a leader with a minority faces a majority', () => {
    always('leader-minority', (nodes, cut, leader) => {
      if (leader === undefined) return;
      expect(heardBy(leader, nodes, cut).length).toBeLessThan(smallestMajority(nodes.length));
    });
  });

  test('a bridge sees both sides, and the sides do not see each other', () => {
    always('bridge', (nodes, cut) => {
      const seeingAll = nodes.filter((node) => heardBy(node, nodes, cut).length === nodes.length);
      expect(seeingAll).toHaveLength(1);
      for (const node of nodes) if (node !== seeingAll[0]) expect(heardBy(node, nodes, cut)).toContain(seeingAll[0]);
      expect(
        Math.max(...nodes.filter((n) => n !== seeingAll[0]).map((n) => heardBy(n, nodes, cut).length)),
      ).toBeLessThan(nodes.length);
    });
  });

  test('a ring of majorities gives every node a majority, and no two the same one', () => {
    always('majorities-ring', (nodes, cut) => {
      const majorities = nodes.map((node) => heardBy(node, nodes, cut));
      for (const heard of majorities) expect(heard).toHaveLength(smallestMajority(nodes.length));
      expect(new Set(majorities.map((heard) => heard.join())).size).toBe(nodes.length);
    });
  });

  test('one-way cuts exactly one direction between a group and the rest', () => {
    always('one-way', (nodes, cut) => {
      const senders = new Set(cut.map(({ from }) => from));
      const hearers = new Set(cut.map(({ to }) => to));
      expect([...senders].filter((node) => hearers.has(node))).toEqual([]);
      expect(senders.size + hearers.size).toBe(nodes.length);
      expect(cut).toHaveLength(senders.size * hearers.size);
    });
  });
});
