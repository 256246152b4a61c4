import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClusterPlan } from '../../harness/environments/environment.ts';
import { clean, tellCleaned } from '../../harness/environments/local/clean.ts';
import type { Links } from '../../harness/environments/local/keeper-handle.ts';
import { linkPowers } from '../../harness/environments/local/link-powers.ts';
import { type LiveRun, markData, markerFile, readLive } from '../../harness/environments/local/live-register.ts';
import { type LocalCluster, liveDirectoryOf, localEnvironment } from '../../harness/environments/local/local.ts';
import { end, identify, isAlive, processState } from '../../harness/environments/local/process-table.ts';
import { EnvironmentError, UsageError } from '../../harness/failures.ts';
import { sleep } from '../../harness/time.ts';
import type { Fault, Json } from '../../nemesis/fault.ts';
import { parseNemesis } from '../../nemesis/nemeses.ts';
import { unleash } from '../../nemesis/nemesis.ts';
import { stream } from '../../nemesis/random.ts';
import { schedule } from '../../nemesis/schedule.ts';
import { sightOf } from '../nemesis/sight.ts';
import { fakeSystem } from './fake-system.ts';

const machineTemporary = tmpdir();
let directory: string;
const running: LocalCluster[] = [];
const orphaned: LiveRun[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(machineTemporary, 'faultline-test-'));
  // Other runs of this machine keep their data in the usual place.
  process.env.TMPDIR = directory;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((cluster) => cluster.stop()));
  // Should a test of killed harnesses fail, its processes must not stay.
  for (const run of orphaned.splice(0)) for (const entry of everyone(run)) end(entry);
  process.env.TMPDIR = machineTemporary;
  rmSync(directory, { recursive: true, force: true });
});

const store = (): string => join(directory, 'store');
const live = (): string => liveDirectoryOf(store());

const planOf = (more: Partial<ClusterPlan> = {}): ClusterPlan => ({
  system: fakeSystem,
  nodes: ['n1', 'n2', 'n3'],
  options: {},
  bugs: [],
  seed: 1,
  clientProcesses: 0,
  runDirectory: join(directory, 'run'),
  storeDirectory: store(),
  ...more,
});

async function start(more: Partial<ClusterPlan> = {}, environment = localEnvironment()): Promise<LocalCluster> {
  const cluster = (await environment.start(planOf(more), new AbortController().signal)) as LocalCluster;
  running.push(cluster);
  return cluster;
}

/** The processes of the one run that is registered. */
function registered(): LiveRun {
  const [file] = readLive(live());
  if (file?.kind !== 'run') throw new Error(`no run is registered: ${JSON.stringify(file)}`);
  return file.run;
}

const everyone = (run: LiveRun) => [...run.processes, { name: 'keeper', ...run.keeper }];
const alive = (run: LiveRun): string[] =>
  everyone(run)
    .filter(isAlive)
    .map(({ name }) => name);

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > 20_000) throw new Error(`never: ${what}`);
    await wait(20);
  }
}

const dataDirectories = (): string[] =>
  readdirSync(directory).filter((name) => existsSync(join(directory, name, markerFile)));

describe('a local cluster', () => {
  test('starts, answers, and leaves nothing behind', async () => {
    const cluster = await start({ clientProcesses: 2 });
    expect(dataDirectories()).toHaveLength(1);
    const run = registered();
    expect(alive(run).sort()).toEqual(['c1', 'c2', 'keeper', 'n1', 'n2', 'n3']);
    expect((await cluster.status('n2', 5000))?.id).toBe('n2');
    expect(await cluster.cluster.leader()).toBe('n1');
    expect(readFileSync(join(directory, 'run', 'n3.log'), 'utf8')).toBe('n3 started\n');
    await cluster.stop();
    await cluster.stop();
    expect(alive(run)).toEqual([]);
    expect(readdirSync(live())).toEqual([]);
    expect(existsSync(cluster.dataDirectory)).toBe(false);
    expect([cluster.crashes(), cluster.trouble()]).toEqual([[], undefined]);
  });

  test('keeps the data when asked to', async () => {
    const cluster = await start({}, localEnvironment({ keepData: true }));
    await cluster.stop();
    expect(existsSync(cluster.dataDirectory)).toBe(true);
    rmSync(cluster.dataDirectory, { recursive: true });
  });

  test('whose node dies at its start says which and why, and leaves nothing behind', async () => {
    const failed = await start({ options: { dies: 'n2' } }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(EnvironmentError);
    expect(String(failed)).toMatch(
      /node n2 did not start: it ended with exit code 3; .*n2\.log ends with: n2 cannot read its disk$/,
    );
    expect(readdirSync(live())).toEqual([]);
    expect(dataDirectories()).toEqual([]);
  });

  test('that is interrupted while it starts leaves nothing behind', async () => {
    for (const afterMs of [0, 60, 200]) {
      const abort = new AbortController();
      const starting = localEnvironment().start(planOf({ options: { mute: 'n3' } }), abort.signal);
      const failed = starting.catch((error: unknown) => error);
      await wait(afterMs);
      const run = readLive(live())[0];
      abort.abort();
      expect(await failed).toBeInstanceOf(EnvironmentError);
      expect(readdirSync(live())).toEqual([]);
      if (run?.kind === 'run') expect(alive(run.run)).toEqual([]);
    }
  });

  test('refuses a port in use before anything starts', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const failed = await start({ basePort: port - 1 }).catch((error: unknown) => error);
    server.close();
    expect(failed).toBeInstanceOf(UsageError);
    expect(String(failed)).toContain(`port ${port} (for n2)`);
    expect(existsSync(live())).toBe(false);
  });

  test('gives its nodes the ports that were asked for, also after a restart', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const cluster = await start({ nodes: ['n1'], basePort: port });
    expect(cluster.address('n1')?.port).toBe(port);
    await cluster.cluster.processes?.kill('n1');
    await cluster.cluster.processes?.start('n1');
    expect(cluster.address('n1')?.port).toBe(port);
  });

  test('tells a crash from a kill', async () => {
    const cluster = await start();
    await cluster.cluster.processes?.kill('n1');
    expect(cluster.crashes()).toEqual([]);
    await cluster.transport(0).send('n2', { method: 'POST', path: '/test/crash' }, { timeoutMs: 5000 });
    await until(() => cluster.crashes().length > 0, 'a crash');
    expect(cluster.crashes()).toMatchObject([{ node: 'n2', how: 'exit code 7', logTail: 'n2 started' }]);
    expect(cluster.address('n2')).toBeUndefined();
  });

  test('tells when its keeper is gone', async () => {
    const cluster = await start({ nodes: ['n1', 'n2'] });
    end(registered().keeper);
    await until(() => cluster.trouble() !== undefined, 'trouble');
    expect(cluster.trouble()).toContain('SIGKILL');
    await cluster.stop();
    expect(readdirSync(live())).toEqual([]);
  });
});

describe('the processes of a local cluster', () => {
  test('are killed, started, stopped and resumed, in any order and twice over', async () => {
    const { cluster } = await start({ nodes: ['n1', 'n2'] });
    const { kill, start: begin, pause, resume, state } = cluster.processes!;
    const steps = [
      [resume, 'running'],
      [begin, 'running'],
      [pause, 'stopped'],
      [pause, 'stopped'],
      [begin, 'stopped'],
      [kill, 'gone'],
      [kill, 'gone'],
      [pause, 'gone'],
      [resume, 'gone'],
      [begin, 'running'],
      [pause, 'stopped'],
      [resume, 'running'],
    ] as const;
    for (const [act, expected] of steps) {
      await act('n2');
      expect(await state('n2')).toBe(expected);
      expect(await state('n1')).toBe('running');
    }
    expect((await cluster.partitioning!.probe([{ from: 'n1', to: 'n2' }]))[0]).toMatchObject({ state: 'through' });
  });

  test('clients among them send for themselves, and a paused one sends when it goes on', async () => {
    const running = await start({ nodes: ['n1'], clientProcesses: 2 });
    const { clientProcesses } = running.cluster;
    const ask = (worker: number) => running.transport(worker).send('n1', fakeSystem.statusRequest, { timeoutMs: 5000 });
    expect(await ask(0)).toMatchObject({ kind: 'response', status: 200 });
    await clientProcesses!.pause('c1');
    expect(await clientProcesses!.state('c1')).toBe('stopped');
    let answered = false;
    const late = ask(0).then((reply) => {
      answered = true;
      return reply;
    });
    expect(await ask(1)).toMatchObject({ kind: 'response', status: 200 });
    expect(answered).toBe(false);
    await clientProcesses!.resume('c1');
    expect(await late).toMatchObject({ kind: 'response', status: 200 });
  });

  test('a client process that dies leaves its calls unknown', async () => {
    const cluster = await start({ nodes: ['n1'], clientProcesses: 1 });
    await cluster.cluster.clientProcesses!.pause('c1');
    const reply = cluster.transport(0).send('n1', fakeSystem.statusRequest, { timeoutMs: 5000 });
    end(registered().processes.find(({ name }) => name === 'c1')!);
    expect(await reply).toMatchObject({ kind: 'lost', error: 'client-gone' });
  });
});

describe('the links of a local cluster', () => {
  test('are cut in one direction, and no other', async () => {
    const { cluster } = await start();
    const { cut, probe } = cluster.partitioning!;
    const links = [
      { from: 'n1', to: 'n2' },
      { from: 'n2', to: 'n1' },
      { from: 'n1', to: 'n3' },
    ];
    const states = async () => (await probe(links)).map(({ state }) => state);
    expect(await states()).toEqual(['through', 'through', 'through']);
    await cut([{ from: 'n1', to: 'n2' }]);
    expect(await states()).toEqual(['cut', 'through', 'through']);
    await cut([{ from: 'n1', to: 'n3' }]);
    expect(await states()).toEqual(['through', 'through', 'cut']);
    await cut([]);
    expect(await states()).toEqual(['through', 'through', 'through']);
  });

  test('of a paused or dead node are not called cut', async () => {
    const { cluster } = await start();
    await cluster.processes!.pause('n2');
    await cluster.processes!.kill('n3');
    const probes = await cluster.partitioning!.probe([
      { from: 'n1', to: 'n2' },
      { from: 'n1', to: 'n3' },
      { from: 'n3', to: 'n1' },
    ]);
    expect(probes.map(({ state, how }) => [state, how])).toEqual([
      ['unmeasurable', 'n2 is paused'],
      ['unmeasurable', 'n3 is not running'],
      ['unmeasurable', 'n3 is not running'],
    ]);
  });

  test('that are slow are not called cut', async () => {
    const { cluster } = await start();
    const slow = [{ from: 'n1', to: 'n2' }];
    await cluster.linkQualities!.shape(slow, { delayMs: 700 });
    const [probe] = await cluster.partitioning!.probe(slow);
    expect(probe).toMatchObject({ state: 'through' });
    expect(probe!.roundTripMs).toBeGreaterThanOrEqual(700);
  });

  test('of a proxy that ignores cuts prove nothing', async () => {
    const honest = await start();
    const addresses = new Map<string, { host: string; port: number }>();
    const peers = net.createServer((socket) =>
      socket.on('data', (bytes) => socket.write(bytes)).on('error', () => undefined),
    );
    peers.listen(0, '127.0.0.1');
    await once(peers, 'listening');
    const { port } = peers.address() as AddressInfo;
    const deaf: Links = {
      addressOf: ({ from, to }) => addresses.get(`${from}>${to}`) ?? { host: '127.0.0.1', port },
      cut: async () => undefined,
      shape: async () => undefined,
      unshape: async () => undefined,
    };
    const powers = linkPowers({ links: deaf, linkProbe: fakeSystem.linkProbe!, state: () => 'running' });
    const cluster = { ...honest.cluster, ...powers };
    const nemesis = parseNemesis('partition:halves,link:delay');
    if (nemesis.kind !== 'faults') throw new Error('these are faults');
    for (const fault of nemesis.faults) {
      const { evidence } = await injectOnce(fault, cluster);
      expect(evidence, fault.name).toMatchObject({ proven: false });
    }
    peers.close();
  });
});

async function injectOnce(fault: Fault, cluster: LocalCluster['cluster']) {
  const { time } = localEnvironment();
  const stage = {
    cluster,
    time: { nowMs: () => time.nowNs() / 1e6, sleep: (ms: number, signal?: AbortSignal) => sleep(time, ms, signal) },
    signal: new AbortController().signal,
  };
  const target = fault.aim(sightOf(cluster, stream(11, fault.name))) as Json;
  const evidence = await fault.inject(stage, target);
  const healed = await fault.heal(stage, target);
  return { evidence, healed };
}

describe('every fault takes hold on real processes, is proven, and heals', () => {
  test.each([
    ...['partition:one-way', 'partition:leader-alone', 'kill:majority', 'pause:minority', 'clock:jump', 'clock:drift'],
    ...['link:delay', 'link:jitter', 'link:loss', 'link:bandwidth', 'slow-disk', 'client-pause'],
  ])('%s', async (name) => {
    const { cluster } = await start({ clientProcesses: 2 });
    const nemesis = parseNemesis(name);
    if (nemesis.kind !== 'faults') throw new Error(`${name} is a fault`);
    const { evidence, healed } = await injectOnce(nemesis.faults[0]!, cluster);
    expect(evidence).toMatchObject({ proven: true });
    expect(healed).toMatchObject({ proven: true });
  });

  test('all of them at once, for a while', async () => {
    const { cluster } = await start({ clientProcesses: 2 });
    const { time } = localEnvironment();
    const nemesis = parseNemesis('all', { leaseMs: 500 });
    if (nemesis.kind !== 'all') throw new Error('all is a nemesis');
    const report = await unleash({
      cluster,
      faults: nemesis.faults,
      schedule: schedule(nemesis.faults, 6000, 3),
      time: { nowMs: () => time.nowNs() / 1e6, sleep: (ms, signal) => sleep(time, ms, signal) },
      random: stream(3, 'all'),
      note: () => undefined,
      signal: new AbortController().signal,
    });
    expect(report.mending).toEqual({ healed: true, troubles: [] });
    for (const { name, injections, skipped } of report.faults)
      expect(injections + skipped, name).toBeGreaterThanOrEqual(2);
    for (const node of cluster.nodes) expect(await cluster.processes!.state(node)).toBe('running');
    for (const { name, proven } of report.faults)
      if (name === 'kill' || name === 'pause') expect(proven, name).toBeGreaterThan(0);
  });
});

describe('a harness that is killed', () => {
  async function harness(): Promise<{ readonly run: LiveRun; kill(): Promise<void> }> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'harness-to-kill.ts'), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout!, 'data');
    const run = registered();
    orphaned.push(run);
    return {
      run,
      async kill() {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }

  test('leaves no process, not even a stopped one, no data and no register', async () => {
    const { run, kill } = await harness();
    expect(alive(run).sort()).toEqual(['c1', 'c2', 'keeper', 'n1', 'n2', 'n3']);
    const stopped = run.processes.filter(({ pid }) => processState(pid) === 'stopped').map(({ name }) => name);
    expect(stopped.sort()).toEqual(['c1', 'n2']);
    await kill();
    await until(() => alive(run).length === 0, 'the end of all processes');
    await until(() => readdirSync(live()).length === 0, 'the end of the register');
    expect(existsSync(run.dataDirectory!)).toBe(false);
    expect(tellCleaned(clean(live()))).toEqual(['nothing to clean']);
  });

  test('and its keeper with it: what they leave is found and ended', async () => {
    const { run, kill } = await harness();
    expect(clean(live())).toMatchObject({ ended: [], underWay: [{ cluster: run.cluster }] });
    expect(alive(run)).toHaveLength(6);
    end(run.keeper);
    await kill();
    // Running nodes and clients notice the end of their harness themselves; stopped ones cannot.
    await until(() => alive(run).length === 2, 'the end of all but the stopped');
    const cleaned = clean(live());
    expect(cleaned.ended).toMatchObject([{ cluster: run.cluster, dataDirectory: run.dataDirectory }]);
    expect(cleaned.ended[0]!.processes.map(({ name }) => name).sort()).toEqual(['c1', 'n2']);
    await until(() => alive(run).length === 0, 'the end of the stopped');
    expect(existsSync(run.dataDirectory!)).toBe(false);
    expect(tellCleaned(clean(live()))).toEqual(['nothing to clean']);
  });
});

describe('cleaning', () => {
  const gone = { pid: process.pid, started: 'long ago' };

  test('never ends a process that merely has the number of one of ours', () => {
    mkdirSync(live(), { recursive: true });
    const file: LiveRun = {
      cluster: 'run-x',
      harness: gone,
      keeper: gone,
      processes: [{ name: 'n1', ...gone }],
      dataDirectory: null,
    };
    writeFileSync(join(live(), 'run-x.json'), JSON.stringify(file));
    expect(clean(live()).ended).toEqual([{ cluster: 'run-x', processes: [], dataDirectory: undefined }]);
    expect(readdirSync(live())).toEqual([]);
  });

  test('never removes a directory that does not bear the mark of the run', () => {
    mkdirSync(live(), { recursive: true });
    const precious = join(directory, 'precious');
    for (const mark of [undefined, 'another-run']) {
      mkdirSync(precious, { recursive: true });
      if (mark !== undefined) markData(precious, mark);
      const file: LiveRun = { cluster: 'run-x', harness: gone, keeper: gone, processes: [], dataDirectory: precious };
      writeFileSync(join(live(), 'run-x.json'), JSON.stringify(file));
      expect(clean(live()).ended[0]!.dataDirectory).toBeUndefined();
      expect(existsSync(precious)).toBe(true);
    }
  });

  test('leaves alone what it cannot read, and says so', () => {
    mkdirSync(live(), { recursive: true });
    writeFileSync(join(live(), 'notes.json'), '{"cluster":');
    const cleaned = clean(live());
    expect(cleaned.unreadable).toHaveLength(1);
    expect(tellCleaned(cleaned)[0]).toContain('left alone');
    expect(readdirSync(live())).toEqual(['notes.json']);
  });

  test('finds nothing where nothing ever ran', () =>
    expect(tellCleaned(clean(join(directory, 'nowhere')))).toEqual(['nothing to clean']));
});

test('a process is known by its number and its start', () => {
  const self = identify(process.pid);
  expect(self?.pid).toBe(process.pid);
  expect(isAlive(self!)).toBe(true);
  expect(isAlive({ pid: process.pid, started: `${self!.started}0` })).toBe(false);
  expect(processState(process.pid)).toBe('running');
});
