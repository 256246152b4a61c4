import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { temporaryBeside, writeFileAtomic } from './atomic-file.ts';
import {
  parseRunRecord,
  parseVerdictRecord,
  type Read,
  type RunRecord,
  serialise,
  type VerdictRecord,
} from './run-record.ts';

/**
 * Where runs live:
 *
 * ```text
 * store/index.sqlite
 * store/latest -> raft-kv-register-partition/20261120T093630.123Z-42
 * store/raft-kv-register-partition/latest -> 20261120T093630.123Z-42
 * store/raft-kv-register-partition/20261120T093630.123Z-42/{run.json, history.jsonl, verdict.json, report.html, n1.log, ...}
 * ```
 */
export const files = {
  run: 'run.json',
  history: 'history.jsonl',
  verdict: 'verdict.json',
  report: 'report.html',
  nodeLog: (node: string): string => `${fileName(node)}.log`,
} as const;

export const indexFile = (store: string): string => join(store, 'index.sqlite');
const latest = 'latest';

export interface RunName {
  readonly system: string;
  readonly workload: string;
  readonly nemesis: string;
  readonly seed: number;
  readonly startedAt: Date;
}

/**
 * Makes the directory of a new run and returns its absolute path. `mkdir` decides who owns a name, so that two runs with
 * one seed that start in the same millisecond, in one process or in two, get two directories.
 */
export async function createRunDirectory(store: string, run: RunName): Promise<string> {
  const group = join(resolve(store), groupName(run));
  await mkdir(group, { recursive: true });
  const name = `${compactTime(run.startedAt)}-${run.seed}`;
  for (let attempt = 1; ; attempt++) {
    const directory = join(group, attempt === 1 ? name : `${name}-${attempt}`);
    try {
      await mkdir(directory);
      return directory;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Points `store/latest` and the group's `latest` at the run. */
export async function markLatest(store: string, runDirectory: string): Promise<void> {
  const group = dirname(runDirectory);
  await replaceLink(join(group, latest), basename(runDirectory));
  await replaceLink(join(resolve(store), latest), relative(resolve(store), runDirectory));
}

export const writeRunRecord = (directory: string, record: RunRecord): Promise<void> =>
  writeFileAtomic(join(directory, files.run), serialise(record));
export const writeVerdictRecord = (directory: string, record: VerdictRecord): Promise<void> =>
  writeFileAtomic(join(directory, files.verdict), serialise(record));
export const readRunRecord = (directory: string): Promise<Read<RunRecord>> =>
  read(join(directory, files.run), parseRunRecord);
export const readVerdictRecord = (directory: string): Promise<Read<VerdictRecord>> =>
  read(join(directory, files.verdict), parseVerdictRecord);

async function read<T>(path: string, parse: (text: string) => Read<T>): Promise<Read<T>> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, missing: code === 'ENOENT' || code === 'ENOTDIR', problem: message };
  }
}

const groupName = (run: RunName): string => [run.system, run.workload, run.nemesis].map(fileName).join('-');

/** `20261120T093630.123Z`: sorts by time, and holds no character that a file system or a shell minds. */
const compactTime = (time: Date): string => time.toISOString().replaceAll(/[-:]/g, '');

const nameLengthMax = 60;

/**
 * A name that every file system takes and that cannot leave its folder. A name cut for its length keeps a digest of the
 * whole, so that two long ones stay apart.
 */
export function fileName(name: string): string {
  const clean = name.replaceAll(/[^A-Za-z0-9._+,=]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  if (clean === '') return 'unnamed';
  if (clean.length <= nameLengthMax) return clean;
  return `${clean.slice(0, nameLengthMax - 9)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/**
 * The link is a convenience: a file system without symbolic links, or a directory of the user's by that name, must not
 * fail the run, hence no error leaves here.
 */
async function replaceLink(link: string, target: string): Promise<void> {
  const temporary = temporaryBeside(link);
  try {
    await symlink(target, temporary, 'dir');
    await rename(temporary, link);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
