/**
 * The register of runs under way: one small file per run that names the run's processes and its data directory, so that
 * `faultline clean` can end what a killed harness left behind, and nothing else. The keeper writes it.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { end, identify, type ProcessIdentity } from './process-table.ts';

const identity = z.object({ pid: z.int().positive(), started: z.string() });
const schema = z.object({
  cluster: z.string(),
  harness: identity,
  keeper: identity,
  processes: z.array(identity.extend({ name: z.string() })),
  dataDirectory: z.string().nullable(),
});

export type LiveRun = z.infer<typeof schema>;

export type LiveFile =
  | { readonly kind: 'run'; readonly path: string; readonly run: LiveRun }
  | { readonly kind: 'unreadable'; readonly path: string; readonly why: string };

const suffix = '.json';
/** Put into every data directory that is ours: nothing without it is ever removed. */
export const markerFile = 'faultline-data.json';

export const livePath = (liveDirectory: string, cluster: string): string => join(liveDirectory, `${cluster}${suffix}`);

/** Replaced as a whole, so that a reader sees the old register or the new one. */
export function writeLive(path: string, run: LiveRun): void {
  const fresh = `${path}.${process.pid}.tmp`;
  writeFileSync(fresh, `${JSON.stringify(run)}\n`);
  renameSync(fresh, path);
}

export function readLive(liveDirectory: string): LiveFile[] {
  return namesIn(liveDirectory)
    .filter((name) => name.endsWith(suffix))
    .map((name) => readOne(join(liveDirectory, name)));
}

/** Marks a data directory as this run's. */
export function markData(dataDirectory: string, cluster: string): void {
  mkdirSync(dataDirectory, { recursive: true });
  writeFileSync(join(dataDirectory, markerFile), `${JSON.stringify({ cluster })}\n`);
}

/** Removes a data directory if it bears this run's mark; false when there was none to remove. */
export function removeData(dataDirectory: string, cluster: string): boolean {
  try {
    const mark = JSON.parse(readFileSync(join(dataDirectory, markerFile), 'utf8')) as { cluster?: unknown };
    if (mark.cluster !== cluster) return false;
  } catch {
    return false;
  }
  rmSync(dataDirectory, { recursive: true, force: true });
  return true;
}

export interface Ended {
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  readonly dataDirectory: string | undefined;
}

/** Ends the processes of a run whose harness is dead, this process excepted, and removes its data and its register. */
export function endRun(path: string, run: LiveRun): Ended {
  const others = [...run.processes, { ...run.keeper, name: 'keeper' }].filter(({ pid }) => pid !== process.pid);
  const processes = others.filter((entry) => end(entry)).map(({ name, pid }) => ({ name, pid }));
  const removed = run.dataDirectory !== null && removeData(run.dataDirectory, run.cluster);
  rmSync(path, { force: true });
  return { processes, dataDirectory: removed ? (run.dataDirectory ?? undefined) : undefined };
}

/** @throws when there is no such process: whoever asks has just started it. */
export function identityOf(pid: number): ProcessIdentity {
  const found = identify(pid);
  if (found === undefined) throw new Error(`process ${pid} is gone`);
  return found;
}

function readOne(path: string): LiveFile {
  try {
    return { kind: 'run', path, run: schema.parse(JSON.parse(readFileSync(path, 'utf8'))) };
  } catch (error) {
    return { kind: 'unreadable', path, why: error instanceof Error ? error.message : String(error) };
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
