/** The harness's end of its keeper. */
import type { ChildProcess } from 'node:child_process';
import type { Link, LinkQuality, NodeName } from '../../../nemesis/cluster.ts';
import type { Address } from '../../client/http-transport.ts';
import { EnvironmentError } from '../../failures.ts';
import { ended, endOf, startTalking } from './child.ts';
import type { KeeperAnswer, KeeperBegin, KeeperReady, KeeperRequest, LinkCount } from './keeper-protocol.ts';

const script = `${import.meta.dirname}/keeper.ts`;
const readyWithinMs = 10_000;

/** The links of a run, as the powers of a cluster need them. */
export interface Links {
  /** Where `link.from` dials `link.to`. */
  addressOf(link: Link): Address;
  /** Exactly these links cut, all others whole. */
  cut(links: readonly Link[]): Promise<void>;
  shape(links: readonly Link[], quality: LinkQuality): Promise<void>;
  unshape(): Promise<void>;
}

export class KeeperHandle implements Links {
  readonly #child: ChildProcess;
  readonly #host: string;
  readonly #ports = new Map<string, number>();
  readonly #open = new Map<number, { resolve(answer: KeeperAnswer): void; reject(error: Error): void }>();
  #lastId = 0;
  #gone: string | undefined;

  private constructor(child: ChildProcess, host: string) {
    this.#child = child;
    this.#host = host;
    child.on('exit', (exitCode: number | null, signalCode: NodeJS.Signals | null) => {
      this.#gone = endOf({ exitCode, signalCode });
      for (const { reject } of this.#open.values()) reject(new Error(`the keeper of the run has ended: ${this.#gone}`));
      this.#open.clear();
    });
  }

  /** @throws EnvironmentError when the keeper does not come up. */
  static async start(begin: KeeperBegin, logPath: string): Promise<KeeperHandle> {
    const child = startTalking([script, JSON.stringify(begin)], logPath);
    const handle = new KeeperHandle(child, begin.host);
    const ready = await new Promise<KeeperReady>((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new EnvironmentError(`the keeper of the run did not start: ${why}; see ${logPath}`));
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`silent for ${readyWithinMs} ms`);
      }, readyWithinMs);
      child.once('message', (message: unknown) => {
        clearTimeout(timer);
        resolve(message as KeeperReady);
      });
      child.once('exit', (exitCode: number | null, signalCode: NodeJS.Signals | null) => {
        clearTimeout(timer);
        fail(endOf({ exitCode, signalCode }));
      });
    });
    for (const { from, to, port } of ready.ready) handle.#ports.set(`${from}>${to}`, port);
    child.on('message', (message: unknown) => handle.#answered(message as KeeperAnswer));
    return handle;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How it ended, undefined while it lives. */
  get gone(): string | undefined {
    return this.#gone;
  }

  addressOf({ from, to }: Link): Address {
    const port = this.#ports.get(`${from}>${to}`);
    if (port === undefined) throw new Error(`there is no link ${from}>${to}`);
    return { host: this.#host, port };
  }

  async cut(links: readonly Link[]): Promise<void> {
    await this.#ask({ do: 'cut', links });
  }

  async shape(links: readonly Link[], quality: LinkQuality): Promise<void> {
    await this.#ask({ do: 'shape', links, quality });
  }

  async unshape(): Promise<void> {
    await this.#ask({ do: 'unshape' });
  }

  async aim(node: NodeName, target: Address | undefined): Promise<void> {
    await this.#ask({ do: 'aim', node, target: target ?? null });
  }

  async guard(name: string, pid: number): Promise<void> {
    await this.#ask({ do: 'guard', name, pid });
  }

  async release(pid: number): Promise<void> {
    await this.#ask({ do: 'release', pid });
  }

  async count(): Promise<readonly LinkCount[]> {
    const answer = await this.#ask({ do: 'count' });
    return answer.counts ?? [];
  }

  /** Resolves when the keeper has ended; one that has ended already has done its work. */
  async dismiss(): Promise<void> {
    if (this.#gone !== undefined) return;
    await this.#ask({ do: 'dismiss' }).catch(() => undefined);
    await ended(this.#child);
  }

  async #ask(request: KeeperRequest): Promise<Extract<KeeperAnswer, { ok: true }>> {
    if (this.#gone !== undefined) throw new Error(`the keeper of the run has ended: ${this.#gone}`);
    const id = ++this.#lastId;
    const answer = await new Promise<KeeperAnswer>((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#child.send({ id, request }, (error) => {
        if (error !== null && this.#open.delete(id)) reject(error);
      });
    });
    if (!answer.ok) throw new Error(`keeper: ${answer.error}`);
    return answer;
  }

  #answered(answer: KeeperAnswer): void {
    this.#open.get(answer.id)?.resolve(answer);
    this.#open.delete(answer.id);
  }
}
