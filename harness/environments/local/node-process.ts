/**
 * One node: the process that runs now, if any, and how it is started, ended, stopped and let go on. Every power is
 * idempotent; starting and ending wait for each other, stopping and resuming do not.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { NodeName, ProcessState } from '../../../nemesis/cluster.ts';
import type { Announcement } from '../../../system-under-test/system.ts';
import type { Address } from '../../client/http-transport.ts';
import { dismiss, ended, endOf, hasEnded, startNode } from './child.ts';
import { processState, signal } from './process-table.ts';

/** A node needs a tenth of a second on a quiet machine. */
const announcedWithinMs = 15_000;
/** A signal takes effect within microseconds; a busy machine may take longer to show it. */
const signalSeenWithinMs = 2000;
const logTailBytes = 2000;

export interface NodeProcessOptions {
  readonly name: NodeName;
  readonly host: string;
  readonly logPath: string;
  /** Arguments for Node of the `incarnation`th start, counted from 0. */
  command(incarnation: number): readonly string[];
  /** Told at once of a new process, before it has announced itself. */
  born(pid: number): Promise<void>;
  /** Told where its peers reach it; undefined when it is gone. */
  moved(peerAddress: Address | undefined): Promise<void>;
  /** Told of the end of a process: `expected` when it was ended from here. */
  died(pid: number, how: string, expected: boolean): void;
}

export class NodeProcess {
  readonly name: NodeName;
  readonly #options: NodeProcessOptions;
  #child: ChildProcess | undefined;
  #incarnation = 0;
  #clientAddress: Address | undefined;
  /** The child that is being ended from here. */
  #condemned: ChildProcess | undefined;
  #halted = false;
  #lane: Promise<unknown> = Promise.resolve();

  constructor(options: NodeProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Where clients reach it; undefined unless it runs and has announced itself. */
  get clientAddress(): Address | undefined {
    return this.#clientAddress;
  }

  get state(): ProcessState {
    const child = this.#child;
    return child?.pid === undefined || hasEnded(child) ? 'gone' : processState(child.pid);
  }

  /** @throws with the last line of its log when it ends, or is silent for too long, instead of announcing itself. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#halted || this.state !== 'gone') return;
      const child = this.#spawn();
      try {
        if (child.pid !== undefined) await this.#options.born(child.pid);
        const { clientPort, peerPort } = await this.#announcement(child);
        const { host } = this.#options;
        await this.#options.moved({ host, port: peerPort });
        if (!hasEnded(child)) this.#clientAddress = { host, port: clientPort };
      } catch (error) {
        await this.#end(child);
        throw error;
      }
    });
  }

  kill(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#child !== undefined) await this.#end(this.#child);
    });
  }

  /** Ends it for good: whatever start is under way fails, and none begins any more. */
  async halt(): Promise<void> {
    this.#halted = true;
    const child = this.#child;
    if (child !== undefined) {
      this.#condemned = child;
      await dismiss(child, () => child.stdin?.end());
    }
    await this.kill();
  }

  async pause(): Promise<void> {
    await this.#signal('SIGSTOP', (state) => state !== 'running');
  }

  async resume(): Promise<void> {
    await this.#signal('SIGCONT', (state) => state !== 'stopped');
  }

  #spawn(): ChildProcess {
    const { command, logPath, died, moved } = this.#options;
    const child = startNode(command(this.#incarnation++), logPath);
    this.#child = child;
    child.stdin?.on('error', () => undefined); // the node may end before we do
    child.once('exit', () => {
      died(child.pid ?? 0, endOf(child), this.#condemned === child);
      if (this.#child !== child) return;
      this.#clientAddress = undefined;
      // Only a keeper that is gone cannot take this in, and then there is no link to aim.
      moved(undefined).catch(() => undefined);
    });
    return child;
  }

  async #end(child: ChildProcess): Promise<void> {
    this.#condemned = child;
    if (!hasEnded(child) && child.pid !== undefined) signal(child.pid, 'SIGKILL');
    await ended(child);
  }

  async #signal(name: 'SIGSTOP' | 'SIGCONT', seen: (state: ProcessState) => boolean): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || hasEnded(child)) return;
    signal(child.pid, name);
    for (let waitedMs = 0; !seen(processState(child.pid)); waitedMs += 5) {
      if (waitedMs > signalSeenWithinMs)
        throw new Error(`${this.name}: ${name} had no effect within ${signalSeenWithinMs} ms`);
      await wait(5);
    }
  }

  #announcement(child: ChildProcess): Promise<Announcement> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer);
        reject(new Error(`node ${this.name} did not start: ${why}; ${this.#logged()}`));
      };
      const timer = setTimeout(() => fail(`no announcement within ${announcedWithinMs} ms`), announcedWithinMs);
      child.once('exit', () => fail(`it ended with ${endOf(child)}`));
      child.once('error', (error) => fail(error.message));
      if (child.stdout === null) return fail('it has no standard output');
      const lines = createInterface({ input: child.stdout });
      lines.once('line', (line) => {
        clearTimeout(timer);
        const announcement = parse(line);
        if (announcement === undefined) fail(`its first line is no announcement: ${line.slice(0, 200)}`);
        else resolve(announcement);
      });
    });
  }

  #logged(): string {
    const { logPath } = this.#options;
    const lastLine = logTail(logPath).split('\n').at(-1) ?? '';
    return lastLine === '' ? `its log ${logPath} is empty` : `its log ${logPath} ends with: ${lastLine}`;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lane.then(work);
    this.#lane = done.catch(() => undefined);
    return done;
  }
}

/** The end of a log, whole lines; empty when there is none. */
export function logTail(path: string): string {
  try {
    const text = readFileSync(path, 'utf8').trimEnd();
    return text.length <= logTailBytes ? text : text.slice(text.indexOf('\n', text.length - logTailBytes) + 1);
  } catch {
    return '';
  }
}

function parse(line: string): Announcement | undefined {
  try {
    const value = JSON.parse(line) as Partial<Announcement> | null;
    const ports = [value?.clientPort, value?.peerPort];
    return value?.event === 'listening' && ports.every(Number.isInteger) ? (value as Announcement) : undefined;
  } catch {
    return undefined;
  }
}
