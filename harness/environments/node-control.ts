/** What the harness itself asks of nodes, apart from its clients: their status, their clocks, their test hooks. */
import type { ClockReading, Clocks, Disks, NodeName, ProcessState } from '../../nemesis/cluster.ts';
import type { HttpRequest, NodeStatus, System } from '../../system-under-test/system.ts';
import type { Transport } from '../client/transport.ts';
import { nsPerMs, type Time } from '../time.ts';

const hookTimeoutMs = 2000;
const readTimeoutMs = 1000;
const leaderTimeoutMs = 400;
/** The sample with the shortest round trip is kept (SYSTEMS 15.6). */
const samples = 3;

export interface ControlWorld {
  readonly system: System;
  readonly cluster: string;
  readonly nodes: readonly NodeName[];
  readonly time: Time;
  /** The harness's wall clock, milliseconds since 1970: what nodes' clocks are compared with. */
  readonly wallMs: () => number;
  /** Connections of their own for each purpose: a request that runs out of time takes those behind it with it. */
  transport(): Transport;
  state(node: NodeName): ProcessState;
}

export class NodeControl {
  readonly #world: ControlWorld;
  readonly #forStatus: Transport;
  readonly #forLeader: Transport;
  readonly #forClocks: Transport;
  readonly #forHooks: Transport;

  constructor(world: ControlWorld) {
    this.#world = world;
    this.#forStatus = world.transport();
    this.#forLeader = world.transport();
    this.#forClocks = world.transport();
    this.#forHooks = world.transport();
  }

  async close(): Promise<void> {
    await Promise.all([this.#forStatus, this.#forLeader, this.#forClocks, this.#forHooks].map((one) => one.close()));
  }

  /** Undefined when the node gives none in time; a node of another run, or another node, is not this one. */
  status(node: NodeName, timeoutMs: number): Promise<NodeStatus | undefined> {
    return this.#ask(this.#forStatus, node, timeoutMs);
  }

  async #ask(transport: Transport, node: NodeName, timeoutMs: number): Promise<NodeStatus | undefined> {
    const { system, cluster, state } = this.#world;
    if (state(node) !== 'running') return undefined;
    const reply = await transport.send(node, system.statusRequest, { timeoutMs });
    if (reply.kind !== 'response') return undefined;
    const status = system.status(reply.body);
    return status?.id === node && status.cluster === cluster ? status : undefined;
  }

  /** An old leader that nobody follows any more may still call itself one: the highest term counts. */
  async leader(): Promise<NodeName | undefined> {
    const statuses = await Promise.all(
      this.#world.nodes.map((node) => this.#ask(this.#forLeader, node, leaderTimeoutMs)),
    );
    const leaders = statuses.filter((status) => status?.role === 'leader').map((status) => status as NodeStatus);
    return leaders.sort((a, b) => b.term - a.term)[0]?.id;
  }

  get clocks(): Clocks | undefined {
    const { hooks } = this.#world.system;
    if (hooks === undefined) return undefined;
    return {
      jump: (node, byMs) => this.#hook(node, hooks.clockJump(byMs)),
      setRate: (node, rate) => this.#hook(node, hooks.clockRate(rate)),
      reset: (node) => this.#hook(node, hooks.clockReset()),
      read: (node) => this.#readClock(node),
    };
  }

  get disks(): Disks | undefined {
    const { hooks } = this.#world.system;
    if (hooks === undefined) return undefined;
    return {
      slowSync: (node, delayMs) => this.#hook(node, hooks.slowSync(delayMs)),
      syncMs: async (node) => {
        const status = await this.status(node, readTimeoutMs);
        if (status === undefined) throw new Error(`${node} gave no status`);
        return status.syncMs;
      },
    };
  }

  async #hook(node: NodeName, request: HttpRequest): Promise<void> {
    const reply = await this.#forHooks.send(node, request, { timeoutMs: hookTimeoutMs });
    if (reply.kind !== 'response') throw new Error(`${node}: ${request.path}: ${reply.detail}`);
    if (reply.status >= 300)
      throw new Error(`${node}: ${request.path} was answered with ${reply.status} ${JSON.stringify(reply.body)}`);
  }

  async #readClock(node: NodeName): Promise<ClockReading> {
    let best: ClockReading | undefined;
    for (let sample = 0; sample < samples; sample++) {
      const reading = await this.#sampleClock(node);
      if (best === undefined || reading.uncertaintyMs < best.uncertaintyMs) best = reading;
    }
    if (best === undefined) throw new Error(`${node} gave no clock reading`);
    return best;
  }

  async #sampleClock(node: NodeName): Promise<ClockReading> {
    const { time, wallMs } = this.#world;
    const fromNs = time.nowNs();
    const fromWallMs = wallMs();
    const status = await this.#ask(this.#forClocks, node, readTimeoutMs);
    const toNs = time.nowNs();
    const toWallMs = wallMs();
    if (status === undefined) throw new Error(`${node} gave no clock reading`);
    return {
      atMs: (fromNs + toNs) / 2 / nsPerMs,
      wallOffsetMs: status.clocks.wallMs - (fromWallMs + toWallMs) / 2,
      monotonicMs: status.clocks.monotonicMs,
      uncertaintyMs: (toNs - fromNs) / 2 / nsPerMs,
    };
  }
}
