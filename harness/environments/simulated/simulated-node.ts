import type { ProcessState } from '../../../nemesis/cluster.ts';
import type { HostedNode, HostWorld, Json, System } from '../../../system-under-test/system.ts';
import { AdjustableClock, type HostClock } from '../../../system-under-test/world/clock.ts';
import { seededRandom } from '../../../system-under-test/world/random.ts';
import type { ClusterPlan } from '../environment.ts';
import { Gate } from './gate.ts';
import { type Platter, SimulatedDisk } from './simulated-disk.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { Simulation } from './simulation.ts';

/** Every simulated wall clock begins here: 2026-01-01, UTC. */
export const epochMs = Date.UTC(2026, 0, 1);

const syncMinMs = 0.2;
const syncMeanMs = 0.6;

export interface NodeSurroundings {
  readonly simulation: Simulation;
  readonly network: SimulatedNetwork;
  readonly plan: ClusterPlan;
  readonly cluster: string;
  /** The peer as it is now, if there is one of that name. */
  readonly peer: (name: string) => SimulatedNode | undefined;
  /** It ended although nobody killed it. */
  readonly died: (node: string, error: Error) => void;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

type Answer = { readonly kind: 'answer'; readonly status: number; readonly body: Json } | { readonly kind: 'gone' };

/** One node through all its lives: what it has on disk outlives each of them. */
export class SimulatedNode {
  readonly name: string;
  readonly #system: System;
  readonly #around: NodeSurroundings;
  readonly #platter: Platter = { logs: new Map(), files: new Map() };
  #life = 0;
  #hosted: HostedNode | undefined;
  #gate = new Gate();
  #handler: ((from: string, message: unknown) => void) | undefined;
  /** Whoever waits for an answer of this life. */
  #asking = new Set<(answer: Answer) => void>();

  constructor(name: string, around: NodeSurroundings) {
    this.name = name;
    this.#system = around.plan.system;
    this.#around = around;
  }

  get state(): ProcessState {
    if (this.#hosted === undefined) return 'gone';
    return this.#gate.stopped ? 'stopped' : 'running';
  }

  async start(): Promise<void> {
    if (this.#hosted !== undefined) return;
    const life = ++this.#life;
    this.#gate = new Gate();
    this.#handler = undefined;
    const { plan, cluster } = this.#around;
    const hosted = await this.#system.host!({
      id: this.name,
      members: plan.nodes,
      cluster,
      options: plan.options,
      bugs: plan.bugs,
      world: this.#world(life),
      log: () => undefined,
      fatal: (error) => this.#fatal(life, error),
    });
    if (life === this.#life) this.#hosted = hosted;
    else hosted.stop();
  }

  /** What was not durable is gone, and so is whoever waited for an answer. */
  kill(): void {
    this.#life++;
    this.#hosted?.stop();
    this.#hosted = undefined;
    const asking = [...this.#asking];
    this.#asking = new Set();
    for (const told of asking) told({ kind: 'gone' });
  }

  pause(): void {
    if (this.#hosted !== undefined) this.#gate.stop();
  }

  resume(): void {
    this.#gate.resume();
  }

  /** A request that has arrived. `told` is called once; not while the node is stopped, and `gone` when it dies. */
  ask(request: Request, told: (answer: Answer) => void): void {
    const hosted = this.#hosted;
    if (hosted === undefined) {
      told({ kind: 'gone' });
      return;
    }
    this.#asking.add(told);
    this.#inLife(this.#life, () => {
      hosted.answer({ ...request, cluster: this.#around.cluster }, (status, body) => {
        // As it would have gone over a socket: nobody else may change it later.
        if (this.#asking.delete(told)) told({ kind: 'answer', status, body: JSON.parse(JSON.stringify(body)) as Json });
      });
    });
  }

  /** A message that has arrived. */
  hear(from: string, text: string): void {
    this.#inLife(this.#life, () => this.#handler?.(from, JSON.parse(text)));
  }

  #inLife(life: number, run: () => void): void {
    this.#gate.pass(() => {
      if (life === this.#life) run();
    });
  }

  #fatal(life: number, error: Error): void {
    if (life !== this.#life) return;
    this.kill();
    this.#around.died(this.name, error);
  }

  #world(life: number): HostWorld {
    const { simulation, network, plan, peer } = this.#around;
    const random = seededRandom(`${plan.seed}/${this.name}/${life}`);
    const host: HostClock = {
      monotonicMs: () => simulation.nowMs(),
      wallMs: () => epochMs + simulation.nowMs(),
      after: (delayMs, run) => simulation.after(delayMs, () => this.#inLife(life, run)).cancel,
    };
    const disk = new SimulatedDisk(this.#platter, {
      after: (delayMs, run) => void host.after(delayMs, run),
      nowMs: () => simulation.nowMs(),
      syncMs: () => syncMinMs - syncMeanMs * Math.log(1 - random.next()),
    });
    return {
      clock: new AdjustableClock(host),
      random,
      disk,
      network: {
        send: (to, message) => {
          const text = JSON.stringify(message);
          if (life === this.#life) network.send(this.name, to, text.length, () => peer(to)?.hear(this.name, text));
        },
        receive: (handler) => {
          this.#handler = handler;
        },
      },
    };
  }
}
