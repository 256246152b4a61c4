/** Clients that are processes of their own, and a transport that has one of them send. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessState } from '../../../nemesis/cluster.ts';
import type { HttpRequest } from '../../../system-under-test/system.ts';
import type { Order, Report } from '../../client/client-process.ts';
import type { Address } from '../../client/http-transport.ts';
import { broken, type Reply, type SendOptions, type Transport } from '../../client/transport.ts';
import { dismiss, endOf, hasEnded, startTalking } from './child.ts';
import { processState, signal } from './process-table.ts';

const signalSeenWithinMs = 2000;
/** A client that is paused answers when it goes on; this is for one that never does. */
const givenUpAfterMs = 60_000;

export class ClientProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #open = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  constructor(name: string, script: string, logPath: string) {
    this.name = name;
    this.#child = startTalking([script], logPath);
    this.#child.on('message', (message: unknown) => {
      const { id, reply } = message as Report;
      this.#settle(id, reply);
    });
    this.#child.on('error', () => undefined); // what follows from it is the exit
    this.#child.once('exit', () => {
      for (const id of [...this.#open.keys()])
        this.#settle(id, gone(`client ${name} ended with ${endOf(this.#child)}`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get state(): ProcessState {
    return hasEnded(this.#child) ? 'gone' : processState(this.pid);
  }

  send(order: Omit<Order, 'id'>): Promise<Reply> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const timer = setTimeout(
        () => this.#settle(id, gone(`client ${this.name} gave no answer in ${givenUpAfterMs} ms`)),
        order.options.timeoutMs + (order.options.thinkMs ?? 0) + givenUpAfterMs,
      );
      this.#open.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      if (hasEnded(this.#child)) return this.#settle(id, gone(`client ${this.name} is gone`));
      this.#child.send({ id, ...order }, (error) => {
        if (error !== null) this.#settle(id, gone(`client ${this.name} cannot be told: ${error.message}`));
      });
    });
  }

  async pause(): Promise<void> {
    await this.#signal('SIGSTOP', (state) => state !== 'running');
  }

  async resume(): Promise<void> {
    await this.#signal('SIGCONT', (state) => state !== 'stopped');
  }

  async end(): Promise<void> {
    await dismiss(this.#child, () => this.#child.disconnect());
  }

  async #signal(name: 'SIGSTOP' | 'SIGCONT', seen: (state: ProcessState) => boolean): Promise<void> {
    if (hasEnded(this.#child)) return;
    signal(this.pid, name);
    for (let waitedMs = 0; !seen(this.state); waitedMs += 5) {
      if (waitedMs > signalSeenWithinMs)
        throw new Error(`${this.name}: ${name} had no effect within ${signalSeenWithinMs} ms`);
      await wait(5);
    }
  }

  #settle(id: number, reply: Reply): void {
    this.#open.get(id)?.(reply);
    this.#open.delete(id);
  }
}

const gone = (why: string): Reply => broken('client-gone', why);

/** Has a client process send; its connections stay the process's own. */
export class ClientProcessTransport implements Transport {
  readonly #client: ClientProcess;
  readonly #addressOf: (node: string) => Address | undefined;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    client: ClientProcess,
    addressOf: (node: string) => Address | undefined,
    headers: Readonly<Record<string, string>>,
  ) {
    this.#client = client;
    this.#addressOf = addressOf;
    this.#headers = headers;
  }

  async send(node: string, request: HttpRequest, options: SendOptions): Promise<Reply> {
    const address = this.#addressOf(node);
    if (address === undefined) return broken('no-address', `${node} has no address now`);
    return this.#client.send({ address, headers: this.#headers, request, options });
  }

  async close(): Promise<void> {}
}
