import type { Response, SessionCall } from './command.ts';
import type { ServiceRules, SessionDecision } from './rules.ts';

interface Session {
  readonly lastSeq: number;
  /** Null while the call waits for a lock. */
  readonly lastResponse: Response | null;
  /** Log index of the latest call. */
  readonly lastActive: number;
}

/** The latest answer of each client, so that a retry is answered and not executed again (dissertation 6.3). */
export class Sessions {
  readonly #rules: ServiceRules;
  readonly #max: number;
  /** Least recently used first: expiry follows the log alone, so that all replicas forget the same client. */
  readonly #sessions = new Map<string, Session>();

  constructor(rules: ServiceRules, max: number) {
    this.#rules = rules;
    this.#max = max;
  }

  /** The client's id is the index of its registration; unique for ever. */
  register(index: number): string {
    const client = String(index);
    this.#touch(client, { lastSeq: 0, lastResponse: null, lastActive: index });
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= this.#max) break;
      this.#sessions.delete(oldest);
    }
    return client;
  }

  has(client: string): boolean {
    return this.#sessions.has(client);
  }

  /** What to do with a call: unknown clients have expired, and are never silently taken up again. */
  decide({ client, seq }: SessionCall): SessionDecision | 'expired' {
    const session = this.#sessions.get(client);
    return session === undefined ? 'expired' : this.#rules.shouldExecute(session.lastSeq, seq);
  }

  /** The answer to the client's latest call; null while that waits. */
  lastResponse(client: string): Response | null {
    return this.#sessions.get(client)?.lastResponse ?? null;
  }

  /** The call was executed; `response` is null when it waits. */
  executed({ client, seq }: SessionCall, response: Response | null, index: number): void {
    this.#touch(client, { lastSeq: seq, lastResponse: response, lastActive: index });
  }

  /** The wait of the client's latest call is over. */
  answered({ client, seq }: SessionCall, response: Response): void {
    const session = this.#sessions.get(client);
    if (session?.lastSeq === seq) this.#sessions.set(client, { ...session, lastResponse: response });
  }

  snapshot(): readonly (readonly [string, Session])[] {
    return [...this.#sessions];
  }

  restore(entries: readonly (readonly [string, Session])[]): void {
    this.#sessions.clear();
    for (const [client, session] of entries) this.#sessions.set(client, session);
  }

  #touch(client: string, session: Session): void {
    this.#sessions.delete(client);
    this.#sessions.set(client, session);
  }
}
