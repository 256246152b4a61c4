import { afterEach, describe, expect, test, vi } from 'vitest';
import { EventQueue } from '../../harness/environments/simulated/event-queue.ts';
import { SimulatedNetwork } from '../../harness/environments/simulated/simulated-network.ts';
import { SimulatedNode } from '../../harness/environments/simulated/simulated-node.ts';
import { Simulation } from '../../harness/environments/simulated/simulation.ts';
import { randomFrom } from '../../harness/random.ts';
import { systems } from '../../system-under-test/catalogue.ts';
import type { HostWorld } from '../../system-under-test/system.ts';
import { start } from '../harness/command-line.ts';
import { worldContract } from '../world/contract.ts';
import { simulate } from './simulation.ts';

describe('the simulated world keeps the contract', () =>
  worldContract(async () => {
    const simulation = new Simulation();
    const network = new SimulatedNetwork(simulation, randomFrom(1, 'network'));
    const worlds: Record<string, HostWorld> = {};
    const nodes = new Map<string, SimulatedNode>();
    const node = (name: string): SimulatedNode =>
      new SimulatedNode(name, {
        simulation,
        network,
        plan: {
          system: {
            ...systems['raft-kv']!,
            host: async ({ id, world }) => {
              worlds[id] = world;
              return { answer: () => undefined, stop: () => undefined };
            },
          },
          nodes: ['a', 'b'],
          options: {},
          bugs: [],
          seed: 1,
          clientProcesses: 0,
          runDirectory: '',
          storeDirectory: '',
        },
        cluster: 'test',
        peer: (name) => nodes.get(name),
        died: () => undefined,
      });
    for (const name of ['a', 'b']) {
      nodes.set(name, node(name));
      await nodes.get(name)!.start();
    }
    const pass = (ms: number) => simulation.drive(new Promise<void>((resolve) => simulation.after(ms, resolve)));
    // Disks answer in virtual time, so it has to pass while a test waits for one.
    let closed = false;
    const passing = (async () => {
      while (!closed) await pass(1);
    })();
    return {
      a: worlds.a!,
      b: worlds.b!,
      pass: (ms) => new Promise((resolve) => simulation.after(ms, resolve)),
      async crashA() {
        nodes.get('a')!.kill();
        await nodes.get('a')!.start();
        return worlds.a!.disk;
      },
      async close() {
        closed = true;
        await passing;
      },
    };
  }));

test('what is due comes out by time, then in order of making', () => {
  const random = randomFrom(3, 'queue');
  const queue = new EventQueue();
  const all = Array.from({ length: 500 }, (_, order) => ({
    atNs: Math.floor(random() * 40),
    order,
    run: () => undefined,
    cancelled: random() < 0.2,
  }));
  for (const due of all) queue.push(due);
  const out = Array.from({ length: 600 }, () => queue.take()).filter((due) => due !== undefined);
  expect(out).toEqual(all.filter((due) => !due.cancelled).sort((a, b) => a.atNs - b.atNs || a.order - b.order));
});

describe('one seed, one history', () => {
  const request = { workload: 'register', nemesis: 'all', timeLimit: '12s' };

  test('the same seed twice gives the same bytes; another seed others', async () => {
    const first = await simulate({ ...request, seed: 11 });
    const again = await simulate({ ...request, seed: 11 });
    const other = await simulate({ ...request, seed: 12 });
    expect(first.history.length).toBeGreaterThan(100_000);
    expect(again.history === first.history).toBe(true);
    expect(other.history).not.toBe(first.history);
    expect(first.verdict.verdict).toBe('pass');
  });

  describe('nothing reaches for real time or chance', () => {
    afterEach(() => vi.restoreAllMocks());

    test('nor does the run notice when it would fail', async () => {
      const reached = (what: string) => () => {
        throw new Error(`${what} in a simulation`);
      };
      const before = await simulate({ ...request, seed: 13 });
      vi.spyOn(Math, 'random').mockImplementation(reached('Math.random'));
      vi.spyOn(Date, 'now').mockImplementation(reached('Date.now'));
      vi.spyOn(performance, 'now').mockImplementation(reached('performance.now'));
      vi.spyOn(globalThis, 'setTimeout').mockImplementation(reached('setTimeout') as never);
      vi.spyOn(globalThis, 'setInterval').mockImplementation(reached('setInterval') as never);
      const { history } = await simulate({ ...request, seed: 13 });
      expect(history === before.history).toBe(true);
    });
  });
});

describe('every workload passes under all faults, and planted bugs are caught', () => {
  test.each(['register', 'set', 'counter', 'lock', 'fenced-lock'])('%s', async (workload) => {
    const { verdict } = await simulate({ workload, nemesis: 'all', timeLimit: '20s', rate: 300, seed: 5 });
    expect(verdict).toMatchObject({ verdict: 'pass' });
  });

  test.each(systems['raft-kv']!.bugs)('$name', async ({ name, caughtBy, options }) => {
    const request = {
      workload: caughtBy.workload,
      nemesis: caughtBy.nemesis,
      timeLimit: caughtBy.timeLimit ?? '20s',
      rate: 300,
      options: { ...options, ...caughtBy.options },
    };
    const caught: number[] = [];
    for (const seed of [1, 2, 3, 4]) {
      const { verdict } = await simulate({ ...request, seed, bugs: [name] });
      if (verdict.verdict === 'violation') caught.push(seed);
    }
    expect(caught.length).toBeGreaterThan(0);
    const { verdict } = await simulate({ ...request, seed: caught[0]! });
    expect(verdict.verdict).not.toBe('violation');
  });
});

describe('faultline simulate', () => {
  const choice = ['simulate', '--system', 'raft-kv', '--workload', 'register', '--rate', '100', '--time-limit', '6s'];

  test('any number of threads finds the same', async () => {
    const summaries = [];
    for (const jobs of ['1', '2']) {
      const { stdout, code } = await start([...choice, '--seeds', '1..6', '--jobs', jobs, '--json']).ended;
      expect(code).toBe(0);
      const { wallSeconds: _, ...summary } = JSON.parse(stdout) as Record<string, unknown>;
      summaries.push(summary);
    }
    expect(summaries[0]).toMatchObject({ seeds: 6, violations: [], livenessFailures: [], undecided: [] });
    expect(summaries[1]).toEqual(summaries[0]);
  });

  test('a failing seed ends it, and comes with the command that repeats it', async () => {
    const bug = ['--nemesis', 'partition', '--bug', 'stale-follower-read', '--seeds', '1..50', '--jobs', '1'];
    const { stdout, code } = await start([...choice, ...bug, '--json']).ended;
    const { seeds, violations } = JSON.parse(stdout) as {
      seeds: number;
      violations: { seed: number; replay: string }[];
    };
    expect(code).toBe(1);
    expect(violations).toHaveLength(1);
    expect(seeds).toBe(violations[0]!.seed);
    expect(violations[0]!.replay).toContain(`--environment simulated`);
    expect(violations[0]!.replay).toContain(`--seed ${violations[0]!.seed} --bug stale-follower-read`);
  });

  test('a range that is none is refused', async () => {
    const { stderr, code } = await start([...choice, '--seeds', '9..1']).ended;
    expect(code).toBe(64);
    expect(stderr).toContain("--seeds: '9..1' must be a range of whole numbers, as in 1..1000");
  });
});
