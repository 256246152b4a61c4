import type { ChildProcess } from 'node:child_process';
import type { HttpRequest } from '../../system-under-test/system.ts';
import type { Order, Report } from './client-process.ts';
import type { Address } from './http-transport.ts';
import { broken, type Reply, type SendOptions, type Transport } from './transport.ts';

/** The process gets this much longer than the request's own limit before its answer is given up: it may be paused. */
const patienceMs = 3000;

/**
 * The harness's end of one client process. A request is recorded as invoked before the process hears of it and as
 * completed after its report arrived, so the recorded interval contains the true one however long the process is stopped.
 */
export class ClientProcess {
  readonly #child: ChildProcess;
  readonly #addressOf: (node: string) => Address | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #orders = 0;

  constructor(
    child: ChildProcess,
    addressOf: (node: string) => Address | undefined,
    headers: Readonly<Record<string, string>>,
  ) {
    this.#child = child;
    this.#addressOf = addressOf;
    this.#headers = headers;
    child.on('message', ({ id, reply }: Report) => this.#settle(id, reply));
    child.on('exit', () => {
      for (const id of this.#waiting.keys()) this.#settle(id, broken('client-gone', 'the client process ended'));
    });
  }

  /** The connections belong to the process, and outlive the logical clients that come and go. */
  transport(): Transport {
    return { send: (node, request, options) => this.#send(node, request, options), close: async () => undefined };
  }

  #send(node: string, request: HttpRequest, options: SendOptions): Promise<Reply> {
    const address = this.#addressOf(node);
    if (address === undefined) return Promise.resolve(broken('no-address', `${node} has no address now`));
    const id = this.#orders++;
    const order: Order = { id, address, headers: this.#headers, request, options };
    return new Promise((resolve) => {
      const limitMs = options.timeoutMs + (options.thinkMs ?? 0) + patienceMs;
      const timer = setTimeout(() => this.#settle(id, broken('client-gone', `no report within ${limitMs} ms`)), limitMs);
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      this.#child.send(order, (error) => {
        // It may have been told all the same: the outcome is unknown, not failed.
        if (error !== null) this.#settle(id, broken('client-gone', error.message));
      });
    });
  }

  #settle(id: number, reply: Reply): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(reply);
  }
}
