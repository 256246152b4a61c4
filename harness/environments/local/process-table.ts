/**
 * What the operating system says of a process, and how a process is told from a later one with the same number. Linux
 * is asked through /proc, other systems through `ps`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessState } from '../../../nemesis/cluster.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in the system's own notation: no other process with this number has the same. */
  readonly started: string;
}

interface Entry {
  readonly letter: string;
  readonly started: string;
}

/** `gone` also for a process that has ended but whose parent has not yet taken notice (a zombie). */
export function processState(pid: number): ProcessState {
  const entry = entryOf(pid);
  if (entry === undefined || 'ZX'.includes(entry.letter)) return 'gone';
  return 'Tt'.includes(entry.letter) ? 'stopped' : 'running';
}

/** Undefined when there is no such process. */
export function identify(pid: number): ProcessIdentity | undefined {
  const entry = entryOf(pid);
  return entry === undefined || 'ZX'.includes(entry.letter) ? undefined : { pid, started: entry.started };
}

export const isAlive = (identity: ProcessIdentity): boolean => identify(identity.pid)?.started === identity.started;

/** Ends exactly this process (SIGKILL reaches stopped ones too); false when it was gone already. */
export function end(identity: ProcessIdentity): boolean {
  if (!isAlive(identity)) return false;
  return signal(identity.pid, 'SIGKILL');
}

/** False when there is no such process. */
export function signal(pid: number, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

const entryOf = (pid: number): Entry | undefined => (process.platform === 'linux' ? fromProc(pid) : fromPs(pid));

/** proc(5): the command is in parentheses and may contain anything; fields 3 (state) and 22 (start, in ticks) follow. */
function fromProc(pid: number): Entry | undefined {
  const text = read(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const letter = fields?.[0];
  const ticks = fields?.[19];
  if (letter === undefined || ticks === undefined) return undefined;
  return { letter, started: `${bootOf()}+${ticks}` };
}

let boot: string | undefined;
/** Ticks count from the boot, so that a start is told apart from one before it only together with the boot. */
function bootOf(): string {
  boot ??= read('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown boot';
  return boot;
}

function fromPs(pid: number): Entry | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    const [stat = '', ...started] = line.split(/\s+/);
    return stat === '' ? undefined : { letter: stat.charAt(0), started: started.join(' ') };
  } catch {
    return undefined; // `ps` ends with 1 when there is no such process
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
