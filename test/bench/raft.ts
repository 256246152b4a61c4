/**
 * Events per second of the consensus core alone: three nodes wired in memory, disks that finish at once, no faults.
 * Prints the median of several rounds for commands proposed one by one and in batches of 32.
 */
import type {
  Effect,
  Entry,
  Message,
  NodeId,
  Now,
  RaftEvent,
  RaftOptions,
} from '../../system-under-test/raft/protocol.ts';
import { createRaft, type Raft } from '../../system-under-test/raft/raft.ts';
import { step } from '../../system-under-test/raft/step.ts';
import { median, print } from './print.ts';

const options: RaftOptions = {
  heartbeatMs: 50,
  electionTimeoutMinMs: 300,
  reads: 'read-index',
  clockRateErrorMax: 0.1,
  entriesMax: 64,
};
const ids = ['n1', 'n2', 'n3'];
const rounds = 7;
const commandsPerRound = 200_000;
const compactEvery = 10_000;

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Message;
}

/** Counts events and commands applied at the leader; messages are delivered in the order they were sent. */
class Wiring {
  readonly nodes = new Map<NodeId, Raft>();
  readonly #queue: Envelope[] = [];
  #now: Now = { monotonicMs: 0, wallMs: 0 };
  events = 0;
  applied = 0;

  constructor() {
    let drawn = 0;
    // Spread the election timeouts, so that the first node wins at once.
    const random = (): number => {
      drawn += 1;
      return ((drawn - 1) % 3) / 3;
    };
    for (const id of ids) {
      const restored = { hardState: { term: 0, votedFor: null }, snapshot: null, entries: [] };
      const start = { id, options, restored, bootstrap: { voters: ids }, random, incarnation: 1, now: this.#now };
      this.nodes.set(id, createRaft(start));
    }
  }

  elect(): Raft {
    this.#now = { monotonicMs: 301, wallMs: 301 };
    this.feed('n1', { kind: 'tick' });
    this.settle();
    const leader = this.nodes.get('n1')!;
    if (leader.role !== 'leader') throw new Error(`n1 is ${leader.role}`);
    return leader;
  }

  feed(id: NodeId, event: RaftEvent): void {
    this.events += 1;
    const raft = this.nodes.get(id)!;
    const effects = step(raft, event, this.#now);
    for (let i = 0; i < effects.length; i += 1) this.#perform(raft, effects[i]!);
    const first = effects[0];
    if (first?.kind === 'persist') this.feed(id, { kind: 'persisted', sequence: first.sequence });
  }

  settle(): void {
    for (let i = 0; i < this.#queue.length; i += 1) {
      const { from, to, message } = this.#queue[i]!;
      this.feed(to, { kind: 'receive', from, message });
    }
    this.#queue.length = 0;
  }

  #perform(raft: Raft, effect: Effect): void {
    if (effect.kind === 'send') this.#queue.push({ from: raft.id, to: effect.to, message: effect.message });
    else if (effect.kind === 'apply') this.#apply(raft, effect.entries);
  }

  #apply(raft: Raft, entries: readonly Entry[]): void {
    if (raft.role === 'leader') this.applied += entries.length;
  }
}

function measure(batch: number): { eventsPerSecond: number; commandsPerSecond: number } {
  const wiring = new Wiring();
  const leader = wiring.elect();
  const commands = Array.from({ length: batch }, (_, i) => ({ op: 'write', key: `k${i}`, value: i }));
  wiring.events = 0;
  wiring.applied = 0;
  const startedNs = process.hrtime.bigint();
  for (let sent = 0; sent < commandsPerRound; sent += batch) {
    wiring.feed(leader.id, { kind: 'propose', commands });
    wiring.settle();
    for (const node of wiring.nodes.values()) {
      if (node.appliedIndex - node.log.baseIndex < compactEvery) continue;
      wiring.feed(node.id, { kind: 'compact', index: node.appliedIndex, data: null });
    }
  }
  const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
  if (wiring.applied < commandsPerRound) throw new Error(`only ${wiring.applied} of ${commandsPerRound} applied`);
  return { eventsPerSecond: wiring.events / seconds, commandsPerSecond: wiring.applied / seconds };
}

const rows = [1, 32].map((batch) => {
  const measured = Array.from({ length: rounds }, () => measure(batch));
  const events = Math.round(median(measured.map((m) => m.eventsPerSecond)));
  const commands = Math.round(median(measured.map((m) => m.commandsPerSecond)));
  return { nodes: ids.length, 'commands per proposal': batch, 'events/s': events, 'commands/s': commands };
});
print(`raft: the consensus core alone, in memory (median of ${rounds} rounds)`, rows);
