/**
 * The local environment: every node a process of this machine, every directed link between two of them a TCP proxy in
 * the run's keeper. Nothing but Node is needed, and nothing is left behind, even by a harness that is killed.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, NodeName, Processes } from '../../../nemesis/cluster.ts';
import { allLinks } from '../../../nemesis/faults/partition-shapes.ts';
import type { NodeStatus } from '../../../system-under-test/system.ts';
import { type Address, HttpTransport } from '../../client/http-transport.ts';
import type { Transport } from '../../client/transport.ts';
import { EnvironmentError, UsageError } from '../../failures.ts';
import { files } from '../../store/layout.ts';
import type { Time } from '../../time.ts';
import type { ClusterPlan, Crash, Environment, RunningCluster } from '../environment.ts';
import { NodeControl } from '../node-control.ts';
import { ClientProcess, ClientProcessTransport } from './client-processes.ts';
import { portsInUse } from './free-ports.ts';
import { KeeperHandle } from './keeper-handle.ts';
import type { LinkCount } from './keeper-protocol.ts';
import { linkPowers } from './link-powers.ts';
import { livePath, markData, removeData } from './live-register.ts';
import { logTail, NodeProcess } from './node-process.ts';
import { realTime } from './real-time.ts';

const host = '127.0.0.1';
const clientScript = join(import.meta.dirname, '..', '..', 'client', 'client-process.ts');
const seedMax = 2 ** 31;

export interface LocalOptions {
  /** Keeps the nodes' data after the run. */
  readonly keepData?: boolean;
}

/** Below the store: one small file for each run under way (live-register.ts); what `clean` is given. */
export const liveDirectoryOf = (storeDirectory: string): string => join(storeDirectory, '.live');

export function localEnvironment(options: LocalOptions = {}): Environment {
  const time = realTime();
  return { name: 'local', time, start: (plan, signal) => start(plan, time, options, signal) };
}

async function start(plan: ClusterPlan, time: Time, options: LocalOptions, signal: AbortSignal): Promise<LocalCluster> {
  if (process.platform === 'win32')
    throw new EnvironmentError('the local environment needs signals that Windows lacks: use WSL, Linux or macOS');
  await refuseUsedPorts(plan);
  const running = new LocalCluster(plan, time, options);
  const interrupt = (): void => void running.stop();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    if (signal.aborted) throw new EnvironmentError('interrupted before it started');
    await running.start();
    if (signal.aborted) throw new EnvironmentError('interrupted while the nodes were starting');
    return running;
  } catch (error) {
    await running.stop();
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

async function refuseUsedPorts({ basePort, nodes }: ClusterPlan): Promise<void> {
  if (basePort === undefined) return;
  const last = basePort + nodes.length - 1;
  if (last > 65_535)
    throw new UsageError(`--base-port ${basePort}: ${nodes.length} nodes would need ports up to ${last}`);
  const used = await portsInUse(
    host,
    nodes.map((_, index) => basePort + index),
  );
  if (used.length === 0) return;
  const whose = used.map((port) => `port ${port} (for ${nodes[port - basePort]})`).join(', ');
  throw new UsageError(`--base-port ${basePort}: ${whose} cannot be listened on; choose another, or leave it out`);
}

/** What `RunningCluster` promises, and what only this environment can tell besides. */
export class LocalCluster implements RunningCluster {
  readonly #plan: ClusterPlan;
  readonly #time: Time;
  readonly #keepData: boolean;
  readonly #clusterId = `run-${randomUUID()}`;
  readonly #nodes: ReadonlyMap<NodeName, NodeProcess>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #control: NodeControl;
  readonly #crashes: Crash[] = [];
  readonly #livePath: string;
  readonly dataDirectory: string;
  #clients: readonly ClientProcess[] = [];
  #keeper: KeeperHandle | undefined;
  #cluster: Cluster | undefined;
  #starting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  /** Starts no process yet. */
  constructor(plan: ClusterPlan, time: Time, { keepData = false }: LocalOptions) {
    this.#plan = plan;
    this.#time = time;
    this.#keepData = keepData;
    this.#headers = { 'x-faultline-cluster': this.#clusterId };
    this.#livePath = livePath(liveDirectoryOf(plan.storeDirectory), this.#clusterId);
    this.dataDirectory = mkdtempSync(join(tmpdir(), 'faultline-'));
    markData(this.dataDirectory, this.#clusterId);
    mkdirSync(plan.runDirectory, { recursive: true });
    mkdirSync(liveDirectoryOf(plan.storeDirectory), { recursive: true });
    this.#nodes = new Map(plan.nodes.map((name, index) => [name, this.#node(name, index)]));
    this.#control = new NodeControl({
      system: plan.system,
      cluster: this.#clusterId,
      nodes: plan.nodes,
      time,
      wallMs: () => Date.now(),
      transport: () => new HttpTransport((node) => this.address(node), this.#headers),
      state: (node) => this.#nodeOf(node).state,
    });
  }

  start(): Promise<void> {
    this.#starting ??= this.#begin();
    return this.#starting;
  }

  async #begin(): Promise<void> {
    const { nodes, seed, runDirectory, clientProcesses } = this.#plan;
    this.#keeper = await KeeperHandle.start(
      {
        cluster: this.#clusterId,
        seed,
        host,
        links: allLinks(nodes),
        livePath: this.#livePath,
        dataDirectory: this.#keepData ? null : this.dataDirectory,
        harnessPid: process.pid,
      },
      join(runDirectory, 'keeper.log'),
    );
    const clientNames = Array.from({ length: clientProcesses }, (_, index) => `c${index + 1}`);
    this.#clients = clientNames.map((name) => new ClientProcess(name, clientScript, join(runDirectory, `${name}.log`)));
    await Promise.all([
      ...this.#clients.map((client) => this.#sound().guard(client.name, client.pid)),
      ...[...this.#nodes.values()].map((node) => node.start()),
    ]);
    this.#cluster = this.#powers();
  }

  get cluster(): Cluster {
    if (this.#cluster === undefined) throw new Error('the cluster has not started');
    return this.#cluster;
  }

  address(node: NodeName): Address | undefined {
    return this.#nodeOf(node).clientAddress;
  }

  transport(worker: number): Transport {
    const addressOf = (node: string): Address | undefined => this.address(node);
    const client = this.#clients[worker % Math.max(1, this.#clients.length)];
    if (client === undefined) return new HttpTransport(addressOf, this.#headers);
    return new ClientProcessTransport(client, addressOf, this.#headers);
  }

  status(node: NodeName, timeoutMs: number): Promise<NodeStatus | undefined> {
    return this.#control.status(node, timeoutMs);
  }

  crashes(): readonly Crash[] {
    return [...this.#crashes];
  }

  trouble(): string | undefined {
    const gone = this.#stopped === undefined ? this.#keeper?.gone : undefined;
    return gone === undefined
      ? undefined
      : `the keeper of the run, and with it every link between nodes, ended with ${gone}`;
  }

  /** What each link has carried and holds. */
  linkCounts(): Promise<readonly LinkCount[]> {
    return this.#sound().count();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.halt()));
    // A start that is under way ends soon, since no node starts any more; what it has begun must end too.
    await this.#starting?.catch(() => undefined);
    await Promise.all([...this.#clients.map((client) => client.end()), this.#control.close()]);
    await this.#keeper?.dismiss();
    // A keeper that died before its time has left the register to us.
    rmSync(this.#livePath, { force: true });
    if (!this.#keepData) removeData(this.dataDirectory, this.#clusterId);
  }

  #sound(): KeeperHandle {
    if (this.#keeper === undefined) throw new Error('the keeper of the run has not started');
    return this.#keeper;
  }

  #nodeOf(name: NodeName): NodeProcess {
    const node = this.#nodes.get(name);
    if (node === undefined)
      throw new Error(`there is no node ${name}; there are ${[...this.#nodes.keys()].join(', ')}`);
    return node;
  }

  #node(name: NodeName, index: number): NodeProcess {
    const { system, nodes, seed, options, bugs, runDirectory, basePort } = this.#plan;
    const logPath = join(runDirectory, files.nodeLog(name));
    return new NodeProcess({
      name,
      host,
      logPath,
      command: (incarnation) =>
        system.command({
          id: name,
          members: nodes,
          peers: Object.fromEntries(
            nodes.filter((peer) => peer !== name).map((peer) => [peer, this.#dial(name, peer)]),
          ),
          host,
          clientPort: basePort === undefined ? 0 : basePort + index,
          peerPort: 0,
          dataDirectory: join(this.dataDirectory, name),
          cluster: this.#clusterId,
          // Not the same chance again after a restart: it would repeat the same election timeouts.
          seed: ((seed % seedMax) + 7919 * index + 104_729 * incarnation) % seedMax,
          options,
          bugs,
          testHooks: system.hooks !== undefined,
        }),
      born: (pid) => this.#sound().guard(name, pid),
      moved: (peerAddress) => this.#sound().aim(name, peerAddress),
      died: (pid, how, expected) => {
        this.#sound()
          .release(pid)
          .catch(() => undefined); // a keeper that is gone guards no one
        if (!expected && this.#stopped === undefined)
          this.#crashes.push({ node: name, atNs: this.#time.nowNs(), how, logTail: logTail(logPath) });
      },
    });
  }

  #dial(from: NodeName, to: NodeName): string {
    const { port } = this.#sound().addressOf({ from, to });
    return `${host}:${port}`;
  }

  #powers(): Cluster {
    const { system, nodes } = this.#plan;
    const { linkProbe } = system;
    const { clocks, disks } = this.#control;
    const links =
      linkProbe === undefined
        ? {}
        : linkPowers({ links: this.#sound(), linkProbe, state: (node) => this.#nodeOf(node).state });
    const processes: Processes = {
      kill: (node) => this.#nodeOf(node).kill(),
      start: (node) => this.#nodeOf(node).start(),
      pause: (node) => this.#nodeOf(node).pause(),
      resume: (node) => this.#nodeOf(node).resume(),
      state: async (node) => this.#nodeOf(node).state,
    };
    const clients = new Map(this.#clients.map((client) => [client.name, client]));
    const clientOf = (name: string): ClientProcess => {
      const client = clients.get(name);
      if (client === undefined) throw new Error(`there is no client process ${name}`);
      return client;
    };
    return {
      nodes,
      clients: [...clients.keys()],
      leader: () => this.#control.leader(),
      processes,
      ...links,
      ...(clocks === undefined ? {} : { clocks }),
      ...(disks === undefined ? {} : { disks }),
      ...(clients.size === 0
        ? {}
        : {
            clientProcesses: {
              pause: (name: string) => clientOf(name).pause(),
              resume: (name: string) => clientOf(name).resume(),
              state: async (name: string) => clientOf(name).state,
            },
          }),
    };
  }
}
