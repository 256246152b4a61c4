import type { Value } from '../../checkers/history/operation.ts';
import type { Answer, Call, System } from '../../system-under-test/system.ts';
import type { Planned } from '../generator/generator.ts';
import type { Reply, Transport } from './transport.ts';

/** How the operation of a client ended, as it goes into the history. */
export type Ending =
  | { readonly type: 'ok'; readonly value?: Value; readonly result?: Value; readonly node: string }
  | { readonly type: 'fail'; readonly error: string; readonly node: string }
  | { readonly type: 'info'; readonly error: string; readonly node: string };

export interface ClientOptions {
  readonly system: System;
  readonly transport: Transport;
  /** The node to ask first, and the order in which a retry goes on to others. */
  readonly nodes: readonly string[];
  readonly timeoutMs: number;
  /**
   * Attempts per operation. More than one needs sessions: every attempt carries the same exactly-once identity, and the
   * operation's interval spans them all. 1 means what it says: nothing is ever sent twice.
   */
  readonly attempts: number;
  readonly sessions: boolean;
  /** See `Workload.object`. */
  readonly object?: 'set' | 'counter' | undefined;
}

/** One logical client: one call at a time. Lives until its first unknown outcome. */
export class Client {
  readonly #options: ClientOptions;
  #session: string | undefined;
  #sequence = 0;
  /** Answers that break the system's own contract, for the report: never guessed at (SYSTEMS 0.2). */
  readonly protocolErrors: string[] = [];

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async perform(planned: Planned): Promise<Ending> {
    const { system, nodes, attempts } = this.#options;
    const first = planned.node === undefined ? 0 : Math.max(0, nodes.indexOf(planned.node));
    if (this.#options.sessions && this.#session === undefined) {
      const refusal = await this.#openSession(first);
      if (refusal !== undefined) return { type: 'fail', error: `no session: ${refusal}`, node: nodes[first]! };
    }
    const call: Call = {
      ...planned,
      ...(this.#options.object === undefined ? {} : { object: this.#options.object }),
      ...(this.#session === undefined ? {} : { session: { client: this.#session, sequence: ++this.#sequence } }),
    } as Call;
    let indefinite: string | undefined;
    for (let attempt = 0; ; attempt++) {
      const node = nodes[(first + attempt) % nodes.length]!;
      const answer = this.#read(call, await this.#send(node, system.request(call), planned.thinkMs));
      if (answer.kind === 'ok') {
        const { value, result } = answer;
        return {
          type: 'ok',
          ...(value === undefined ? {} : { value }),
          ...(result === undefined ? {} : { result }),
          node,
        };
      }
      if (answer.kind === 'unknown') indefinite ??= answer.error;
      if (attempt + 1 < attempts) continue;
      // Only when every attempt failed definitely did it certainly not happen.
      if (indefinite !== undefined) return { type: 'info', error: indefinite, node };
      return { type: 'fail', error: answer.error, node };
    }
  }

  /** Like an operation, on the next node when one does not answer; a session too many is harmless. */
  async #openSession(first: number): Promise<string | undefined> {
    const { nodes, attempts } = this.#options;
    let refusal: string | undefined;
    for (let attempt = 0; attempt < attempts && this.#session === undefined; attempt++) {
      refusal = await this.#openSessionAt(nodes[(first + attempt) % nodes.length]!);
    }
    return refusal;
  }

  async #openSessionAt(node: string): Promise<string | undefined> {
    const open = this.#options.system.openSession;
    if (open === undefined) return undefined;
    const reply = await this.#send(node, open());
    if (reply.kind !== 'response') return reply.error;
    const answer = this.#options.system.answer({ f: 'session' }, reply.status, reply.body);
    if (answer.kind !== 'ok') return answer.error;
    if (typeof answer.value !== 'string') return 'the answer names no session';
    this.#session = answer.value;
    return undefined;
  }

  #send(node: string, request: ReturnType<System['request']>, thinkMs?: number): Promise<Reply> {
    const { transport, timeoutMs } = this.#options;
    return transport.send(node, request, { timeoutMs, ...(thinkMs === undefined ? {} : { thinkMs }) });
  }

  #read(call: Call, reply: Reply): Answer {
    if (reply.kind === 'not-sent') return { kind: 'failed', error: reply.error };
    if (reply.kind === 'lost') return { kind: 'unknown', error: reply.error };
    const answer = this.#options.system.answer(call, reply.status, reply.body);
    if (answer.kind === 'unknown' && answer.protocolError) this.protocolErrors.push(`${call.f}: ${answer.error}`);
    return answer;
  }
}
