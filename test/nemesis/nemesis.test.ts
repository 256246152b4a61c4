import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence, Fault, Json } from '../../nemesis/fault.ts';
import { kill } from '../../nemesis/faults/kill.ts';
import { partition } from '../../nemesis/faults/partition.ts';
import { pause } from '../../nemesis/faults/pause.ts';
import { mend } from '../../nemesis/mend.ts';
import { choose, parseNemesis } from '../../nemesis/nemeses.ts';
import { type NemesisReport, unleash } from '../../nemesis/nemesis.ts';
import { stream } from '../../nemesis/random.ts';
import { schedule } from '../../nemesis/schedule.ts';
import { FakeCluster, type Lies } from './fake-cluster.ts';
import { sightOf } from './sight.ts';
import { VirtualTime } from './virtual-time.ts';

interface Note {
  readonly atMs: number;
  readonly f: string;
  readonly value: { readonly target: Json; readonly evidence?: Evidence };
}

interface Trial {
  readonly faults: readonly Fault[];
  readonly limitMs?: number;
  readonly seed?: number;
  readonly lies?: Lies;
  readonly size?: number;
  readonly prepare?: (cluster: FakeCluster, abort: AbortController, time: VirtualTime) => void;
}

async function trial({ faults, limitMs = 20_000, seed = 1, lies = {}, size = 5, prepare }: Trial) {
  const time = new VirtualTime();
  const cluster = new FakeCluster(time, size, lies);
  const abort = new AbortController();
  const notes: Note[] = [];
  prepare?.(cluster, abort, time);
  const work = unleash({
    cluster,
    faults,
    schedule: schedule(faults, limitMs, seed),
    time,
    random: stream(seed, 'nemesis'),
    note: (f, value) => notes.push({ atMs: time.nowMs(), f, value: value as unknown as Note['value'] }),
    signal: abort.signal,
  });
  return { report: await time.run(work), notes, cluster, endedAtMs: time.nowMs() };
}

const everything = (): readonly Fault[] => {
  const nemesis = parseNemesis('all');
  if (nemesis.kind !== 'all') throw new Error('all is a nemesis');
  return nemesis.faults;
};
const named = (report: NemesisReport, name: string) => report.faults.find((fault) => fault.name === name)!;

describe('a nemesis', () => {
  test('tells of each injection when it begins, when it took hold, when its heal begins and when it is healed', async () => {
    const { notes, report } = await trial({ faults: [partition()] });
    const injections = report.faults[0]!.injections;
    expect(injections).toBeGreaterThanOrEqual(2);
    expect(notes).toHaveLength(4 * injections);
    for (let turn = 0; turn < injections; turn++) {
      const four = notes.slice(4 * turn, 4 * turn + 4);
      expect(four.map(({ f }) => f)).toEqual([
        'partition-start',
        'partition-start',
        'partition-stop',
        'partition-stop',
      ]);
      expect(four.map(({ value }) => value.evidence?.proven)).toEqual([undefined, true, undefined, true]);
      expect(new Set(four.map(({ value }) => JSON.stringify(value.target))).size).toBe(1);
    }
  });

  test('proves everything it does to an honest cluster, and leaves nothing behind', async () => {
    for (const fault of everything()) {
      const { report, cluster } = await trial({ faults: [fault] });
      expect(report.faultProven, fault.name).toBe(true);
      expect(report.mending).toEqual({ healed: true, troubles: [] });
      expect(cluster.harm).toEqual([]);
    }
  });

  test('leaves nothing behind, whatever faults overlap', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.subarray([...everything()]),
        fc.integer({ min: 2, max: 7 }),
        async (seed, faults, size) => {
          const { report, cluster } = await trial({ faults, seed, size });
          expect(cluster.harm).toEqual([]);
          expect(report.mending.healed).toBe(true);
        },
      ),
      { seed: 20261120, numRuns: 60 },
    );
  });

  test('heals at once when it is broken off, at any moment, and injects nothing more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 20_000 }), async (seed, atMs) => {
        let abortedAtMs = Number.POSITIVE_INFINITY;
        const { cluster, notes, endedAtMs } = await trial({
          faults: everything(),
          seed,
          prepare: (_, abort, time) =>
            void time.sleep(atMs).then(() => {
              abortedAtMs = time.nowMs();
              abort.abort();
            }),
        });
        expect(cluster.harm).toEqual([]);
        const begun = notes.filter(({ f, value }) => f.endsWith('-start') && value.evidence === undefined);
        for (const note of begun) expect(note.atMs).toBeLessThanOrEqual(abortedAtMs);
        if (abortedAtMs < Number.POSITIVE_INFINITY) expect(endedAtMs).toBeLessThanOrEqual(abortedAtMs + 1000);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  test('records an inject that throws as not proven, heals what it left half done, and goes on', async () => {
    const { report, cluster } = await trial({
      faults: [kill('majority')],
      prepare: (fake) => {
        let kills = 0;
        fake.before = (what) => {
          if (what.startsWith('kill') && ++kills % 3 === 0) throw new Error('no such luck');
        };
      },
    });
    const { injections, proven, evidence, faultProven } = named(report, 'kill');
    expect(injections).toBeGreaterThanOrEqual(2);
    expect({ proven, faultProven }).toEqual({ proven: 0, faultProven: false });
    expect(evidence[0]!.inject).toMatchObject({ proven: false, measured: { error: 'no such luck' } });
    expect(evidence[0]!.heal).toMatchObject({ proven: true });
    expect(cluster.harm).toEqual([]);
  });

  test('mends what a heal that throws has left', async () => {
    const { report, cluster } = await trial({
      faults: [pause('one')],
      limitMs: 6000,
      prepare: (fake) => {
        let lastResort = false;
        fake.before = (what) => {
          // The fault's own heals fail; the mending at the end, which begins with the clients, does not.
          lastResort ||= what.startsWith('resume c');
          if (what.startsWith('resume n') && !lastResort) throw new Error('not yet');
        };
      },
    });
    expect(named(report, 'pause').evidence[0]!.heal.proven).toBe(false);
    expect(cluster.harm).toEqual([]);
  });

  test('does not believe a cluster that only pretends', async () => {
    const { report } = await trial({ faults: [partition(), kill()], lies: { cutsNothing: true } });
    expect(named(report, 'partition').faultProven).toBe(false);
    expect(named(report, 'kill').faultProven).toBe(true);
    expect(report.faultProven).toBe(false);
  });

  test('says what it could not mend', async () => {
    const { report } = await trial({ faults: [partition()], lies: { mendsNothing: true } });
    expect(report.mending.healed).toBe(false);
    expect(report.mending.troubles.join()).toContain('still cut');
  });

  test('waits for a victim, and skips the turn when none comes', async () => {
    const { report, notes } = await trial({
      faults: [pause()],
      size: 1,
      prepare: (cluster) => void cluster.processes.kill('n1'),
    });
    expect(notes).toEqual([]);
    expect(named(report, 'pause')).toMatchObject({ injections: 0, faultProven: false });
    expect(named(report, 'pause').skipped).toBeGreaterThanOrEqual(2);
  });

  test('ends and mends everything when the history cannot be written', async () => {
    const time = new VirtualTime();
    const cluster = new FakeCluster(time);
    const faults = everything();
    let notes = 0;
    const work = unleash({
      cluster,
      faults,
      schedule: schedule(faults, 20_000, 1),
      time,
      random: stream(1, 'nemesis'),
      note: () => {
        if (++notes > 10) throw new Error('disk full');
      },
      signal: new AbortController().signal,
    });
    await expect(time.run(work)).rejects.toThrow('disk full');
    expect(cluster.harm).toEqual([]);
  });

  test('does the same for the same seed', async () => {
    const targets = async (faults: readonly Fault[], seed: number) =>
      (await trial({ faults, seed })).notes
        .filter(({ f }) => f.startsWith('partition'))
        .map(({ value }) => value.target);
    expect(await targets([partition()], 5)).toEqual(await targets([partition()], 5));
    expect(await targets([partition()], 5)).not.toEqual(await targets([partition()], 6));
  });

  test('of no faults touches nothing', async () => {
    const { report, cluster } = await trial({ faults: [] });
    expect(cluster.log).toEqual([]);
    expect(report).toMatchObject({ faults: [], faultProven: true, mending: { healed: true } });
  });
});

describe('the name of a nemesis', () => {
  test('none is no fault', () => expect(parseNemesis('none')).toEqual({ kind: 'faults', faults: [] }));

  test('a list names each fault, variants included', () => {
    const nemesis = parseNemesis('partition:bridge, kill:all,clock');
    expect(nemesis.kind === 'faults' && nemesis.faults.map(({ name }) => name)).toEqual(['partition', 'kill', 'clock']);
  });

  test('a variant is the only one drawn', () => {
    const nemesis = parseNemesis('partition:bridge');
    const time = new VirtualTime();
    const cluster = new FakeCluster(time);
    const fault = nemesis.kind === 'faults' ? nemesis.faults[0]! : undefined;
    for (let seed = 0; seed < 20; seed++) {
      for (const gentle of [true, false]) {
        expect(fault!.aim(sightOf(cluster, stream(seed, 'x'), { gentle }))).toMatchObject({ shape: 'bridge' });
      }
    }
  });

  test.each([
    ['', 'no nemesis'],
    ['partitoin', '"partitoin"'],
    ['partition:brigde', 'bridge'],
    ['client-pause:all', 'no variant'],
    ['kill,kill:all', 'twice'],
    ['none,kill', '"none"'],
    ['toString', '"toString"'],
  ])('%j is refused, and the refusal says why', (text, why) => {
    const nemesis = parseNemesis(text);
    expect(nemesis.kind === 'unknown' && nemesis.why).toContain(why);
  });

  test('all is every fault that is possible, and says what is left out', () => {
    const time = new VirtualTime();
    const { nodes, clients, leader, processes } = new FakeCluster(time);
    const nemesis = parseNemesis('all');
    const choice = nemesis.kind === 'unknown' ? undefined : choose(nemesis, { nodes, clients, leader, processes });
    expect(choice?.kind === 'chosen' && choice.faults.map(({ name }) => name)).toEqual(['kill', 'pause']);
    expect(choice?.kind === 'chosen' && choice.leftOut.map(({ name }) => name)).toEqual([
      'partition',
      'clock',
      'link',
      'slow-disk',
      'client-pause',
    ]);
  });

  test('a fault asked for by name must be possible', () => {
    const time = new VirtualTime();
    const nemesis = parseNemesis('partition:bridge');
    const choice = nemesis.kind === 'unknown' ? undefined : choose(nemesis, new FakeCluster(time, 2));
    expect(choice).toMatchObject({ kind: 'impossible' });
  });
});

test('mending tells what it could not do, and does the rest', async () => {
  const time = new VirtualTime();
  const cluster = new FakeCluster(time, 3);
  await cluster.processes.kill('n2');
  await cluster.processes.pause('n3');
  await cluster.partitioning.cut([{ from: 'n1', to: 'n3' }]);
  cluster.before = (what) => {
    if (what === 'start n2') throw new Error('its disk is broken');
  };
  const { healed, troubles } = await mend(cluster);
  expect(healed).toBe(false);
  expect(troubles[0]).toBe('start n2: its disk is broken');
  expect(cluster.harm).toEqual(['n2 gone']);
});
