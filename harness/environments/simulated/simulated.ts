/**
 * The simulated environment: nodes, links, disks, clocks and clients in one thread and on virtual time, under one seed.
 * The nodes run the code that they run as processes; what they reach of the world is made here.
 */
import type { Clocks, Cluster, Disks, NodeName } from '../../../nemesis/cluster.ts';
import type { NodeStatus } from '../../../system-under-test/system.ts';
import type { Transport } from '../../client/transport.ts';
import { EnvironmentError, UsageError } from '../../failures.ts';
import { randomFrom } from '../../random.ts';
import type { ClusterPlan, Crash, Environment, RunningCluster } from '../environment.ts';
import { NodeControl } from '../node-control.ts';
import { Gate } from './gate.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { epochMs, SimulatedNode } from './simulated-node.ts';
import { SimulatedTransport } from './simulated-transport.ts';
import { Simulation } from './simulation.ts';

/** Virtual time begins at 0; `drive` lets it pass. */
export function simulatedEnvironment(): Environment {
  const simulation = new Simulation();
  return {
    name: 'simulated',
    time: simulation,
    drive: (work) => simulation.drive(work),
    async start(plan) {
      if (plan.system.host === undefined)
        throw new UsageError(`system '${plan.system.name}' cannot be simulated: it runs as processes only`);
      const cluster = new SimulatedCluster(plan, simulation);
      await cluster.start();
      return cluster;
    },
  };
}

class SimulatedCluster implements RunningCluster {
  readonly #plan: ClusterPlan;
  readonly #simulation: Simulation;
  readonly #network: SimulatedNetwork;
  readonly #nodes: ReadonlyMap<NodeName, SimulatedNode>;
  readonly #clients: ReadonlyMap<NodeName, Gate>;
  readonly #control: NodeControl;
  readonly #crashes: Crash[] = [];

  constructor(plan: ClusterPlan, simulation: Simulation) {
    this.#plan = plan;
    this.#simulation = simulation;
    this.#network = new SimulatedNetwork(simulation, randomFrom(plan.seed, 'network'));
    const around = {
      simulation,
      network: this.#network,
      plan,
      cluster: `simulated-${plan.seed}`,
      peer: (name: string) => this.#nodes.get(name),
      died: (node: string, error: Error) => this.#died(node, error),
    };
    this.#nodes = new Map(plan.nodes.map((name) => [name, new SimulatedNode(name, around)]));
    this.#clients = new Map(Array.from({ length: plan.clientProcesses }, (_, at) => [`c${at + 1}`, new Gate()]));
    this.#control = new NodeControl({
      system: plan.system,
      cluster: around.cluster,
      nodes: plan.nodes,
      time: simulation,
      wallMs: () => epochMs + simulation.nowMs(),
      transport: () => this.#transport(undefined),
      state: (node) => this.#node(node).state,
    });
  }

  async start(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.start()));
  }

  get cluster(): Cluster {
    const { clocks, disks } = this.#control;
    return {
      nodes: this.#plan.nodes,
      clients: [...this.#clients.keys()],
      leader: () => this.#control.leader(),
      ...this.#links(),
      ...this.#processes(),
      ...powersOf(clocks, disks),
    };
  }

  transport(worker: number): Transport {
    const gates = [...this.#clients.values()];
    return this.#transport(gates[worker % Math.max(1, gates.length)]);
  }

  status(node: NodeName, timeoutMs: number): Promise<NodeStatus | undefined> {
    return this.#control.status(node, timeoutMs);
  }

  crashes(): readonly Crash[] {
    return [...this.#crashes];
  }

  trouble(): undefined {
    return undefined;
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes.values()) node.kill();
  }

  #transport(gate: Gate | undefined): SimulatedTransport {
    return new SimulatedTransport({
      simulation: this.#simulation,
      node: (name) => this.#node(name),
      latencyMs: () => this.#network.latencyMs(),
      ...(gate === undefined ? {} : { gate }),
    });
  }

  #links(): Pick<Cluster, 'partitioning' | 'linkQualities'> {
    const network = this.#network;
    const probe: NonNullable<Cluster['linkQualities']>['probe'] = (links, payloadBytes = 0) =>
      Promise.all(
        links.map((link) => {
          const dead = [link.to, link.from].find((end) => this.#node(end).state !== 'running');
          if (dead === undefined) return network.probe(link, payloadBytes);
          return { link, state: 'unmeasurable', how: `${dead} is not running` } as const;
        }),
      );
    return {
      partitioning: { cut: async (links) => network.cut(links), probe },
      linkQualities: {
        shape: async (links, quality) => network.shape(links, quality),
        unshape: async () => network.unshape(),
        probe,
      },
    };
  }

  #processes(): Pick<Cluster, 'processes' | 'clientProcesses'> {
    const processes: NonNullable<Cluster['processes']> = {
      kill: async (node) => this.#node(node).kill(),
      start: (node) => this.#node(node).start(),
      pause: async (node) => this.#node(node).pause(),
      resume: async (node) => this.#node(node).resume(),
      state: async (node) => this.#node(node).state,
    };
    if (this.#clients.size === 0) return { processes };
    const clientProcesses: NonNullable<Cluster['clientProcesses']> = {
      pause: async (name) => this.#client(name).stop(),
      resume: async (name) => this.#client(name).resume(),
      state: async (name) => (this.#client(name).stopped ? 'stopped' : 'running'),
    };
    return { processes, clientProcesses };
  }

  #node(name: NodeName): SimulatedNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new EnvironmentError(`there is no node ${name}`);
    return node;
  }

  #client(name: NodeName): Gate {
    const gate = this.#clients.get(name);
    if (gate === undefined) throw new EnvironmentError(`there is no client process ${name}`);
    return gate;
  }

  #died(node: string, error: Error): void {
    const logTail = error.stack ?? error.message;
    this.#crashes.push({ node, atNs: this.#simulation.nowNs(), how: 'an error that it could not go on from', logTail });
  }
}

const powersOf = (clocks: Clocks | undefined, disks: Disks | undefined): Pick<Cluster, 'clocks' | 'disks'> => ({
  ...(clocks === undefined ? {} : { clocks }),
  ...(disks === undefined ? {} : { disks }),
});
