import { type Build, plant } from '../../system-under-test/bugs/index.ts';
import { rules as raftRules } from '../../system-under-test/raft/rules.ts';
import type { Operation, SessionCall } from '../../system-under-test/service/command.ts';
import { type ServiceNode, startNode } from '../../system-under-test/service/node.ts';
import { parseOptions } from '../../system-under-test/service/options.ts';
import type { Outcome } from '../../system-under-test/service/requests.ts';
import { rules as serviceRules } from '../../system-under-test/service/rules.ts';
import type { AdjustableClock } from '../../system-under-test/world/clock.ts';
import { Universe } from '../world/simulated.ts';

interface ClusterOptions {
  readonly options?: Readonly<Record<string, string>>;
  readonly bugs?: readonly string[];
}

/** Three nodes of the service in a simulated world. */
export class SimulatedCluster {
  readonly universe = new Universe();
  readonly ids = ['n1', 'n2', 'n3'];
  readonly nodes = new Map<string, ServiceNode>();
  readonly clocks = new Map<string, AdjustableClock>();
  readonly failures: Error[] = [];
  readonly #options: ClusterOptions;

  private constructor(options: ClusterOptions) {
    this.#options = options;
  }

  static async start(options: ClusterOptions = {}): Promise<SimulatedCluster> {
    const cluster = new SimulatedCluster(options);
    await Promise.all(cluster.ids.map((id) => cluster.boot(id)));
    return cluster;
  }

  /** Starts the node, on what its disk holds. */
  async boot(id: string): Promise<void> {
    const world = this.universe.boot(id);
    const build: Build = plant(this.#options.bugs ?? [], { raftRules, serviceRules, world });
    const starting = startNode(
      { ...build, log: () => {}, fatal: (error) => this.failures.push(error) },
      { id, cluster: 'c', members: this.ids, ...parseOptions(this.#options.options ?? {}) },
    );
    await this.universe.pass(20);
    this.nodes.set(id, await starting);
    this.clocks.set(id, world.clock);
  }

  crash(id: string): void {
    this.universe.crash(id);
    this.nodes.get(id)?.stop();
    this.nodes.delete(id);
  }

  /** Cuts this node off from all others, both ways. */
  isolate(id: string): void {
    this.universe.cut = (from, to) => from === id || to === id;
  }

  heal(): void {
    this.universe.cut = () => false;
  }

  /** Waits for a leader that a majority follows, other than `not`. */
  async leader(not?: string): Promise<string> {
    for (let tries = 0; tries < 200; tries++) {
      for (const [id, node] of this.nodes) {
        const { role, term } = node.status();
        const followers = [...this.nodes.values()].filter((other) => {
          const status = other.status();
          return status.leader === id && status.term === term;
        });
        if (role === 'leader' && id !== not && followers.length >= 2) return id;
      }
      await this.universe.pass(20);
    }
    throw new Error('no leader within 4 s');
  }

  async follower(): Promise<string> {
    const leader = await this.leader();
    return this.ids.find((id) => id !== leader && this.nodes.has(id))!;
  }

  /** Asks and lets time pass until the answer is there. */
  async update(id: string, operation: Operation, session?: SessionCall): Promise<Outcome> {
    return this.answered(this.ask(id, operation, session));
  }

  async read(id: string, key: string): Promise<Outcome> {
    const answers: Outcome[] = [];
    this.nodes.get(id)!.read(key, (outcome) => answers.push(outcome));
    return this.answered(answers);
  }

  /** Asks; answers appear in the list. */
  ask(id: string, operation: Operation, session?: SessionCall): Outcome[] {
    const answers: Outcome[] = [];
    this.nodes.get(id)!.update(operation, session, (outcome) => answers.push(outcome));
    return answers;
  }

  async answered(answers: readonly Outcome[], withinMs = 5000): Promise<Outcome> {
    for (let waitedMs = 0; answers.length === 0 && waitedMs < withinMs; waitedMs += 5) await this.universe.pass(5);
    if (answers[0] === undefined) throw new Error(`no answer within ${withinMs} ms`);
    return answers[0];
  }

  /** Waits until all nodes that run have applied equally much; returns their digests. */
  async settledDigests(): Promise<readonly string[]> {
    for (let tries = 0; tries < 200; tries++) {
      await this.universe.pass(20);
      const statuses = [...this.nodes.values()].map((node) => node.status());
      if (new Set(statuses.map(({ applied }) => applied)).size === 1) return statuses.map(({ digest }) => digest);
    }
    throw new Error('the nodes did not catch up within 4 s');
  }
}
