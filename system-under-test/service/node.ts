import type { Effect, Entry, Message, RaftEvent, RaftOptions, Role } from '../raft/protocol.ts';
import { createRaft, leaseHolds, type Raft, statusOf } from '../raft/raft.ts';
import type { RaftRules } from '../raft/rules.ts';
import { step } from '../raft/step.ts';
import type { Json, NodeStatus } from '../system.ts';
import type { World } from '../world/world.ts';
import type { Command, Operation, Origin, Response, SessionCall } from './command.ts';
import { LockTimers } from './lock-timers.ts';
import { Machine, type MachineSnapshot } from './machine.ts';
import { type PendingRead, Reads } from './reads.ts';
import { notLeader, type Outcome, Requests, type Respond } from './requests.ts';
import type { ServiceRules } from './rules.ts';
import { Storage } from './storage.ts';

export interface NodeOptions {
  readonly id: string;
  readonly cluster: string;
  /** Every node of the cluster at its start, this one included. */
  readonly members: readonly string[];
  readonly raft: RaftOptions;
  /** A snapshot is taken after so many entries. */
  readonly snapshotEntries: number;
  /** Sessions beyond this number expire, least recently used first. */
  readonly sessionsMax: number;
  readonly requestTimeoutMs: number;
}

export interface NodeParts {
  readonly world: World;
  readonly raftRules: RaftRules;
  readonly serviceRules: ServiceRules;
  readonly log: (text: string) => void;
  /** The node cannot go on and must not be asked any more; called at most once. */
  readonly fatal: (error: Error) => void;
}

/** What nodes say to each other: consensus, and requests on their way to the leader. */
type PeerMessage = Message | Forward | Refused;

interface Forward {
  readonly kind: 'forward';
  /** Meant for the leader of this term and nobody else. */
  readonly term: number;
  readonly command: Command;
}

interface Refused {
  readonly kind: 'refused';
  readonly origin: Origin;
  readonly leader: string | null;
}

const incarnationName = 'incarnation';

/** Starts a node on what its disk holds. Rejects when that is damaged. */
export async function startNode(parts: NodeParts, options: NodeOptions): Promise<ServiceNode> {
  const { disk } = parts.world;
  const earlier = await disk.readFile(incarnationName);
  const incarnation = (earlier === undefined ? 0 : Number(Buffer.from(earlier).toString())) + 1;
  await disk.writeFile(incarnationName, Buffer.from(String(incarnation)));
  const node = new ServiceNode(parts, options, incarnation);
  await node.open();
  return node;
}

/**
 * The driver: feeds consensus with what happens, performs its effects in order, and answers clients after commit and
 * apply. No await between an event and its effects, so nothing can come in between.
 */
export class ServiceNode {
  readonly #parts: NodeParts;
  readonly #options: NodeOptions;
  readonly #incarnation: number;
  readonly #machine: Machine;
  readonly #storage: Storage;
  readonly #requests = new Requests();
  readonly #reads = new Reads();
  readonly #lockTimers: LockTimers;
  #raft!: Raft;
  #role: Role = 'follower';
  #term = 0;
  #leader: string | null = null;
  /** The term restored at the start: what an earlier life did in it, or before, this one does not know. */
  #restoredTerm = 0;
  #snapshotIndex = 0;
  #nextRequest = 1;
  #stopped = false;
  /** Commands waiting for the write in flight to end; they then share the next one (group commit). */
  #proposals: Command[] = [];
  /** Messages whose promise is not durable yet, oldest first. */
  #held: Extract<Effect, { kind: 'send' }>[] = [];
  /** The latest forwarded request of each node that was taken or refused: a late copy is not looked at again. */
  readonly #forwarded = new Map<string, Origin>();
  readonly #events: RaftEvent[] = [];
  #stepping = false;

  constructor(parts: NodeParts, options: NodeOptions, incarnation: number) {
    this.#parts = parts;
    this.#options = options;
    this.#incarnation = incarnation;
    this.#machine = new Machine(
      { rules: parts.serviceRules, sessionsMax: options.sessionsMax },
      {
        answered: (origin, response) => this.#answered(origin, response),
        lockChanged: (lock) => this.#lockTimers.changed(lock),
      },
    );
    this.#lockTimers = new LockTimers(parts.world.clock, this.#machine.locks, (operation) =>
      this.#enqueue({ operation }),
    );
    this.#storage = new Storage(parts.world.disk, {
      durable: (sequence) => this.#durable(sequence),
      failed: (error) => this.#fail(error),
    });
  }

  async open(): Promise<void> {
    const restored = await this.#storage.recover();
    if (restored.snapshot !== null) this.#restore(restored.snapshot.data as MachineSnapshot);
    this.#restoredTerm = restored.hardState.term;
    this.#term = restored.hardState.term;
    const { world, raftRules } = this.#parts;
    this.#raft = createRaft({
      id: this.#options.id,
      options: this.#options.raft,
      rules: raftRules,
      restored,
      bootstrap: { voters: this.#options.members },
      random: () => world.random.next(),
      incarnation: this.#incarnation,
      now: this.#now(),
    });
    world.network.receive((from, message) => this.#receive(from, message as PeerMessage));
    this.#tick();
  }

  /** An operation that goes through the log. Answers exactly once. */
  update(operation: Operation, session: SessionCall | undefined, respond: Respond): void {
    if (this.#leader === null) {
      respond(notLeader(null));
      return;
    }
    const request = this.#nextRequest++;
    const origin = { node: this.#options.id, incarnation: this.#incarnation, request };
    const command: Command = { origin, ...(session && { session }), operation };
    const waitMs = operation.op === 'acquire' ? operation.waitMs : 0;
    const dueMs = this.#parts.world.clock.monotonicMs() + waitMs + this.#options.requestTimeoutMs;
    this.#requests.add(request, { respond, dueMs, term: this.#term });
    if (this.#role === 'leader') this.#enqueue(command);
    else this.#send(this.#leader, { kind: 'forward', term: this.#term, command });
  }

  /** A linearizable read of a key. Answers exactly once. */
  read(key: string, respond: Respond): void {
    const dueMs = this.#parts.world.clock.monotonicMs() + this.#options.requestTimeoutMs;
    this.#handle({ kind: 'read', id: this.#reads.add({ key, respond, dueMs }) });
  }

  /** Asks this leader to hand over; the answer says only that it will try. */
  transfer(to: string, respond: Respond): void {
    if (this.#role !== 'leader') {
      respond(notLeader(this.#leader));
      return;
    }
    this.#handle({ kind: 'transfer', to });
    respond({ ok: true, value: null, index: this.#machine.applied });
  }

  status(): Omit<NodeStatus, 'syncMs'> {
    const { clock } = this.#parts.world;
    return {
      id: this.#options.id,
      cluster: this.#options.cluster,
      role: this.#role,
      term: this.#term,
      leader: this.#leader,
      commit: statusOf(this.#raft).commitIndex,
      applied: this.#machine.applied,
      digest: this.#machine.digest,
      clocks: { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() },
    };
  }

  get term(): number {
    return this.#term;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** Says and does nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#lockTimers.follow();
  }

  #now() {
    const { clock } = this.#parts.world;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
  }

  #tick(): void {
    if (this.#stopped) return;
    this.#handle({ kind: 'tick' });
    const nowMs = this.#parts.world.clock.monotonicMs();
    this.#requests.expire(nowMs);
    this.#reads.expire(nowMs);
    for (const id of this.#reads.takeRetries()) this.#handle({ kind: 'read', id });
    this.#parts.world.clock.after(this.#options.raft.heartbeatMs / 2, () => this.#tick());
  }

  #receive(from: string, message: PeerMessage): void {
    switch (message.kind) {
      case 'forward':
        this.#takeForward(from, message);
        break;
      case 'refused':
        if (this.#isOwn(message.origin)) this.#requests.answer(message.origin.request, notLeader(message.leader));
        break;
      default:
        this.#handle({ kind: 'receive', from, message });
    }
  }

  /**
   * Takes a request from a peer into the log at most once: a copy that the network made is recognised by its number in
   * this life, and by its term in a later one. A refusal is definite, so it is sent only where no copy was taken.
   */
  #takeForward(from: string, { term, command }: Forward): void {
    const { origin } = command;
    if (origin === undefined || this.#stopped || !this.#isNewer(origin)) return;
    if (term <= this.#restoredTerm) return;
    this.#forwarded.set(origin.node, origin);
    if (this.#role === 'leader' && this.#term === term) this.#enqueue(command);
    else this.#send(from, { kind: 'refused', origin, leader: this.#leader });
  }

  #isNewer(origin: Origin): boolean {
    const latest = this.#forwarded.get(origin.node);
    if (latest === undefined || origin.incarnation > latest.incarnation) return true;
    return origin.incarnation === latest.incarnation && origin.request > latest.request;
  }

  #isOwn(origin: Origin): boolean {
    return origin.node === this.#options.id && origin.incarnation === this.#incarnation;
  }

  #enqueue(command: Command): void {
    const { operation } = command;
    if (operation.op === 'release' || operation.op === 'expire') {
      for (const overdue of this.#lockTimers.overdue(operation.lock)) this.#proposals.push({ operation: overdue });
    }
    this.#proposals.push(command);
    if (this.#storage.idle) this.#propose();
  }

  #propose(): void {
    if (this.#proposals.length === 0) return;
    const commands = this.#proposals;
    this.#proposals = [];
    this.#handle({ kind: 'propose', commands });
  }

  /** One event at a time, in order: an effect of one step may cause another event, which then waits its turn. */
  #handle(event: RaftEvent): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#events.shift(); next && !this.#stopped; next = this.#events.shift()) {
        for (const effect of step(this.#raft, next, this.#now())) this.#perform(effect);
      }
    } catch (error) {
      this.#fail(error as Error);
    } finally {
      this.#stepping = false;
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        this.#storage.persist(effect);
        break;
      case 'send':
        if (effect.after <= this.#storage.durable) this.#send(effect.to, effect.message);
        else this.#held.push(effect);
        break;
      case 'apply':
        this.#apply(effect.entries);
        break;
      case 'restore':
        this.#restore(effect.snapshot.data as MachineSnapshot);
        break;
      case 'read-ready':
        this.#readReady(effect);
        break;
      case 'read-refused':
        this.#reads.take(effect.id)?.respond(notLeader(effect.leader));
        break;
      case 'refused':
        for (const command of effect.commands) this.#refuse(command as Command, effect.leader);
        break;
      case 'accepted':
        break;
      case 'role':
        this.#changeRole(effect);
        break;
      default:
        unknownEffect(effect);
    }
  }

  #durable(sequence: number): void {
    if (this.#stopped) return;
    const ready = this.#held;
    this.#held = [];
    for (const effect of ready) {
      if (effect.after <= sequence) this.#send(effect.to, effect.message);
      else this.#held.push(effect);
    }
    this.#handle({ kind: 'persisted', sequence });
    if (this.#storage.idle) this.#propose();
  }

  #send(to: string, message: PeerMessage): void {
    if (!this.#stopped) this.#parts.world.network.send(to, message);
  }

  #apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      switch (entry.kind) {
        case 'command':
          this.#machine.apply(entry.index, entry.command as Command);
          break;
        case 'noop':
          this.#machine.beginTerm(entry.index);
          break;
        case 'configuration':
          this.#machine.skip(entry.index);
          break;
      }
    }
    this.#serveAppliedReads();
    this.#compactIfDue();
  }

  #restore(snapshot: MachineSnapshot): void {
    this.#machine.restore(snapshot);
    this.#snapshotIndex = snapshot.applied;
    this.#serveAppliedReads();
  }

  #compactIfDue(): void {
    const index = this.#machine.applied;
    if (index - this.#snapshotIndex < this.#options.snapshotEntries || this.#storage.snapshotting) return;
    this.#snapshotIndex = index;
    this.#handle({ kind: 'compact', index, data: this.#machine.snapshot() });
  }

  #answered(origin: Origin, response: Response): void {
    if (!this.#isOwn(origin)) return;
    const index = this.#machine.applied;
    this.#requests.answer(origin.request, response.ok ? { ...response, index } : response);
  }

  #refuse({ origin }: Command, leader: string | null): void {
    if (origin === undefined) return;
    if (this.#isOwn(origin)) this.#requests.answer(origin.request, notLeader(leader));
    else this.#send(origin.node, { kind: 'refused', origin, leader });
  }

  #changeRole({ role, term, leader }: Extract<Effect, { kind: 'role' }>): void {
    const [before, termBefore] = [this.#role, this.#term];
    if (role !== before || term !== termBefore || leader !== this.#leader) {
      this.#parts.log(`${role} in term ${term}, leader ${leader ?? 'unknown'}`);
    }
    this.#role = role;
    this.#term = term;
    this.#leader = leader;
    if (role === 'leader' && (before !== 'leader' || term !== termBefore)) this.#lockTimers.lead();
    if (before !== 'leader' || (role === 'leader' && term === termBefore)) {
      this.#requests.loseTermsBefore(term);
      return;
    }
    this.#lockTimers.follow();
    // What was not proposed yet certainly never will be.
    for (const command of this.#proposals.splice(0)) this.#refuse(command, leader);
    this.#requests.loseTermsBefore(term + 1);
  }

  #readReady({ id, index, lease }: Extract<Effect, { kind: 'read-ready' }>): void {
    const read = this.#reads.get(id);
    if (read === undefined) return;
    if (this.#machine.applied < index) this.#reads.park(id, index, lease);
    else this.#serveRead(id, read, lease);
  }

  #serveAppliedReads(): void {
    for (const { id, read, lease } of this.#reads.takeApplied(this.#machine.applied)) this.#serveRead(id, read, lease);
  }

  /** Reads first and looks at the lease after: a pause in between must not let an old value out (SYSTEMS 2.1). */
  #serveRead(id: number, read: PendingRead, lease: boolean): void {
    const value: Json = this.#machine.read(read.key);
    if (lease && !leaseHolds(this.#raft, this.#now())) {
      this.#reads.retry(id);
      return;
    }
    this.#reads.take(id);
    read.respond({ ok: true, value, index: this.#machine.applied });
  }

  #fail(error: Error): void {
    if (this.#stopped) return;
    this.stop();
    this.#parts.fatal(error);
  }
}

export type { Outcome };

function unknownEffect(effect: never): never {
  throw new Error(`consensus asks for an unknown effect: ${JSON.stringify(effect)}`);
}
