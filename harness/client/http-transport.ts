import { Client, errors } from 'undici';
import type { HttpRequest, Json } from '../../system-under-test/system.ts';
import { broken, type ClientError, type Reply, type SendOptions, type Transport } from './transport.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A larger answer is treated as lost, so that a hostile or broken server cannot exhaust the harness. */
const responseBytesMax = 32 * 1024 * 1024;

/**
 * One client's connections: one per address, one request at a time on each, kept open between requests, never retried.
 * After a timeout the connection is dropped, so that a late answer cannot be taken for the next one's.
 */
export class HttpTransport implements Transport {
  readonly #addressOf: (node: string) => Address | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #clients = new Map<string, Client>();

  constructor(addressOf: (node: string) => Address | undefined, headers: Readonly<Record<string, string>> = {}) {
    this.#addressOf = addressOf;
    this.#headers = { 'content-type': 'application/json', ...headers };
  }

  async send(node: string, request: HttpRequest, options: SendOptions): Promise<Reply> {
    if (options.thinkMs !== undefined) await new Promise((resolve) => setTimeout(resolve, options.thinkMs));
    const address = this.#addressOf(node);
    if (address === undefined) return broken('no-address', `${node} has no address now`);
    const origin = `http://${address.host}:${address.port}`;
    let client = this.#clients.get(origin);
    if (client === undefined || client.destroyed || client.closed) {
      client = new Client(origin, { pipelining: 1, bodyTimeout: 0, headersTimeout: 0 });
      this.#clients.set(origin, client);
    }
    return dispatch(client, request, this.#headers, options.timeoutMs);
  }

  async close(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.destroy()));
  }
}

function dispatch(
  client: Client,
  request: HttpRequest,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Reply> {
  return new Promise((resolve) => {
    let begun = false; // from here on bytes may have left
    let status = 0;
    let bytes = 0;
    const chunks: Buffer[] = [];
    const settle = (reply: Reply): void => {
      clearTimeout(timer);
      resolve(reply);
    };
    const timer = setTimeout(() => {
      resolve(
        begun
          ? broken('timeout', `no answer within ${timeoutMs} ms`)
          : broken('connect-timeout', `no connection within ${timeoutMs} ms`),
      );
      void client.destroy();
    }, timeoutMs);
    client.dispatch(
      {
        method: request.method,
        path: request.path,
        headers,
        body: request.body === undefined ? null : JSON.stringify(request.body),
        idempotent: false,
      },
      {
        onRequestStart() {
          begun = true;
        },
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(controller, chunk) {
          bytes += chunk.length;
          if (bytes > responseBytesMax) controller.abort(new TooLarge());
          else chunks.push(chunk);
        },
        onResponseEnd() {
          settle({ kind: 'response', status, body: parse(chunks) });
        },
        onResponseError(_controller, error) {
          settle(broken(begun ? indefinite(error) : definite(error), describe(error)));
        },
      },
    );
  });
}

class TooLarge extends Error {}

function definite(error: Error): ClientError {
  const code = codeOf(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unresolved';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'connect-timeout';
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'unreachable';
  return 'refused';
}

function indefinite(error: Error): ClientError {
  if (error instanceof TooLarge) return 'too-large';
  return error instanceof errors.HTTPParserError ? 'bad-response' : 'reset';
}

const codeOf = (error: Error): string => String((error as NodeJS.ErrnoException).code ?? error.name);

const describe = (error: Error): string => `${codeOf(error)}: ${error.message}`;

function parse(chunks: readonly Buffer[]): Json | undefined {
  const text = chunks.length === 1 ? chunks[0]!.toString() : Buffer.concat(chunks).toString();
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
