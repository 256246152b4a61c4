import type { Cluster, Link, LinkProbe, LinkQuality, NodeName, ProcessState } from '../../nemesis/cluster.ts';
import type { Time } from '../../nemesis/fault.ts';

/** Powers that pretend to act and do not: what evidence must find out. */
export interface Lies {
  readonly cutsNothing?: boolean;
  readonly cutsEverything?: boolean;
  readonly mendsNothing?: boolean;
  readonly killsNothing?: boolean;
  readonly pausesNothing?: boolean;
  readonly skewsNothing?: boolean;
  readonly shapesNothing?: boolean;
  readonly slowsNothing?: boolean;
}

interface NodeState {
  process: ProcessState;
  wallOffsetMs: number;
  monotonicMs: number;
  rate: number;
  bentAtMs: number;
  syncMs: number;
}

const trueTime = { wallOffsetMs: 0, monotonicMs: 0, rate: 1, bentAtMs: 0, syncMs: 0.5 };
const nameOf = ({ from, to }: Link): string => `${from}>${to}`;

/** A cluster in memory: as honest as a real one, unless told to lie. */
export class FakeCluster implements Cluster {
  readonly nodes: readonly NodeName[];
  readonly clients: readonly NodeName[] = ['c1', 'c2', 'c3', 'c4'];
  readonly log: string[] = [];
  leaderIs: NodeName | undefined = 'n1';
  readonly #time: Time;
  readonly #lies: Lies;
  readonly #states = new Map<NodeName, NodeState>();
  readonly #cut = new Set<string>();
  readonly #shaped = new Map<string, LinkQuality>();
  /** Called before each power acts, with its name and victim; may throw. */
  before: (what: string) => void = () => undefined;

  constructor(time: Time, size = 5, lies: Lies = {}) {
    this.#time = time;
    this.#lies = lies;
    this.nodes = Array.from({ length: size }, (_, index) => `n${index + 1}`);
    for (const name of [...this.nodes, ...this.clients]) this.#states.set(name, { process: 'running', ...trueTime });
  }

  /** Everything that is not as it should be, in words. */
  get harm(): string[] {
    const nodes = [...this.#states].flatMap(([name, state]) => [
      ...(state.process === 'running' ? [] : [`${name} ${state.process}`]),
      ...(Math.abs(state.wallOffsetMs) < 1e-6 && state.rate === 1 ? [] : [`${name} clock`]),
      ...(state.syncMs === trueTime.syncMs ? [] : [`${name} disk`]),
    ]);
    return [
      ...nodes,
      ...[...this.#cut].map((link) => `${link} cut`),
      ...[...this.#shaped.keys()].map((link) => `${link} shaped`),
    ];
  }

  async leader(): Promise<NodeName | undefined> {
    return this.leaderIs;
  }

  readonly processes = {
    kill: async (node: NodeName) => {
      this.#act(`kill ${node}`);
      if (!this.#lies.killsNothing) this.#of(node).process = 'gone';
    },
    start: async (node: NodeName) => {
      this.#act(`start ${node}`);
      if (this.#of(node).process === 'gone') Object.assign(this.#of(node), trueTime, { process: 'running' });
    },
    pause: async (node: NodeName) => {
      this.#act(`pause ${node}`);
      if (this.#of(node).process === 'running' && !this.#lies.pausesNothing) this.#of(node).process = 'stopped';
    },
    resume: async (node: NodeName) => {
      this.#act(`resume ${node}`);
      if (this.#of(node).process === 'stopped') this.#of(node).process = 'running';
    },
    state: async (node: NodeName) => this.#of(node).process,
  };

  readonly clientProcesses = {
    pause: this.processes.pause,
    resume: this.processes.resume,
    state: this.processes.state,
  };

  readonly partitioning = {
    cut: async (links: readonly Link[]) => {
      this.#act(`cut ${links.length}`);
      if (links.length === 0 && this.#lies.mendsNothing) return;
      this.#cut.clear();
      if (this.#lies.cutsNothing) return;
      const all = this.nodes.flatMap((from) => this.nodes.map((to) => ({ from, to })));
      for (const link of this.#lies.cutsEverything && links.length > 0 ? all : links) this.#cut.add(nameOf(link));
    },
    probe: async (links: readonly Link[]): Promise<LinkProbe[]> => links.map((link) => this.#probe(link, 0)),
  };

  readonly linkQualities = {
    shape: async (links: readonly Link[], quality: LinkQuality) => {
      this.#act(`shape ${links.length}`);
      if (!this.#lies.shapesNothing) for (const link of links) this.#shaped.set(nameOf(link), quality);
    },
    unshape: async () => {
      this.#act('unshape');
      this.#shaped.clear();
    },
    probe: async (links: readonly Link[], payloadBytes = 0): Promise<LinkProbe[]> => {
      await this.#time.sleep(5);
      return links.map((link) => this.#probe(link, payloadBytes));
    },
  };

  readonly clocks = {
    jump: async (node: NodeName, byMs: number) => {
      this.#actOnRunning(`jump ${node}`, node);
      if (!this.#lies.skewsNothing) this.#of(node).wallOffsetMs += byMs;
    },
    setRate: async (node: NodeName, rate: number) => {
      this.#actOnRunning(`rate ${node}`, node);
      if (!this.#lies.skewsNothing) this.#bend(node, rate);
    },
    reset: async (node: NodeName) => {
      this.#actOnRunning(`reset ${node}`, node);
      this.#bend(node, 1);
      this.#of(node).wallOffsetMs = 0;
    },
    read: async (node: NodeName) => {
      this.#mustRun(node);
      this.#bend(node, this.#of(node).rate);
      const { wallOffsetMs, monotonicMs } = this.#of(node);
      return { atMs: this.#time.nowMs(), wallOffsetMs, monotonicMs, uncertaintyMs: 1 };
    },
  };

  readonly disks = {
    slowSync: async (node: NodeName, delayMs: number) => {
      this.#actOnRunning(`slow ${node}`, node);
      if (!this.#lies.slowsNothing) this.#of(node).syncMs = delayMs + trueTime.syncMs;
    },
    syncMs: async (node: NodeName) => {
      this.#mustRun(node);
      // Syncs take about as long as each other, not exactly.
      return this.#of(node).syncMs + (this.#time.nowMs() % 7) / 1000;
    },
  };

  #probe(link: Link, payloadBytes: number): LinkProbe {
    const dead = [link.from, link.to].find((node) => this.#of(node).process !== 'running');
    if (dead !== undefined) return { link, state: 'unmeasurable', how: `${dead} is not running` };
    if (this.#cut.has(nameOf(link))) return { link, state: 'cut', how: 'no answer' };
    const {
      delayMs = 0,
      jitterMs = 0,
      loss = 0,
      bytesPerSecond = Number.POSITIVE_INFINITY,
    } = this.#shaped.get(nameOf(link)) ?? {};
    this.#chance = (this.#chance * 16_807) % 2_147_483_647;
    const chance = this.#chance / 2_147_483_647;
    const roundTripMs =
      0.5 + delayMs + jitterMs * chance + (1000 * payloadBytes) / bytesPerSecond + (chance < loss ? 200 : 0);
    return { link, state: 'through', roundTripMs, how: 'answered' };
  }

  #chance = 42;

  #bend(node: NodeName, rate: number): void {
    const state = this.#of(node);
    const passedMs = this.#time.nowMs() - state.bentAtMs;
    state.monotonicMs += state.rate * passedMs;
    state.wallOffsetMs += (state.rate - 1) * passedMs;
    state.bentAtMs = this.#time.nowMs();
    state.rate = rate;
  }

  #of(name: NodeName): NodeState {
    const state = this.#states.get(name);
    if (state === undefined) throw new Error(`no ${name}`);
    return state;
  }

  #act(what: string): void {
    this.before(what);
    this.log.push(what);
  }

  #actOnRunning(what: string, node: NodeName): void {
    this.#act(what);
    this.#mustRun(node);
  }

  #mustRun(node: NodeName): void {
    if (this.#of(node).process !== 'running') throw new Error(`${node} gives no answer`);
  }
}
