import { describe, expect, test } from 'vitest';
import type { Fault, Json } from '../../nemesis/fault.ts';
import { clientPause } from '../../nemesis/faults/client-pause.ts';
import { clock } from '../../nemesis/faults/clock.ts';
import { kill } from '../../nemesis/faults/kill.ts';
import { link, linkTroubles } from '../../nemesis/faults/link.ts';
import { partition } from '../../nemesis/faults/partition.ts';
import { shapeNames } from '../../nemesis/faults/partition-shapes.ts';
import { pause } from '../../nemesis/faults/pause.ts';
import { slowDisk } from '../../nemesis/faults/slow-disk.ts';
import { stream } from '../../nemesis/random.ts';
import { FakeCluster, type Lies } from './fake-cluster.ts';
import { sightOf } from './sight.ts';
import { VirtualTime } from './virtual-time.ts';

/** A fault against a cluster that may lie; `between` is what else happens before the fault is injected. */
async function suffer(
  fault: Fault,
  lies: Lies = {},
  meddle: (cluster: FakeCluster) => Promise<unknown> = async () => undefined,
) {
  const time = new VirtualTime();
  const cluster = new FakeCluster(time, 5, lies);
  return time.run(
    (async () => {
      const target = fault.aim(sightOf(cluster, stream(7, fault.name))) as Json;
      const stage = { cluster, time, signal: new AbortController().signal };
      await meddle(cluster);
      const inject = await fault.inject(stage, target);
      const harm = cluster.harm;
      const heal = await fault.heal(stage, target);
      const again = await fault.heal(stage, target);
      return { target, inject, harm, heal, again, left: cluster.harm };
    })(),
  );
}

const honest: readonly (readonly [string, Fault])[] = [
  ...shapeNames.map((shape) => [`partition:${shape}`, partition(shape)] as const),
  ['kill', kill()],
  ['kill:all', kill('all')],
  ['pause', pause()],
  ['pause:all', pause('all')],
  ['clock:jump', clock('jump')],
  ['clock:drift', clock('drift')],
  ['clock:strobe', clock('strobe')],
  ...linkTroubles.map((trouble) => [`link:${trouble}`, link(trouble)] as const),
  ['slow-disk', slowDisk()],
  ['client-pause', clientPause({ leaseMs: 1000 })],
];

describe('a fault that is done', () => {
  test.each(honest)('%s is proven, and heals with nothing left, twice over', async (_, fault) => {
    const { inject, harm, heal, again, left } = await suffer(fault);
    expect(inject).toMatchObject({ proven: true });
    expect(harm).not.toEqual([]);
    expect(heal).toMatchObject({ proven: true });
    expect(again).toMatchObject({ proven: true });
    expect(left).toEqual([]);
  });

  test.each(honest)('%s tells only JSON', async (_, fault) => {
    const { target, inject, heal } = await suffer(fault);
    for (const told of [target, inject, heal]) expect(JSON.parse(JSON.stringify(told))).toEqual(told);
  });
});

describe('a fault that is not done is not proven', () => {
  test.each([
    ['cutsNothing', partition('halves')],
    ['cutsNothing', partition('one-way')],
    ['killsNothing', kill('one')],
    ['pausesNothing', pause('majority')],
    ['pausesNothing', clientPause({ leaseMs: 1000 })],
    ['skewsNothing', clock('jump')],
    ['skewsNothing', clock('drift')],
    ['skewsNothing', clock('strobe')],
    ['shapesNothing', link('delay')],
    ['shapesNothing', link('jitter')],
    ['shapesNothing', link('loss')],
    ['shapesNothing', link('bandwidth')],
  ] as const)('%s: %o', async (lie, fault: Fault) => {
    const { inject } = await suffer(fault, { [lie]: true });
    expect(inject.proven).toBe(false);
    expect(inject.unmeasurable).toBeUndefined();
  });

  test('slow-disk, whose syncs stay as they were', async () => {
    const { inject } = await suffer(slowDisk('one'), { slowsNothing: true });
    expect(inject.proven).toBe(false);
  });

  test('a heal that mends nothing is not proven either', async () => {
    const { heal } = await suffer(partition('halves'), { mendsNothing: true });
    expect(heal.proven).toBe(false);
  });
});

describe('evidence', () => {
  test('of a partition: silence alone proves no cut when nothing else answers and nothing did before', async () => {
    const { inject } = await suffer(
      partition('isolate-one'),
      { cutsEverything: true, mendsNothing: true },
      async (cluster) => {
        await cluster.partitioning.cut([{ from: 'n1', to: 'n2' }]);
      },
    );
    expect(inject).toMatchObject({ proven: false, unmeasurable: true });
  });

  test('of a partition whose nodes are dead counts neither way', async () => {
    const { inject, heal } = await suffer(partition('leader-alone'), {}, (cluster) => cluster.processes.kill('n1'));
    expect(inject).toMatchObject({ proven: false, unmeasurable: true });
    expect(heal).toMatchObject({ unmeasurable: true });
  });

  test('of a pause: a node that was killed first says nothing, and is not started by the heal', async () => {
    const time = new VirtualTime();
    const cluster = new FakeCluster(time, 3);
    const stage = { cluster, time, signal: new AbortController().signal };
    const target = { crowd: 'one', nodes: ['n2'] } as const;
    await cluster.processes.kill('n2');
    expect(await pause().inject(stage, target)).toMatchObject({ unmeasurable: true });
    await pause().heal(stage, target);
    expect(cluster.harm).toEqual(['n2 gone']);
  });

  test('of a kill: a paused node dies too', async () => {
    const { inject, left } = await suffer(kill('all'), {}, (cluster) => cluster.processes.pause('n3'));
    expect(inject).toMatchObject({ proven: true });
    expect(left).toEqual([]);
  });

  test('of a clock: a paused node cannot be healed, and the heal says so', async () => {
    const time = new VirtualTime();
    const cluster = new FakeCluster(time, 3);
    const stage = { cluster, time, signal: new AbortController().signal };
    const target = { crowd: 'one', nodes: ['n2'], change: { kind: 'jump', byMs: 5000 } } as const;
    expect(await time.run(clock().inject(stage, target))).toMatchObject({ proven: true });
    await cluster.processes.pause('n2');
    expect(await time.run(clock().heal(stage, target))).toMatchObject({ proven: false });
    await cluster.processes.resume('n2');
    expect(await time.run(clock().heal(stage, target))).toMatchObject({ proven: true });
    expect(cluster.harm).toEqual([]);
  });

  test('of a slow disk: a node killed meanwhile says nothing, its delay died with it', async () => {
    const time = new VirtualTime();
    const cluster = new FakeCluster(time, 3, { slowsNothing: true });
    const stage = { cluster, time, signal: new AbortController().signal };
    const target = { crowd: 'one', nodes: ['n2'], syncMs: 50 } as const;
    void time.sleep(300).then(() => cluster.processes.kill('n2'));
    expect(await time.run(slowDisk().inject(stage, target))).toMatchObject({ proven: false, unmeasurable: true });
  });

  test('of a clock: a node taken away meanwhile says nothing, one that runs and is silent is not proven', async () => {
    for (const [taken, expected] of [
      [true, true],
      [false, undefined],
    ] as const) {
      const time = new VirtualTime();
      const cluster = new FakeCluster(time, 3);
      const stage = { cluster, time, signal: new AbortController().signal };
      cluster.before = (what) => {
        if (what !== 'jump n2') return;
        if (taken) void cluster.processes.pause('n2');
        throw new Error('no answer');
      };
      const target = { crowd: 'one', nodes: ['n2'], change: { kind: 'jump', byMs: 5000 } } as const;
      const evidence = await time.run(clock().inject(stage, target));
      expect([evidence.proven, evidence.unmeasurable]).toEqual([false, expected]);
    }
  });

  test('of a partition: it is looked for again until a dead node is back', async () => {
    const time = new VirtualTime();
    const cluster = new FakeCluster(time, 3);
    const stage = { cluster, time, signal: new AbortController().signal };
    const target = partition('leader-alone').aim(sightOf(cluster, stream(1, ''), { leader: 'n2', running: [] }))!;
    await cluster.processes.kill('n2');
    void time.sleep(700).then(() => cluster.processes.start('n2'));
    expect(await time.run(partition().inject(stage, target))).toMatchObject({ proven: true });
    expect(time.nowMs()).toBeGreaterThanOrEqual(700);
  });

  test('of a bad link: a link that was as bad before proves nothing', async () => {
    const { inject } = await suffer(link('delay'), {}, async (cluster) => {
      const all = cluster.nodes.flatMap((from) =>
        cluster.nodes.filter((to) => to !== from).map((to) => ({ from, to })),
      );
      await cluster.linkQualities.shape(all, { delayMs: 280 });
    });
    expect(inject).toMatchObject({ proven: false, unmeasurable: true });
  });
});

test('drift stays within eight per cent, and jumps within three minutes', () => {
  const time = new VirtualTime();
  const cluster = new FakeCluster(time);
  const random = stream(3, 'clock');
  const kinds = new Set<string>();
  for (let draw = 0; draw < 500; draw++) {
    const target = clock().aim(sightOf(cluster, random));
    const change = target!.change;
    kinds.add(change.kind);
    if (change.kind === 'drift') expect(Math.abs(change.rate - 1)).toBeLessThanOrEqual(0.08 + 1e-9);
    else expect(Math.abs(change.byMs)).toBeLessThanOrEqual(180_000);
  }
  expect([...kinds].sort()).toEqual(['drift', 'jump', 'rewind', 'strobe']);
});
