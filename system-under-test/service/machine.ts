import type { Json } from '../system.ts';
import { type Command, type Operation, type Origin, ok, type Response, type SessionCall } from './command.ts';
import { Digest } from './digest.ts';
import { Keys } from './keys.ts';
import { Locks, type Waiter } from './locks.ts';
import { Resources } from './resources.ts';
import type { ServiceRules } from './rules.ts';
import { Sessions } from './sessions.ts';

/** Whoever must hear what applying a command brought about. */
export interface Witness {
  /** A request has its answer; it may be another one than that of the command just applied. */
  answered(origin: Origin, response: Response): void;
  /** The lease or the queue of this lock is no longer what it was. */
  lockChanged(lock: string): void;
}

export interface MachineOptions {
  readonly rules: ServiceRules;
  readonly sessionsMax: number;
}

/** Everything, as JSON; restoring it gives a machine that goes on exactly alike. */
export interface MachineSnapshot {
  readonly applied: number;
  readonly digest: string;
  readonly keys: ReturnType<Keys['snapshot']>;
  readonly sessions: ReturnType<Sessions['snapshot']>;
  readonly locks: ReturnType<Locks['snapshot']>;
  readonly resources: ReturnType<Resources['snapshot']>;
}

/**
 * The replicated state machine: keys, exactly-once sessions, locks, fenced resources. A pure function of the log; no
 * clock, no chance, no I/O (SYSTEMS 1a, rule 10). Index and effect of an entry move together (rule 9).
 */
export class Machine {
  readonly locks: Locks;
  readonly #witness: Witness;
  readonly #keys = new Keys();
  readonly #sessions: Sessions;
  readonly #resources: Resources;
  #digest = new Digest();
  #applied = 0;

  constructor({ rules, sessionsMax }: MachineOptions, witness: Witness) {
    this.#witness = witness;
    this.#sessions = new Sessions(rules, sessionsMax);
    this.#resources = new Resources(rules);
    this.locks = new Locks(rules, {
      isAlive: ({ session }) => session === null || this.#sessions.has(session.client),
      answer: (waiter, response) => this.#answerWaiter(waiter, response),
      changed: (lock) => witness.lockChanged(lock),
    });
  }

  /** Index of the latest entry applied. */
  get applied(): number {
    return this.#applied;
  }

  /** Equal on all nodes that applied the same log. */
  get digest(): string {
    return this.#digest.toString();
  }

  read(key: string): Json {
    return this.#keys.read(key);
  }

  /** Applies the command at the next index of the log. */
  apply(index: number, command: Command): void {
    this.#advance(index);
    const response = this.#respond(index, command);
    this.#digest.note(`${index} ${JSON.stringify(command)} ${JSON.stringify(response ?? null)}`);
    if (response !== undefined && command.origin !== undefined) this.#witness.answered(command.origin, response);
  }

  /** The entry with which a new leader begins its term. */
  beginTerm(index: number): void {
    this.#advance(index);
    this.locks.abandonAll();
    this.#digest.note(`${index} term`);
  }

  /** An entry that concerns consensus alone. */
  skip(index: number): void {
    this.#advance(index);
    this.#digest.note(`${index} -`);
  }

  snapshot(): MachineSnapshot {
    return {
      applied: this.#applied,
      digest: this.digest,
      keys: this.#keys.snapshot(),
      sessions: this.#sessions.snapshot(),
      locks: this.locks.snapshot(),
      resources: this.#resources.snapshot(),
    };
  }

  restore(snapshot: MachineSnapshot): void {
    this.#applied = snapshot.applied;
    this.#digest = Digest.parse(snapshot.digest);
    this.#keys.restore(snapshot.keys);
    this.#sessions.restore(snapshot.sessions);
    this.locks.restore(snapshot.locks);
    this.#resources.restore(snapshot.resources);
  }

  #advance(index: number): void {
    if (index !== this.#applied + 1) throw new Error(`entry ${index} applied after ${this.#applied}: one was skipped`);
    this.#applied = index;
  }

  /** Undefined: the answer comes later, when a lock is free. */
  #respond(index: number, command: Command): Response | undefined {
    const { session } = command;
    if (session === undefined) return this.#execute(index, command);
    const decision = this.#sessions.decide(session);
    switch (decision) {
      case 'expired':
        return expired(session);
      case 'stale':
        return stale(session);
      case 'answer-again':
        return this.#answerAgain(session, command.origin);
      case 'execute': {
        const response = this.#execute(index, command);
        this.#sessions.executed(session, response ?? null, index);
        return response;
      }
    }
  }

  #answerAgain(session: SessionCall, origin: Origin | undefined): Response | undefined {
    const response = this.#sessions.lastResponse(session.client);
    if (response === null && origin !== undefined) this.locks.redirect(session, origin);
    return response ?? undefined;
  }

  #execute(index: number, { operation, origin, session }: Command): Response | undefined {
    switch (operation.op) {
      case 'session':
        return ok(this.#sessions.register(index));
      case 'write':
      case 'cas':
      case 'delete':
      case 'append':
      case 'add':
      case 'txn':
        return this.#keys.apply(operation);
      case 'acquire':
        return this.locks.acquire(index, operation, origin, session);
      case 'renew':
        return this.locks.renew(index, operation.lock, operation.owner, operation.token);
      case 'release':
        return this.locks.release(index, operation.lock, operation.owner, operation.token);
      case 'expire':
        return this.locks.expire(index, operation.lock, operation.token, operation.renewal);
      case 'abandon':
        return this.locks.abandon(operation.lock, operation.waiter);
      case 'fenced-read':
        return this.#resources.fencedRead(operation.resource, operation.token);
      case 'fenced-write':
        return this.#resources.fencedWrite(operation.resource, operation.token, operation.value);
      default:
        return unknownOperation(operation);
    }
  }

  #answerWaiter({ origin, session }: Waiter, response: Response): void {
    if (session !== null) this.#sessions.answered(session, response);
    if (origin !== null) this.#witness.answered(origin, response);
  }
}

function expired({ client }: SessionCall): Response {
  const text = `client ${client} has no session here: never opened, or expired`;
  return { ok: false, code: 'session-expired', definite: true, text };
}

/** Not definite: an earlier copy of this very call may have been executed. */
function stale({ client, seq }: SessionCall): Response {
  const text = `call ${seq} of client ${client} is older than its latest one`;
  return { ok: false, code: 'session-stale', definite: false, text };
}

function unknownOperation(operation: never): never {
  throw new Error(`the log holds an operation that this version does not know: ${(operation as Operation).op}`);
}
