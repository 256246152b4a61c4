import type { Json } from '../system.ts';
import type { SessionCall } from './command.ts';
import type { ServiceNode } from './node.ts';
import { parseRequest, type Request } from './request.ts';
import type { Outcome, Respond } from './requests.ts';

export interface Reply {
  readonly status: number;
  readonly body: Json;
}

export interface ApiOptions {
  readonly id: string;
  readonly cluster: string;
  readonly node: ServiceNode;
  /** Median of the recent syncs of the disk, milliseconds. */
  readonly syncMs: () => number;
}

/** A client that names another cluster was meant for another run (SYSTEMS 15.13). */
export const clusterHeader = 'x-faultline-cluster';
export const bodyBytesMax = 2 ** 20;

/**
 * The HTTP API without HTTP: request in, reply out (SYSTEMS 0.2). Whatever is refused in here never reached the log, so
 * it is definite; what the log has been asked for is definite only when the node says so.
 */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  handle(method: string, path: string, headers: Readonly<Record<string, unknown>>, body: string): Promise<Reply> {
    return new Promise((resolve) => this.answer(method, path, headers, body, resolve));
  }

  /** As `handle`, without a promise; `take` is called exactly once, perhaps before this returns. */
  answer(
    method: string,
    path: string,
    headers: Readonly<Record<string, unknown>>,
    body: string,
    take: (reply: Reply) => void,
  ): void {
    const named = headers[clusterHeader];
    const { cluster } = this.#options;
    if (named !== undefined && named !== cluster) {
      take(this.#refusal(409, 'wrong-cluster', `this node is of cluster "${cluster}", not "${String(named)}"`));
    } else if (path === '/v1/status') {
      take(method === 'GET' ? this.#status() : this.#refusal(405, 'bad-method', '/v1/status takes GET'));
    } else if (!path.startsWith('/v1/')) {
      take(this.#refusal(404, 'unknown-path', `there is no ${path}; operations are under /v1/`));
    } else if (method !== 'POST') {
      take(this.#refusal(405, 'bad-method', `${path} takes POST, not ${method}`));
    } else {
      this.#operate(path.slice('/v1/'.length), body, take);
    }
  }

  /** For requests that cannot even be read: too long, or broken on the way in. */
  unreadable(status: number, code: string, text: string): Reply {
    return this.#refusal(status, code, text);
  }

  #operate(name: string, text: string, take: (reply: Reply) => void): void {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      take(this.#refusal(400, 'bad-request', `the body is no JSON: ${(error as Error).message}`));
      return;
    }
    const parsed = parseRequest(name, body);
    switch (parsed.kind) {
      case 'unknown':
        take(this.#refusal(404, 'unknown-operation', parsed.why));
        break;
      case 'malformed':
        take(this.#refusal(400, 'bad-request', parsed.why));
        break;
      case 'request':
        this.#perform(parsed.request, parsed.session, (outcome) => take(this.#reply(outcome)));
        break;
    }
  }

  #perform(request: Request, session: SessionCall | undefined, respond: Respond): void {
    const { node } = this.#options;
    switch (request.op) {
      case 'read':
        node.read(request.key, respond);
        break;
      case 'transfer':
        node.transfer(request.to, respond);
        break;
      default:
        node.update(request, session, respond);
    }
  }

  #reply(outcome: Outcome): Reply {
    if (outcome.ok) {
      return { status: 200, body: { ok: true, value: outcome.value, meta: this.#meta(outcome.index) } };
    }
    const { code, definite, text, leader } = outcome;
    const error = { code, definite, text, ...(leader !== undefined && { leader }) };
    return { status: statusOfError(code), body: { ok: false, error, meta: this.#meta(null) } };
  }

  #refusal(status: number, code: string, text: string): Reply {
    return { status, body: { ok: false, error: { code, definite: true, text }, meta: this.#meta(null) } };
  }

  #meta(index: number | null): Json {
    const { id, cluster, node } = this.#options;
    return { node: id, cluster, term: node.term, index, epoch: node.incarnation };
  }

  #status(): Reply {
    return { status: 200, body: { ...this.#options.node.status(), syncMs: this.#options.syncMs() } };
  }
}

function statusOfError(code: string): number {
  switch (code) {
    case 'wrong-type':
    case 'out-of-range':
      return 422;
    case 'session-expired':
    case 'session-stale':
      return 409;
    case 'timeout':
      return 504;
    default:
      return 503;
  }
}
