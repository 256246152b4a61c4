import type {
  Effect,
  Entry,
  Message,
  NodeId,
  Now,
  RaftEvent,
  RaftOptions,
  Restored,
  Snapshot,
} from '../../system-under-test/raft/protocol.ts';
import { createRaft, leaseHolds, type Raft, statusOf } from '../../system-under-test/raft/raft.ts';
import { rules as correctRules, type RaftRules } from '../../system-under-test/raft/rules.ts';
import { step } from '../../system-under-test/raft/step.ts';

/**
 * Runs an interaction script: blocks of commands, each followed by `----` and what the nodes did. Returns the script
 * with what they really did. Lines that begin with `#` are comments.
 *
 *     nodes 3 [reads=lease] [entries=N]        a fresh cluster; disks answer only when told
 *     start n1 term=2 [vote=n3] [log=1,1,2] [snapshot=3/1] [voters=n1,n2]    starts the node anew on this disk
 *     timeout n1 | tick n1 | wait 100          to n1's election deadline and tick; tick; only let time pass
 *     persisted n1                             all writes of n1 become durable, and messages that waited leave
 *     deliver n1 n2 [keep] | drop n1 n2        all messages on that link, at most those there now
 *     propose n1 a b | read n1 7 | compact n1 3 | transfer n1 n2
 *     crash n1                                 loses what is not durable, and starts again
 *     status n1 | lease n1 | wall n1 -2000     the last one moves the wall clock
 *     settle                                   all disks and messages, until nothing moves; prints nothing
 *     quietly COMMAND                          prints nothing
 */
export function runScript(text: string, rules = correctRules): string {
  const script = new Script(rules);
  const blocks = text.replace(/\s+$/, '').split(/\n\n+/);
  const rewritten = blocks.map((block) => {
    const lines = block.split('\n');
    const end = lines.indexOf('----');
    if (end < 0) return block;
    const commands = lines.slice(0, end);
    const output = commands.filter((line) => !line.startsWith('#')).flatMap((line) => script.run(line));
    return [...commands, '----', ...(output.length === 0 ? ['nothing'] : output)].join('\n');
  });
  return `${rewritten.join('\n\n')}\n`;
}

type Send = Extract<Effect, { kind: 'send' }>;

interface Node {
  readonly id: NodeId;
  raft: Raft;
  incarnation: number;
  disk: Restored;
  writes: Extract<Effect, { kind: 'persist' }>[];
  durable: number;
  held: Send[];
  wallOffsetMs: number;
}

class Script {
  readonly #rules: RaftRules;
  readonly #nodes = new Map<NodeId, Node>();
  readonly #links = new Map<string, Message[]>();
  #nowMs = 0;
  #options: RaftOptions = {
    heartbeatMs: 50,
    electionTimeoutMinMs: 300,
    reads: 'read-index',
    clockRateErrorMax: 0.1,
    entriesMax: 8,
  };
  #printed: string[] = [];

  constructor(rules: RaftRules) {
    this.#rules = rules;
  }

  run(line: string): readonly string[] {
    this.#printed = [];
    const words = line.trim().split(/\s+/);
    const quiet = words[0] === 'quietly';
    this.#command(quiet ? words.slice(1) : words);
    return quiet ? [] : this.#printed;
  }

  #command([command = '', ...args]: readonly string[]): void {
    const named = namedArguments(args);
    const [first = '', second = ''] = args;
    switch (command) {
      case 'nodes':
        this.#cluster(Number(first), named);
        break;
      case 'start':
        this.#start(this.#node(first), diskFrom(named), named.get('voters')?.split(','));
        break;
      case 'timeout':
        this.#nowMs = Math.max(this.#nowMs, this.#node(first).raft.electionDeadlineMs);
        this.#feed(first, { kind: 'tick' });
        break;
      case 'tick':
        this.#feed(first, { kind: 'tick' });
        break;
      case 'wait':
        this.#nowMs += Number(first);
        break;
      case 'persisted':
        this.#persisted(this.#node(first));
        break;
      case 'deliver':
        this.#deliver(first, second, args[2] === 'keep');
        break;
      case 'drop':
        this.#links.delete(`${first}>${second}`);
        break;
      case 'propose':
        this.#feed(first, { kind: 'propose', commands: args.slice(1) });
        break;
      case 'read':
        this.#feed(first, { kind: 'read', id: Number(second) });
        break;
      case 'compact':
        this.#feed(first, { kind: 'compact', index: Number(second), data: `state@${second}` });
        break;
      case 'transfer':
        this.#feed(first, { kind: 'transfer', to: second });
        break;
      case 'crash':
        this.#start(this.#node(first), this.#node(first).disk, undefined);
        break;
      case 'wall':
        this.#node(first).wallOffsetMs += Number(second);
        break;
      case 'status':
        this.#printed.push(showStatus(this.#node(first).raft));
        break;
      case 'lease': {
        const node = this.#node(first);
        this.#printed.push(`${first} lease ${leaseHolds(node.raft, this.#now(node)) ? 'holds' : 'does not hold'}`);
        break;
      }
      case 'settle':
        this.#settle();
        this.#printed = [];
        break;
      default:
        throw new Error(`no such command: ${command}`);
    }
  }

  #cluster(count: number, named: ReadonlyMap<string, string>): void {
    const reads = named.get('reads') === 'lease' ? 'lease' : 'read-index';
    const entriesMax = Number(named.get('entries') ?? 8);
    this.#options = { ...this.#options, reads, entriesMax };
    const ids = Array.from({ length: count }, (_, i) => `n${i + 1}`);
    this.#nodes.clear();
    this.#links.clear();
    for (const id of ids) {
      const disk: Restored = { hardState: { term: 0, votedFor: null }, snapshot: null, entries: [] };
      const raft = this.#create(id, disk, ids, 1, 0);
      const incarnation = 1;
      this.#nodes.set(id, { id, raft, incarnation, disk, writes: [], durable: 0, held: [], wallOffsetMs: 0 });
    }
  }

  #start(node: Node, disk: Restored, voters: readonly string[] | undefined): void {
    node.incarnation += 1;
    node.disk = disk;
    node.writes = [];
    node.held = [];
    node.durable = 0;
    node.raft = this.#create(node.id, disk, voters ?? [...this.#nodes.keys()], node.incarnation, node.wallOffsetMs);
  }

  /** Without chance every election timeout is the shortest one. */
  #create(id: NodeId, restored: Restored, voters: readonly NodeId[], incarnation: number, wallMs: number): Raft {
    const now = { monotonicMs: this.#nowMs, wallMs: this.#nowMs + wallMs };
    const options = this.#options;
    const rules = this.#rules;
    return createRaft({ id, options, rules, restored, bootstrap: { voters }, random: () => 0, incarnation, now });
  }

  #feed(id: NodeId, event: RaftEvent): void {
    const node = this.#node(id);
    for (const effect of step(node.raft, event, this.#now(node))) {
      this.#printed.push(`${id} ${showEffect(effect)}`);
      if (effect.kind === 'persist') node.writes.push(effect);
      if (effect.kind === 'send' && effect.after > node.durable) node.held.push(effect);
      else if (effect.kind === 'send') this.#put(id, effect);
    }
  }

  #persisted(node: Node): void {
    const last = node.writes.at(-1);
    if (last === undefined) return;
    for (const write of node.writes) node.disk = written(node.disk, write);
    node.writes = [];
    node.durable = last.sequence;
    for (const held of node.held.splice(0)) this.#put(node.id, held);
    this.#feed(node.id, { kind: 'persisted', sequence: last.sequence });
  }

  #put(from: NodeId, { to, message }: Send): void {
    const link = `${from}>${to}`;
    this.#links.set(link, [...(this.#links.get(link) ?? []), message]);
  }

  #deliver(from: NodeId, to: NodeId, keep: boolean): void {
    const link = `${from}>${to}`;
    const messages = this.#links.get(link) ?? [];
    if (!keep) this.#links.delete(link);
    for (const message of messages) this.#feed(to, { kind: 'receive', from, message });
  }

  #settle(): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (const node of this.#nodes.values()) {
        busy ||= node.writes.length > 0;
        this.#persisted(node);
      }
      for (const link of [...this.#links.keys()]) {
        busy = true;
        const [from = '', to = ''] = link.split('>');
        this.#deliver(from, to, false);
      }
    }
  }

  #now(node: Node): Now {
    return { monotonicMs: this.#nowMs, wallMs: this.#nowMs + node.wallOffsetMs };
  }

  #node(id: NodeId): Node {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }
}

function namedArguments(args: readonly string[]): ReadonlyMap<string, string> {
  return new Map(args.filter((word) => word.includes('=')).map((word) => word.split('=', 2) as [string, string]));
}

function diskFrom(named: ReadonlyMap<string, string>): Restored {
  const [lastIndex = 0, lastTerm = 0] = named.get('snapshot')?.split('/').map(Number) ?? [];
  const voters = (named.get('snapshot-voters') ?? 'n1,n2,n3').split(',');
  const snapshot: Snapshot | null =
    lastIndex === 0 ? null : { lastIndex, lastTerm, config: { voters }, data: `state@${lastIndex}` };
  const terms = named.get('log')?.split(',').map(Number) ?? [];
  return {
    hardState: { term: Number(named.get('term') ?? 0), votedFor: named.get('vote') ?? null },
    snapshot,
    entries: terms.map((term, i) => ({ kind: 'command', index: lastIndex + 1 + i, term, command: `old${term}` })),
  };
}

/** What a disk holds after a write. */
function written(disk: Restored, write: Extract<Effect, { kind: 'persist' }>): Restored {
  const hardState = write.hardState ?? disk.hardState;
  const from = write.entries?.[0]?.index ?? Number.POSITIVE_INFINITY;
  let entries = [...disk.entries.filter((entry) => entry.index < from), ...(write.entries ?? [])];
  if (write.snapshot !== undefined) {
    const { lastIndex } = write.snapshot;
    entries = write.keepsLog === true ? entries.filter((entry) => entry.index > lastIndex) : [];
  }
  return { hardState, snapshot: write.snapshot ?? disk.snapshot, entries };
}

function showEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'persist': {
      const parts = [`persist #${effect.sequence}`];
      if (effect.hardState) parts.push(`term=${effect.hardState.term} vote=${effect.hardState.votedFor ?? '-'}`);
      if (effect.entries) parts.push(showEntries(effect.entries));
      if (effect.snapshot) parts.push(showSnapshot(effect.snapshot), effect.keepsLog ? 'keeps-log' : 'drops-log');
      return parts.join(' ');
    }
    case 'send':
      return `-> ${effect.to} ${showMessage(effect.message)}${effect.after > 0 ? ` (after #${effect.after})` : ''}`;
    case 'apply':
      return `apply ${showEntries(effect.entries)}`;
    case 'restore':
      return `restore ${showSnapshot(effect.snapshot)}`;
    case 'read-ready':
      return `read ${effect.id} ready at ${effect.index}${effect.lease ? ' by lease' : ''}`;
    case 'read-refused':
      return `read ${effect.id} refused leader=${effect.leader ?? '-'}`;
    case 'refused':
      return `refused ${effect.commands.join(' ')} leader=${effect.leader ?? '-'}`;
    case 'accepted':
      return `accepted ${effect.commands.join(' ')} at ${effect.firstIndex}/${effect.term}`;
    case 'role':
      return `is ${effect.role} term=${effect.term} leader=${effect.leader ?? '-'}`;
    default:
      return effect satisfies never;
  }
}

function showMessage(message: Message): string {
  const { term } = message;
  switch (message.kind) {
    case 'request-vote': {
      const kind = `${message.pre ? 'pre-' : ''}request-vote${message.transfer ? ' (transfer)' : ''}`;
      return `${kind} term=${term} last=${message.lastIndex}/${message.lastTerm}`;
    }
    case 'vote':
      return `${message.pre ? 'pre-' : ''}vote term=${term} ${message.granted ? 'granted' : 'refused'}`;
    case 'append': {
      const { previousIndex, previousTerm, entries, commit, round } = message;
      const list = entries.length === 0 ? '' : ` ${showEntries(entries)}`;
      return `append term=${term} previous=${previousIndex}/${previousTerm}${list} commit=${commit} round=${round}`;
    }
    case 'append-reply': {
      const { success, matched, conflictTerm, refusedAt, round } = message;
      const refusal = success ? '' : ` refused-at=${refusedAt ?? '-'} conflict-term=${conflictTerm ?? '-'}`;
      return `append-reply term=${term} ${success ? 'success' : 'refusal'} matched=${matched}${refusal} round=${round}`;
    }
    case 'install-snapshot':
      return `install-snapshot term=${term} ${showSnapshot(message.snapshot)} round=${message.round}`;
    case 'read-index':
      return `read-index term=${term} id=${message.id}`;
    case 'read-index-reply':
      return `read-index-reply term=${term} id=${message.id} index=${message.index ?? '-'}`;
    case 'timeout-now':
      return `timeout-now term=${term}`;
    default:
      return message satisfies never;
  }
}

const showSnapshot = (snapshot: Snapshot): string =>
  `snapshot=${snapshot.lastIndex}/${snapshot.lastTerm} voters=${snapshot.config.voters.join(',')}`;

function showEntries(entries: readonly Entry[]): string {
  const show = (entry: Entry): string =>
    `${entry.index}/${entry.term}:${entry.kind === 'command' ? String(entry.command) : entry.kind}`;
  return `[${entries.map(show).join(' ')}]`;
}

function showStatus(raft: Raft): string {
  const s = statusOf(raft);
  const log = `log=${s.snapshotIndex}..${s.lastIndex}/${s.lastTerm} stable=${s.stableIndex}`;
  const leader = `leader=${s.leader ?? '-'} vote=${s.votedFor ?? '-'}`;
  return `${s.id} ${s.role} term=${s.term} ${leader} commit=${s.commitIndex} ${log} voters=${s.voters.join(',')}`;
}
