import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dealer } from '../../nemesis/deck.ts';
import type { Fault } from '../../nemesis/fault.ts';
import { crowds } from '../../nemesis/faults/victims.ts';
import { parseNemesis } from '../../nemesis/nemeses.ts';
import { stream } from '../../nemesis/random.ts';
import { FakeCluster } from './fake-cluster.ts';
import { sightOf } from './sight.ts';
import { VirtualTime } from './virtual-time.ts';

const nemesis = parseNemesis('all');
if (nemesis.kind !== 'all') throw new Error('all is a nemesis');
const onNodes = nemesis.faults.filter(({ name }) => name !== 'client-pause');

describe('a gentle fault', () => {
  test.each(onNodes.map((fault) => [fault.name, fault] as const))(
    '%s leaves the leader and a majority at work',
    (_name, fault: Fault) => {
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: 3, max: 7 }), (seed, size) => {
          const cluster = new FakeCluster(new VirtualTime(), size);
          const target = fault.aim(sightOf(cluster, stream(seed, 'x'), { gentle: true }));
          const { nodes, cut, links } = target as { nodes?: string[]; cut?: string[][]; links?: string[][] };
          if (nodes !== undefined) {
            expect(nodes.length).toBeGreaterThan(0);
            expect(nodes.length).toBeLessThanOrEqual((size - 1) / 2);
            expect(nodes).not.toContain('n1');
            return;
          }
          const pairs = cut ?? links ?? [];
          const apart = pairs.filter(([from]) => from === 'n1').map(([, to]) => to);
          const whole = cluster.nodes.filter((node) => !apart.includes(node));
          expect(apart.length).toBeGreaterThan(0);
          expect(whole.length).toBeGreaterThan(size / 2);
          expect(pairs.filter((pair) => pair.every((node) => whole.includes(node)))).toEqual([]);
        }),
        { seed: 20261120, numRuns: 200 },
      );
    },
  );
});

describe('a deck', () => {
  test('deals every card once before any comes again, and not always in one order', () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const deal = dealer(stream(seed, 'x'));
      for (let round = 0; round < 3; round++) {
        const dealt = crowds.map(() => deal(crowds));
        expect([...dealt].sort()).toEqual([...crowds].sort());
        orders.add(dealt.join());
      }
    }
    expect(orders.size).toBeGreaterThan(30);
  });

  test("is the fault's own: five kills are one of each crowd", () => {
    const kill = onNodes.find(({ name }) => name === 'kill')!;
    const cluster = new FakeCluster(new VirtualTime(), 5);
    const random = stream(4, 'x');
    const sight = sightOf(cluster, random, { deal: dealer(random) });
    const dealt = crowds.map(() => (kill.aim(sight) as { crowd: string }).crowd);
    expect(dealt.sort()).toEqual([...crowds].sort());
  });
});
