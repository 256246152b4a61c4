/** How every process of a run is started: this very Node, its own process group, and the compile cache. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { signal } from './process-table.ts';

/**
 * A child in its own process group, so that a Ctrl-C at the terminal reaches the harness alone, which then stops the
 * run in order. What ends a child when the harness is gone is the keeper, the end of its standard input, or the end of
 * its IPC channel.
 */
const common = { detached: true, cleanup: false, reject: false, buffer: false } as const;

const politeMs = 300;

/** Parsing the sources again in each of a run's processes would cost more than all else they do at their start. */
const cacheDirectory = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'faultline', 'compile');
const env = { NODE_COMPILE_CACHE: cacheDirectory, NODE_OPTIONS: '' };

/** A node: it announces itself on standard output, logs to `logPath` (appended), and ends when its input ends. */
export const startNode = (args: readonly string[], logPath: string): ChildProcess =>
  withLog(logPath, (log) =>
    execa(process.execPath, args, { ...common, env, stdin: 'pipe', stdout: 'pipe', stderr: log }),
  ).nodeChildProcess;

/** A helper or a client: talks over an IPC channel and ends when that closes. */
export const startTalking = (args: readonly string[], logPath: string): ChildProcess =>
  withLog(logPath, (log) =>
    execa(process.execPath, args, { ...common, env, ipc: true, stdin: 'ignore', stdout: log, stderr: log }),
  ).nodeChildProcess;

/** "exit code 1", "SIGSEGV". */
export const endOf = ({ exitCode, signalCode }: Pick<ChildProcess, 'exitCode' | 'signalCode'>): string =>
  signalCode ?? `exit code ${exitCode}`;

/** Resolves when the process has ended and this process has taken notice of it; at once when it never began. */
export const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (hasEnded(child) || child.pid === undefined) resolve();
    else child.once('exit', () => resolve());
  });

/**
 * Ends a process whose work is done: lets it go by itself (`farewell` closes what it lives by), and kills it if it does
 * not within a moment. A process that is killed at once never writes its part of the compile cache.
 */
export async function dismiss(child: ChildProcess, farewell: () => void): Promise<void> {
  if (hasEnded(child)) return;
  farewell();
  const timer = setTimeout(() => {
    if (!hasEnded(child) && child.pid !== undefined) signal(child.pid, 'SIGKILL');
  }, politeMs);
  await ended(child);
  clearTimeout(timer);
}

export const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/**
 * The child gets its own copy of the open file, so that its log reaches the disk whatever becomes of the harness.
 * execa's types admit the descriptors 3 to 9 alone; it takes any.
 */
function withLog<Child>(path: string, start: (log: 3) => Child): Child {
  const log = openSync(path, 'a');
  try {
    return start(log as 3);
  } finally {
    closeSync(log);
  }
}
