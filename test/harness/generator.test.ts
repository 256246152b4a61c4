import { describe, expect, test } from 'vitest';
import type { Ending } from '../../harness/client/client.ts';
import {
  each,
  eachProcess,
  insist,
  limit,
  list,
  mix,
  perKey,
  phases,
  stagger,
  until,
} from '../../harness/generator/combinators.ts';
import type { Generator, Planned } from '../../harness/generator/generator.ts';
import { drive } from '../../harness/load.ts';
import { randomFrom } from '../../harness/random.ts';
import { nsPerSecond } from '../../harness/time.ts';
import { VirtualTime } from './virtual-time.ts';

interface Performed {
  readonly worker: number;
  readonly process: number;
  readonly planned: Planned;
  readonly fromNs: number;
  readonly toNs: number;
  readonly ending: Ending;
}

const ok: Ending = { type: 'ok', node: 'n1' };

/** Drives a generator over workers that take `latencyMs` for everything. */
async function performed(
  generator: Generator,
  options: {
    workers?: number;
    latencyMs?: number;
    seed?: number;
    ending?: (planned: Planned, count: number) => Ending;
  } = {},
): Promise<Performed[]> {
  const time = new VirtualTime();
  const { workers = 3, latencyMs = 5, seed = 1, ending = () => ok } = options;
  const all: Performed[] = [];
  let begun = 0;
  const driving = drive({
    generator,
    workers,
    time,
    random: randomFrom(seed, 'test'),
    processes: Array.from({ length: workers }, (_, i) => i),
    signal: new AbortController().signal,
    perform(worker, process, planned) {
      const fromNs = time.nowNs();
      const count = begun++;
      return new Promise((resolve) => {
        time.after(latencyMs, () => {
          const ended = ending(planned, count);
          all.push({ worker, process, planned, fromNs, toNs: time.nowNs(), ending: ended });
          resolve(ended);
        });
      });
    },
  });
  await time.run(driving);
  return all;
}

const reads = each(() => ({ f: 'read' }));

describe('generators', () => {
  test('until: nothing begins at or after the end, and all that began ends', async () => {
    const all = await performed(until(nsPerSecond, reads), { latencyMs: 7 });
    expect(all.length).toBeGreaterThan(3 * 140);
    expect(Math.max(...all.map(({ fromNs }) => fromNs))).toBeLessThan(nsPerSecond);
  });

  test('limit: exactly so many', async () => {
    expect(await performed(limit(17, reads))).toHaveLength(17);
  });

  test('stagger: the rate asked for on average, never a burst to catch up', async () => {
    const all = await performed(until(20 * nsPerSecond, stagger(200, reads)), { workers: 10, latencyMs: 2 });
    expect(all.length).toBeGreaterThan(3700);
    expect(all.length).toBeLessThan(4300);
    const slow = await performed(until(20 * nsPerSecond, stagger(200, reads)), { workers: 1, latencyMs: 50 });
    expect(slow.length).toBeLessThanOrEqual(401);
  });

  test('phases: the second begins when the first has ended', async () => {
    const all = await performed(
      phases([
        limit(10, reads),
        limit(
          5,
          each(() => ({ f: 'write' })),
        ),
      ]),
    );
    const lastRead = Math.max(...all.filter(({ planned }) => planned.f === 'read').map(({ toNs }) => toNs));
    const firstWrite = Math.min(...all.filter(({ planned }) => planned.f === 'write').map(({ fromNs }) => fromNs));
    expect(all).toHaveLength(15);
    expect(firstWrite).toBeGreaterThanOrEqual(lastRead);
  });

  test('list: in order, each once', async () => {
    const all = await performed(list([{ f: 'a' }, { f: 'b' }, { f: 'c' }]), { workers: 1 });
    expect(all.map(({ planned }) => planned.f)).toEqual(['a', 'b', 'c']);
  });

  test('insist: what fails comes again, up to its attempts, after a rest', async () => {
    const operations = ['a', 'b', 'c'].map((f) => ({ f }));
    const all = await performed(insist(operations, { attempts: 4, restMs: 100 }), {
      workers: 2,
      ending: ({ f }, count) =>
        f === 'c' || (f === 'b' && count < 4) ? { type: 'fail', error: 'no', node: 'n1' } : ok,
    });
    const tries = (f: string) => all.filter(({ planned }) => planned.f === f);
    expect(tries('a')).toHaveLength(1);
    expect(tries('b').at(-1)!.ending.type).toBe('ok');
    expect(tries('c')).toHaveLength(4);
    expect(tries('c')[1]!.fromNs - tries('c')[0]!.fromNs).toBeGreaterThanOrEqual(100e6);
  });

  test('mix: by weight, and the rest goes on when one ends', async () => {
    const parts = [
      { weight: 3, generator: each(() => ({ f: 'read' })) },
      {
        weight: 1,
        generator: limit(
          50,
          each(() => ({ f: 'write' })),
        ),
      },
    ];
    const all = await performed(limit(1000, mix(parts)));
    expect(all.filter(({ planned }) => planned.f === 'write')).toHaveLength(50);
    const first = all.slice(0, 100).filter(({ planned }) => planned.f === 'write').length;
    expect(first).toBeGreaterThan(10);
    expect(first).toBeLessThan(45);
  });

  test('perKey: few keys at a time, each for so many operations, then a new one', async () => {
    const start = (number: number) => each(() => ({ f: 'read', key: `k${number}` }));
    const all = await performed(limit(1000, perKey({ active: 3, operationsPerKey: 40, start })));
    const counts = new Map<string, number>();
    for (const { planned } of all) counts.set(planned.key as string, (counts.get(planned.key as string) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBe(40);
    expect([...counts.values()].filter((count) => count < 40).length).toBeLessThanOrEqual(3);
  });

  test('eachProcess: a process that takes over after an unknown outcome begins a new script', async () => {
    const begun: number[] = [];
    const script = (process: number): Generator => {
      begun.push(process);
      return list([{ f: `first of ${process}` }, { f: `second of ${process}` }]);
    };
    const all = await performed(eachProcess(script), {
      workers: 2,
      ending: (planned) => (planned.f === 'first of 1' ? { type: 'info', error: 'timeout', node: 'n1' } : ok),
    });
    expect([...new Set(begun)].sort()).toEqual([0, 1, 3]);
    expect(all.map(({ planned }) => planned.f)).toContain('second of 3');
    expect(all.map(({ planned }) => planned.f)).not.toContain('second of 1');
  });

  test('equal seeds give equal operations', async () => {
    const plan = () =>
      limit(
        300,
        stagger(
          500,
          perKey({
            active: 2,
            operationsPerKey: 30,
            start: (n) => each((_, { random }) => ({ f: random() < 0.5 ? 'a' : 'b', key: n })),
          }),
        ),
      );
    const [one, two, other] = [
      await performed(plan(), { seed: 9 }),
      await performed(plan(), { seed: 9 }),
      await performed(plan(), { seed: 10 }),
    ];
    expect(two).toEqual(one);
    expect(other).not.toEqual(one);
  });
});

describe('drive', () => {
  test('idle workers take turns', async () => {
    const all = await performed(limit(400, stagger(100, reads)), { workers: 4, latencyMs: 1 });
    for (const worker of [0, 1, 2, 3]) expect(all.filter((one) => one.worker === worker).length).toBeGreaterThan(80);
  });

  test('a process never returns after an unknown outcome', async () => {
    const all = await performed(limit(200, reads), {
      workers: 4,
      ending: (_, count) => (count % 3 === 0 ? { type: 'info', error: 'timeout', node: 'n1' } : ok),
    });
    for (const worker of [0, 1, 2, 3]) {
      let process = worker;
      for (const one of all.filter((other) => other.worker === worker)) {
        expect(one.process).toBe(process);
        if (one.ending.type === 'info') process += 4;
      }
      expect(process).toBeGreaterThan(worker + 4 * 10);
    }
  });

  test('an aborted load begins nothing new and waits for what is open', async () => {
    const time = new VirtualTime();
    const stop = new AbortController();
    let open = 0;
    let begun = 0;
    time.after(100, () => stop.abort());
    await time.run(
      drive({
        generator: reads,
        workers: 5,
        time,
        random: randomFrom(1, 'test'),
        processes: [0, 1, 2, 3, 4],
        signal: stop.signal,
        perform: () => {
          open++;
          begun++;
          expect(time.nowNs()).toBeLessThanOrEqual(100e6);
          return new Promise((resolve) => {
            time.after(30, () => {
              open--;
              resolve(ok);
            });
          });
        },
      }),
    );
    expect(open).toBe(0);
    expect(begun).toBeGreaterThan(10);
  });
});
