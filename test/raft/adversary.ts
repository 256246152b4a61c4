import type {
  Effect,
  Entry,
  Message,
  NodeId,
  Now,
  RaftEvent,
  RaftOptions,
  Restored,
  Role,
  Snapshot,
} from '../../system-under-test/raft/protocol.ts';
import { createRaft, leaseHolds, type Raft } from '../../system-under-test/raft/raft.ts';
import type { RaftRules } from '../../system-under-test/raft/rules.ts';
import { step } from '../../system-under-test/raft/step.ts';
import { Agenda } from './agenda.ts';
import { type Chance, chanceFrom } from './chance.ts';

/**
 * A cluster of cores in memory under a seeded adversary, which loses, repeats, delays and reorders messages, cuts links
 * in one or both directions, crashes nodes with writes under way, slows disks, and lets clocks run as wrong as the
 * options allow. What Raft promises is checked as it happens (Raft, Figure 3); a broken promise throws `Broken`.
 */
export interface Trial {
  readonly seed: number;
  readonly nodes: number;
  readonly reads: RaftOptions['reads'];
  readonly rules: RaftRules;
  /** The seed's own choice unless given. */
  readonly season?: Season;
}

/** What the harm is mostly aimed at. */
export type Season = 'mixed' | 'handovers' | 'snapshots';

export class Broken extends Error {
  override readonly name = 'Broken';
}

/** How much happened, so that a sweep can show that it exercised what it claims. */
export interface Tally {
  events: number;
  elections: number;
  applied: number;
  crashes: number;
  truncations: number;
  snapshotsInstalled: number;
  snapshotsKeepingLog: number;
  transfers: number;
  readsByLease: number;
  readsAtLeader: number;
  readsAtFollower: number;
  readsRefused: number;
}

export function emptyTally(): Tally {
  return {
    events: 0,
    elections: 0,
    applied: 0,
    crashes: 0,
    truncations: 0,
    snapshotsInstalled: 0,
    snapshotsKeepingLog: 0,
    transfers: 0,
    readsByLease: 0,
    readsAtLeader: 0,
    readsAtFollower: 0,
    readsRefused: 0,
  };
}

const chaosMs = 2_500;
/** 30 minimum election timeouts: far more than a healthy cluster needs to elect, catch up and answer. */
const recoveryMs = 3_000;
const tickMs = 5;

/** Runs one trial to its end and adds to the tally. Throws `Broken` or `BrokenInvariant`. */
export function runTrial(trial: Trial, tally: Tally): void {
  const cluster = new Cluster(trial, tally);
  cluster.run();
}

/** Each seed turns some harms off and weighs the others anew. */
interface Weather {
  readonly loss: number;
  readonly duplication: number;
  readonly delayMaxMs: number;
  /** One node hears everything later than the others. */
  readonly lagMs: number;
  readonly inOrder: boolean;
  readonly persistMaxMs: number;
  readonly cutEveryMs: number;
  readonly crashEveryMs: number;
  readonly compactEveryMs: number;
  readonly transferEveryMs: number;
  readonly clockEveryMs: number;
  readonly proposeEveryMs: number;
  readonly readEveryMs: number;
  readonly throughJson: boolean;
  /** A cut also swallows what is on its way. */
  readonly cutsSwallow: boolean;
  readonly quickRestarts: boolean;
  /** How often harm strikes at the worst moment: an election keeps the old leader, or the new one, from knowing. */
  readonly spite: number;
}

const never = Number.POSITIVE_INFINITY;

function drawWeather(chance: Chance, season: Season | undefined): Weather {
  const drawn = drawAnyWeather(chance);
  const lot = chance.next();
  const inForce = season ?? (lot < 0.3 ? 'handovers' : lot < 0.45 ? 'snapshots' : 'mixed');
  switch (inForce) {
    case 'handovers':
      return { ...drawn, ...drawHandovers(chance) };
    case 'snapshots':
      return { ...drawn, ...drawSnapshots(chance) };
    case 'mixed':
      return drawn;
    default:
      return inForce satisfies never;
  }
}

/** Quick disks, impatient readers and leaders replaced behind their backs: the season in which leases fail. */
function drawHandovers(chance: Chance): Partial<Weather> {
  return {
    loss: 0,
    delayMaxMs: chance.pick([1, 5, 150]),
    lagMs: chance.pick([0, 60]),
    persistMaxMs: chance.pick([0, 1]),
    cutEveryMs: chance.pick([70, 150, 350]),
    crashEveryMs: chance.pick([never, 60]),
    clockEveryMs: chance.pick([100, 200]),
    quickRestarts: true,
    proposeEveryMs: 8,
    readEveryMs: 1,
    spite: chance.pick([0.3, 0.8]),
  };
}

/** Snapshots that arrive late, at followers that have forgotten how far the log is committed. */
function drawSnapshots(chance: Chance): Partial<Weather> {
  return {
    duplication: 0.3,
    delayMaxMs: chance.pick([80, 250]),
    inOrder: false,
    persistMaxMs: chance.pick([0, 1]),
    compactEveryMs: chance.pick([10, 30]),
    crashEveryMs: chance.pick([30, 60]),
    quickRestarts: true,
    cutsSwallow: false,
    proposeEveryMs: 8,
  };
}

function drawAnyWeather(chance: Chance): Weather {
  return {
    loss: chance.pick([0, 0, 0.05, 0.25]),
    duplication: chance.pick([0, 0, 0.1, 0.3]),
    delayMaxMs: chance.pick([1, 5, 20, 80, 250]),
    lagMs: chance.pick([0, 0, 0, 60]),
    inOrder: chance.next() < 0.4,
    persistMaxMs: chance.pick([0, 1, 5, 30, 120]),
    cutEveryMs: chance.pick([never, 150, 300, 600]),
    crashEveryMs: chance.pick([never, 100, 250, 700]),
    compactEveryMs: chance.pick([never, 30, 100, 400]),
    transferEveryMs: chance.pick([never, never, 100, 400]),
    clockEveryMs: chance.pick([never, 200, 700]),
    proposeEveryMs: chance.pick([2, 8, 30, 120]),
    readEveryMs: chance.pick([1, 3, 10, 40]),
    throughJson: chance.next() < 0.1,
    cutsSwallow: chance.next() < 0.5,
    quickRestarts: chance.next() < 0.5,
    spite: chance.pick([0, 0, 0.2, 0.6]),
  };
}

const calm: Weather = {
  loss: 0,
  duplication: 0,
  delayMaxMs: 3,
  lagMs: 0,
  inOrder: true,
  persistMaxMs: 2,
  cutEveryMs: never,
  crashEveryMs: never,
  compactEveryMs: never,
  transferEveryMs: never,
  clockEveryMs: never,
  proposeEveryMs: never,
  readEveryMs: never,
  throughJson: false,
  cutsSwallow: true,
  quickRestarts: false,
  spite: 0,
};

type Persist = Extract<Effect, { kind: 'persist' }>;

interface OpenRead {
  readonly id: number;
  /** Whatever was applied anywhere before the read was issued must be seen by it. */
  readonly floor: number;
}

interface Node {
  readonly id: NodeId;
  raft: Raft | null;
  incarnation: number;
  disk: Restored;
  /** Asked for and not yet durable, in order. */
  writes: Persist[];
  lastWriteDueMs: number;
  durableSequence: number;
  held: { readonly to: NodeId; readonly message: Message; readonly after: number }[];
  applied: number;
  reads: Map<number, OpenRead>;
  ready: { readonly id: number; readonly index: number; readonly lease: boolean }[];
  clock: { rate: number; readMs: number; atMs: number; wallOffsetMs: number };
}

class Cluster {
  readonly #trial: Trial;
  readonly #tally: Tally;
  readonly #chance: Chance;
  readonly #agenda = new Agenda();
  readonly #nodes: Node[] = [];
  readonly #byId = new Map<NodeId, Node>();
  readonly #ids: NodeId[];
  readonly #options: RaftOptions;
  /** Directed links that carry nothing, as `from>to`. */
  readonly #cut = new Set<string>();
  readonly #lastArrivalMs = new Map<string, number>();
  #weather: Weather;
  #lastCommand = 0;
  #lastRead = 0;

  /** What was applied anywhere, by index; the truth that all nodes must share. */
  readonly #truth: Entry[] = [];
  readonly #digests: number[] = [0];
  /** The term of the node that applied each entry first: not below the term in which it was committed. */
  readonly #committedIn: number[] = [];
  readonly #leaders = new Map<number, NodeId>();

  constructor(trial: Trial, tally: Tally) {
    this.#trial = trial;
    this.#tally = tally;
    this.#chance = chanceFrom(trial.seed);
    this.#weather = drawWeather(this.#chance, trial.season);
    this.#ids = Array.from({ length: trial.nodes }, (_, i) => `n${i + 1}`);
    this.#options = {
      heartbeatMs: 25,
      electionTimeoutMinMs: 100,
      reads: trial.reads,
      clockRateErrorMax: 0.1,
      entriesMax: this.#chance.pick([1, 3, 64]),
    };
    for (const id of this.#ids) this.#addNode(id);
  }

  run(): void {
    for (const node of this.#nodes) this.#start(node);
    this.#every(this.#weather.cutEveryMs, () => this.#changeLinks());
    this.#every(this.#weather.crashEveryMs, () => this.#crash(this.#chance.pick(this.#nodes)));
    this.#every(this.#weather.compactEveryMs, () => this.#compact(this.#chance.pick(this.#nodes)));
    this.#every(this.#weather.transferEveryMs, () => this.#transfer());
    this.#every(this.#weather.clockEveryMs, () => this.#disturbClock(this.#chance.pick(this.#nodes)));
    this.#every(this.#weather.proposeEveryMs, () => this.#propose(this.#target()));
    this.#every(this.#weather.readEveryMs, () => this.#read(this.#target()));
    this.#every(60, () => this.#checkLogMatching());
    this.#agenda.runUntil(chaosMs);
    this.#heal();
    this.#agenda.runUntil(chaosMs + recoveryMs);
    this.#requireRecovery();
    this.#checkLogMatching();
  }

  #addNode(id: NodeId): void {
    const node: Node = {
      id,
      raft: null,
      incarnation: 0,
      disk: { hardState: { term: 0, votedFor: null }, snapshot: null, entries: [] },
      writes: [],
      lastWriteDueMs: 0,
      durableSequence: 0,
      held: [],
      applied: 0,
      reads: new Map(),
      ready: [],
      clock: { rate: this.#drawRate(), readMs: this.#chance.next() * 1_000, atMs: 0, wallOffsetMs: 1e6 },
    };
    this.#nodes.push(node);
    this.#byId.set(id, node);
  }

  // ---- one node's driver

  #start(node: Node): void {
    node.incarnation += 1;
    const { incarnation } = node;
    const seed = this.#chance.next() * 2 ** 32;
    const own = chanceFrom(seed);
    const restored = { ...node.disk, entries: [...node.disk.entries] };
    const bootstrap = { voters: this.#ids };
    const { rules } = this.#trial;
    const { id } = node;
    const options = this.#options;
    const random = (): number => own.next();
    node.raft = createRaft({ id, options, rules, restored, bootstrap, random, incarnation, now: this.#now(node) });
    node.applied = restored.snapshot?.lastIndex ?? 0;
    if (restored.snapshot !== null) this.#checkSnapshot(node, restored.snapshot);
    const tick = (): void => {
      if (node.incarnation !== incarnation || node.raft === null) return;
      this.#feed(node, { kind: 'tick' });
      this.#agenda.at(this.#agenda.nowMs + tickMs, tick);
    };
    this.#agenda.at(this.#agenda.nowMs + this.#chance.next() * tickMs, tick);
  }

  #feed(node: Node, event: RaftEvent): void {
    if (node.raft === null) return;
    this.#tally.events += 1;
    for (const effect of step(node.raft, event, this.#now(node))) this.#perform(node, effect);
  }

  #perform(node: Node, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        this.#write(node, effect);
        break;
      case 'send':
        if (effect.after > node.durableSequence) node.held.push(effect);
        else this.#send(node.id, effect.to, effect.message);
        break;
      case 'apply':
        for (const entry of effect.entries) this.#apply(node, entry);
        this.#serve(node);
        break;
      case 'restore':
        this.#tally.snapshotsInstalled += 1;
        if (effect.snapshot.lastIndex <= node.applied) this.#broken(`${node.id}: rolled back by a snapshot`);
        this.#checkSnapshot(node, effect.snapshot);
        node.applied = effect.snapshot.lastIndex;
        this.#serve(node);
        break;
      case 'read-ready':
        node.ready.push(effect);
        this.#serve(node);
        break;
      case 'read-refused':
        this.#tally.readsRefused += 1;
        node.reads.delete(effect.id);
        break;
      case 'role':
        if (effect.role === 'leader') this.#elected(node, effect.term);
        this.#spite(node, effect.role);
        break;
      case 'accepted':
      case 'refused':
        break;
      default:
        effect satisfies never;
    }
  }

  /** Writes become durable one after the other, each some time after it was asked for. */
  #write(node: Node, effect: Persist): void {
    const { incarnation } = node;
    const first = effect.entries?.[0];
    if (first !== undefined && node.disk.entries.some((entry) => entry.index === first.index)) {
      this.#tally.truncations += 1;
    }
    if (effect.snapshot !== undefined && effect.keepsLog === true) this.#tally.snapshotsKeepingLog += 1;
    node.writes.push(effect);
    const dueMs = this.#agenda.nowMs + this.#chance.next() * this.#weather.persistMaxMs;
    node.lastWriteDueMs = Math.max(node.lastWriteDueMs, dueMs);
    this.#agenda.at(node.lastWriteDueMs, () => {
      if (node.incarnation !== incarnation || node.raft === null) return;
      this.#finishWrite(node);
      // Several writes may share a sync, of which the core hears once.
      if (node.writes.length > 0 && this.#chance.next() < 0.2) return;
      const { durableSequence } = node;
      this.#feed(node, { kind: 'persisted', sequence: durableSequence });
      const free = node.held.filter((held) => held.after <= durableSequence);
      node.held = node.held.filter((held) => held.after > durableSequence);
      for (const { to, message } of free) this.#send(node.id, to, message);
    });
  }

  #finishWrite(node: Node): void {
    const write = node.writes.shift()!;
    let { hardState, snapshot, entries } = node.disk;
    if (write.hardState !== undefined) hardState = write.hardState;
    if (write.snapshot !== undefined) {
      const { lastIndex } = write.snapshot;
      snapshot = write.snapshot;
      entries = write.keepsLog === true ? entries.filter((entry) => entry.index > lastIndex) : [];
    }
    if (write.entries !== undefined) {
      const from = write.entries[0]!.index;
      entries = [...entries.filter((entry) => entry.index < from), ...write.entries];
    }
    node.disk = { hardState, snapshot, entries };
    node.durableSequence = write.sequence;
  }

  #apply(node: Node, entry: Entry): void {
    if (entry.index !== node.applied + 1) this.#broken(`${node.id}: applied ${entry.index} after ${node.applied}`);
    node.applied = entry.index;
    const known = this.#truth[entry.index - 1];
    if (known === undefined) {
      this.#tally.applied += 1;
      this.#truth.push(entry);
      this.#committedIn.push(node.raft!.term);
      this.#digests.push(digestOf(this.#digests[entry.index - 1]!, entry));
    } else if (digestOf(0, known) !== digestOf(0, entry)) {
      this.#broken(`${node.id}: applied ${show(entry)} where ${show(known)} was applied (state machine safety)`);
    }
  }

  #serve(node: Node): void {
    for (const ready of node.ready) {
      if (ready.index > node.applied) continue;
      const read = node.reads.get(ready.id);
      if (read === undefined) continue;
      node.reads.delete(ready.id);
      if (ready.lease && !leaseHolds(node.raft!, this.#now(node))) continue;
      if (node.applied < read.floor) {
        this.#broken(`${node.id}: stale read at ${node.applied}, ${read.floor} was applied before it was issued`);
      }
      if (ready.lease) this.#tally.readsByLease += 1;
      else if (node.raft!.role === 'leader') this.#tally.readsAtLeader += 1;
      else this.#tally.readsAtFollower += 1;
    }
    node.ready = node.ready.filter((ready) => node.reads.has(ready.id));
  }

  #now(node: Node): Now {
    const { rate, readMs, atMs, wallOffsetMs } = node.clock;
    const monotonicMs = readMs + (this.#agenda.nowMs - atMs) * rate;
    return { monotonicMs, wallMs: monotonicMs + wallOffsetMs };
  }

  // ---- what clients do

  /** Mostly nodes that believe they lead, deposed ones included. */
  #target(): Node {
    const leaders = this.#nodes.filter((node) => node.raft?.role === 'leader');
    return leaders.length > 0 && this.#chance.next() < 0.7
      ? this.#chance.pick(leaders)
      : this.#chance.pick(this.#nodes);
  }

  #propose(node: Node): void {
    const commands = Array.from({ length: this.#chance.pick([1, 1, 2, 9]) }, () => {
      this.#lastCommand += 1;
      return this.#lastCommand;
    });
    this.#feed(node, { kind: 'propose', commands });
  }

  #read(node: Node): void {
    if (node.raft === null) return;
    this.#lastRead += 1;
    const id = this.#lastRead;
    node.reads.set(id, { id, floor: this.#truth.length });
    this.#feed(node, { kind: 'read', id });
  }

  #compact(node: Node): void {
    if (node.raft === null || node.applied === 0) return;
    this.#feed(node, { kind: 'compact', index: node.applied, data: this.#digests[node.applied]! });
  }

  #transfer(): void {
    const leader = this.#nodes.find((node) => node.raft?.role === 'leader');
    if (leader === undefined) return;
    this.#feed(leader, { kind: 'transfer', to: this.#chance.pick(this.#ids) });
    if (leader.raft?.leadership?.transfer?.ordered === true) this.#tally.transfers += 1;
  }

  // ---- what the adversary does

  #send(from: NodeId, to: NodeId, message: Message): void {
    const { loss, duplication, throughJson } = this.#weather;
    if (this.#cut.has(`${from}>${to}`) || this.#chance.next() < loss) return;
    const sent = throughJson ? (JSON.parse(JSON.stringify(message)) as Message) : message;
    this.#deliver(from, to, sent);
    if (this.#chance.next() < duplication) this.#deliver(from, to, sent);
  }

  #deliver(from: NodeId, to: NodeId, message: Message): void {
    const { delayMaxMs, inOrder, lagMs } = this.#weather;
    const link = `${from}>${to}`;
    let arrivalMs =
      this.#agenda.nowMs + 0.1 + this.#chance.next() ** 2 * delayMaxMs + (to === this.#ids[0] ? lagMs : 0);
    if (inOrder) arrivalMs = Math.max(arrivalMs, this.#lastArrivalMs.get(link) ?? 0);
    this.#lastArrivalMs.set(link, arrivalMs);
    const node = this.#byId.get(to)!;
    this.#agenda.at(arrivalMs, () => {
      if (!this.#weather.cutsSwallow || !this.#cut.has(link)) this.#feed(node, { kind: 'receive', from, message });
    });
  }

  #changeLinks(): void {
    this.#cut.clear();
    const shape = this.#chance.next();
    if (shape < 0.25) return;
    const side = new Map(this.#ids.map((id) => [id, this.#chance.next() < 0.5]));
    const lonely = this.#chance.pick(this.#ids);
    const leader = this.#nodes.find((node) => node.raft?.role === 'leader')?.id ?? lonely;
    for (const from of this.#ids) {
      for (const to of this.#ids) {
        const apart =
          shape < 0.4
            ? side.get(from) !== side.get(to)
            : shape < 0.55
              ? from === leader || to === leader
              : shape < 0.75
                ? (from === leader && side.get(to)) || (to === leader && side.get(from))
                : shape < 0.85
                  ? from === lonely
                  : this.#chance.next() < 0.3;
        if (apart && from !== to) this.#cut.add(`${from}>${to}`);
      }
    }
  }

  #isolate(victim: Node): void {
    for (const id of this.#ids) {
      if (id === victim.id) continue;
      this.#cut.add(`${id}>${victim.id}`);
      this.#cut.add(`${victim.id}>${id}`);
    }
    this.#agenda.at(this.#agenda.nowMs + 50 + this.#chance.next() * 200, () => this.#cut.clear());
  }

  /** A leader that is about to be replaced does not hear of it; a new leader is cut off and a voter loses its memory. */
  #spite(node: Node, role: Role): void {
    if (role !== 'candidate' && role !== 'leader') return;
    if (this.#chance.next() >= this.#weather.spite) return;
    if (role === 'candidate') {
      for (const other of this.#nodes) if (other !== node && other.raft?.role === 'leader') this.#isolate(other);
    } else if (this.#chance.next() < 0.3) {
      this.#isolate(node);
      const others = this.#nodes.filter((other) => other !== node);
      // Not from within the step that reports the role.
      this.#agenda.at(this.#agenda.nowMs, () => this.#crash(this.#chance.pick(others)));
    }
  }

  /** Of the writes under way some may have reached the disk, in order, without anyone hearing of it. */
  #crash(node: Node): void {
    if (node.raft === null || this.#agenda.nowMs >= chaosMs) return;
    this.#tally.crashes += 1;
    let survive = this.#chance.next() < 0.5 ? 0 : Math.floor(this.#chance.next() * (node.writes.length + 1));
    for (; survive > 0; survive -= 1) this.#finishWrite(node);
    node.raft = null;
    node.writes = [];
    node.held = [];
    node.durableSequence = 0;
    node.reads.clear();
    node.ready = [];
    const downMs = this.#weather.quickRestarts ? this.#chance.next() * 20 : this.#chance.next() ** 2 * 400;
    this.#agenda.at(this.#agenda.nowMs + downMs, () => {
      if (node.raft === null) this.#start(node);
    });
  }

  /** The rate stays within the bound that the lease allows for; the wall clock may jump anywhere. */
  #disturbClock(node: Node): void {
    const { monotonicMs } = this.#now(node);
    const wallOffsetMs = this.#chance.pick([1e6, 1e6 - 2_000, 1e6 + 2_000]);
    node.clock = { rate: this.#drawRate(), readMs: monotonicMs, atMs: this.#agenda.nowMs, wallOffsetMs };
  }

  #drawRate(): number {
    return this.#chance.pick([0.9, 1, 1.1]);
  }

  #every(periodMs: number, act: () => void): void {
    if (periodMs === never) return;
    const next = (): void => {
      const atMs = this.#agenda.nowMs + periodMs * (0.5 + this.#chance.next());
      if (atMs >= chaosMs) return;
      this.#agenda.at(atMs, () => {
        act();
        next();
      });
    };
    next();
  }

  // ---- what must hold

  #heal(): void {
    this.#weather = calm;
    this.#cut.clear();
    for (const node of this.#nodes) if (node.raft === null) this.#start(node);
    const wishes = (): void => {
      if (this.#agenda.nowMs > chaosMs + recoveryMs - 500) return;
      for (const node of this.#nodes) if (node.raft?.role === 'leader') this.#propose(node);
      this.#agenda.at(this.#agenda.nowMs + 100, wishes);
    };
    this.#agenda.at(chaosMs + recoveryMs / 2, wishes);
    this.#agenda.at(chaosMs + recoveryMs - 300, () => {
      for (const node of this.#nodes) {
        node.reads.clear();
        node.ready = [];
        this.#read(node);
      }
    });
  }

  /** Liveness: one leader, commands committed since, all nodes equal, reads answered everywhere. */
  #requireRecovery(): void {
    const leaders = this.#nodes.filter((node) => node.raft!.role === 'leader');
    const states = this.#nodes.map(({ raft, applied }) => `${raft!.id} ${raft!.role} ${raft!.term} ${applied}`);
    if (leaders.length !== 1) this.#broken(`no single leader after healing: ${states}`);
    if (this.#truth.at(-1)?.kind !== 'command') this.#broken(`nothing committed after healing: ${states}`);
    for (const node of this.#nodes) {
      if (node.applied !== this.#truth.length) this.#broken(`${node.id} has not caught up after healing: ${states}`);
      if (node.reads.size > 0) this.#broken(`${node.id}: a read was not answered after healing: ${states}`);
    }
  }

  #elected(node: Node, term: number): void {
    this.#tally.elections += 1;
    const other = this.#leaders.get(term);
    if (other !== undefined && other !== node.id) {
      this.#broken(`${other} and ${node.id} lead term ${term} (election safety)`);
    }
    this.#leaders.set(term, node.id);
    const { log } = node.raft!;
    for (const [i, entry] of this.#truth.entries()) {
      // A late winner of an old term owes nothing to its successors.
      if (this.#committedIn[i]! >= term || entry.index < log.baseIndex) continue;
      if (log.termAt(entry.index) !== entry.term) {
        this.#broken(`${node.id} leads term ${term} without ${show(entry)} (leader completeness)`);
      }
    }
  }

  /** If two logs hold an entry of the same index and term, they are equal up to it (Raft 5.3). */
  #checkLogMatching(): void {
    const logs = this.#nodes.flatMap((node) => (node.raft === null ? [] : [node.raft.log]));
    for (const [i, a] of logs.entries()) {
      for (const b of logs.slice(i + 1)) {
        const base = Math.max(a.baseIndex, b.baseIndex);
        let index = Math.min(a.lastIndex, b.lastIndex);
        while (index > base && a.termAt(index) !== b.termAt(index)) index -= 1;
        for (; index > base; index -= 1) {
          const [ours] = a.slice(index, index);
          const [theirs] = b.slice(index, index);
          if (digestOf(0, ours!) !== digestOf(0, theirs!)) {
            this.#broken(`${show(ours!)} and ${show(theirs!)} below a shared entry (log matching)`);
          }
        }
      }
    }
  }

  #checkSnapshot(node: Node, { lastIndex, lastTerm, data }: Snapshot): void {
    const known = this.#truth[lastIndex - 1];
    if (known?.term !== lastTerm || this.#digests[lastIndex] !== data) {
      this.#broken(`${node.id}: snapshot ${lastIndex}/${lastTerm} of something else than was applied`);
    }
  }

  #broken(what: string): never {
    const { seed, nodes, reads } = this.#trial;
    throw new Broken(`seed ${seed}, ${nodes} nodes, reads=${reads}, ${this.#agenda.nowMs.toFixed(1)} ms: ${what}`);
  }
}

function digestOf(before: number, entry: Entry): number {
  const command = entry.kind === 'command' ? (entry.command as number) : 0;
  let digest = before;
  for (const part of [entry.index, entry.term, command]) digest = (Math.imul(digest ^ part, 0x9e3779b1) + part) | 0;
  return digest;
}

function show(entry: Entry): string {
  const what = entry.kind === 'command' ? `command ${String(entry.command)}` : entry.kind;
  return `${entry.index}/${entry.term} ${what}`;
}
