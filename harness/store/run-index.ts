import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { withFileLock } from './file-lock.ts';
import { files, indexFile, readRunRecord, readVerdictRecord } from './layout.ts';
import type { OutcomeCounts, RunRecord, VerdictKind, VerdictRecord } from './run-record.ts';

/** One run as the index knows it. */
export interface IndexedRun {
  /** Absolute path. */
  readonly directory: string;
  readonly system: string;
  readonly workload: string;
  readonly nemesis: string;
  readonly environment: string;
  readonly seed: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly bugs: readonly string[];
  readonly operations: OutcomeCounts;
  readonly opsPerSecond: number;
  /** `interrupted`: the run has no verdict (yet). */
  readonly verdict: VerdictKind | 'interrupted';
  readonly why: string;
}

export interface RunFilter {
  readonly system?: string;
  readonly workload?: string;
  readonly nemesis?: string;
  readonly environment?: string;
  readonly verdict?: IndexedRun['verdict'];
  readonly seed?: number;
  /** ISO 8601: runs that began at this time or later. */
  readonly since?: string;
  readonly limit?: number;
}

/**
 * The index of runs, `store/index.sqlite`. It is a cache: the run directories are the truth, and an index that is
 * missing, damaged or of another version is made anew from them. Several processes may use it at once (write-ahead log,
 * and a writer waits for the other up to `busyTimeoutMs`).
 */
export interface RunIndex extends Disposable {
  /** Inserts the run, or replaces what the index knew of it. */
  record(directory: string, run: RunRecord, verdict?: VerdictRecord): void;
  /** Newest first. */
  list(filter?: RunFilter): IndexedRun[];
  /** Takes in directories that appeared without the index, and forgets those that are gone. Resolves to the count. */
  refresh(): Promise<number>;
  close(): void;
}

const schemaVersion = 1;
const busyTimeoutMs = 10_000;

const schema = `
  CREATE TABLE IF NOT EXISTS runs (
    directory TEXT PRIMARY KEY, system TEXT NOT NULL, workload TEXT NOT NULL, nemesis TEXT NOT NULL,
    environment TEXT NOT NULL, seed REAL NOT NULL, started_at TEXT NOT NULL, bugs TEXT NOT NULL,
    ok INTEGER NOT NULL, failed INTEGER NOT NULL, unknown INTEGER NOT NULL, ops_per_second REAL NOT NULL,
    verdict TEXT NOT NULL, why TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS runs_by_time ON runs (started_at);
  PRAGMA user_version = ${schemaVersion};
`;

export async function openRunIndex(store: string): Promise<RunIndex> {
  const root = resolve(store);
  await mkdir(root, { recursive: true });
  const sound = openSound(root);
  if (sound !== undefined) return runIndex(root, sound);
  return withFileLock(`${indexFile(root)}.lock`, async () => {
    const repaired = openSound(root); // by another process, while this one waited for the lock
    return runIndex(root, repaired ?? (await rebuild(root)));
  });
}

/** The database if it is there, whole, and of this version. */
function openSound(root: string): DatabaseSync | undefined {
  if (!existsSync(indexFile(root))) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = connect(root);
    const version = database.prepare('PRAGMA user_version').get();
    const check = database.prepare('PRAGMA quick_check(1)').get();
    if (version?.user_version === schemaVersion && check?.quick_check === 'ok') return database;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  database?.close();
  return undefined;
}

const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code !== undefined && [sqliteCorrupt, sqliteNotADatabase].includes(code & 0xff);
}

/** Fills a file of its own from the directories and renames it into place, so that no process sees half of it. */
async function rebuild(root: string): Promise<DatabaseSync> {
  const path = indexFile(root);
  for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true });
  const fresh = `${path}.${process.pid}.tmp`;
  await rm(fresh, { force: true });
  const database = new DatabaseSync(fresh);
  try {
    database.exec(schema);
    await runIndex(root, database).refresh();
  } finally {
    database.close();
  }
  await rename(fresh, path);
  return connect(root);
}

function connect(root: string): DatabaseSync {
  const database = new DatabaseSync(indexFile(root), { timeout: busyTimeoutMs });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function runIndex(root: string, database: DatabaseSync): RunIndex {
  const insert = database.prepare(
    `INSERT OR REPLACE INTO runs (directory, system, workload, nemesis, environment, seed, started_at, bugs,
       ok, failed, unknown, ops_per_second, verdict, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const forget = database.prepare('DELETE FROM runs WHERE directory = ?');

  function record(directory: string, run: RunRecord, verdict?: VerdictRecord): void {
    const { ok, failed, unknown } = totalOf(run);
    insert.run(
      relative(root, resolve(directory)), // relative, so that a store can be moved
      run.system,
      run.workload,
      run.nemesis,
      run.environment,
      run.seed,
      run.startedAt,
      JSON.stringify(run.bugs),
      ok,
      failed,
      unknown,
      run.opsPerSecond,
      verdict?.verdict ?? 'interrupted',
      verdict?.why ?? '',
    );
  }

  function list(filter: RunFilter = {}): IndexedRun[] {
    const { where, values } = conditions(filter);
    const rows = database
      .prepare(`SELECT * FROM runs ${where} ORDER BY started_at DESC, directory DESC`)
      .all(...values);
    const runs: IndexedRun[] = [];
    for (const row of rows) {
      if (runs.length === filter.limit) break;
      const run = runOf(root, row);
      if (existsSync(run.directory)) runs.push(run);
    }
    return runs;
  }

  async function refresh(): Promise<number> {
    const found = await runDirectories(root);
    const known = new Map(list().map((run) => [run.directory, run]));
    for (const directory of found) {
      if (known.get(directory) !== undefined && known.get(directory)?.verdict !== 'interrupted') continue;
      const run = await readRunRecord(directory);
      const verdict = await readVerdictRecord(directory);
      if (run.ok) record(directory, run.record, verdict.ok ? verdict.record : undefined);
    }
    for (const row of database.prepare('SELECT directory FROM runs').all()) {
      // Not "was found above": another process may have made and recorded a run since.
      if (!existsSync(join(root, String(row.directory)))) forget.run(String(row.directory));
    }
    return Number(database.prepare('SELECT count(*) AS runs FROM runs').get()?.runs);
  }

  const close = (): void => {
    if (database.isOpen) database.close();
  };
  return { record, list, refresh, close, [Symbol.dispose]: close };
}

function conditions(filter: RunFilter): { where: string; values: SQLInputValue[] } {
  const terms: string[] = [];
  const values: SQLInputValue[] = [];
  for (const column of ['system', 'workload', 'nemesis', 'environment', 'verdict', 'seed'] as const) {
    const wanted = filter[column];
    if (wanted === undefined) continue;
    terms.push(`${column} = ?`);
    values.push(wanted);
  }
  if (filter.since !== undefined) {
    terms.push('started_at >= ?');
    values.push(filter.since);
  }
  return { where: terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`, values };
}

function runOf(root: string, row: Record<string, unknown>): IndexedRun {
  return {
    directory: join(root, String(row.directory)),
    system: String(row.system),
    workload: String(row.workload),
    nemesis: String(row.nemesis),
    environment: String(row.environment),
    seed: Number(row.seed),
    startedAt: String(row.started_at),
    bugs: JSON.parse(String(row.bugs)) as string[],
    operations: { ok: Number(row.ok), failed: Number(row.failed), unknown: Number(row.unknown) },
    opsPerSecond: Number(row.ops_per_second),
    verdict: row.verdict as IndexedRun['verdict'],
    why: String(row.why),
  };
}

/** All operations of the run, over every phase and kind. */
export function totalOf(run: RunRecord): OutcomeCounts {
  const total = { ok: 0, failed: 0, unknown: 0 };
  for (const counts of Object.values(run.operations).flatMap((kinds) => Object.values(kinds))) {
    total.ok += counts.ok;
    total.failed += counts.failed;
    total.unknown += counts.unknown;
  }
  return total;
}

/** Directories two levels down that hold a `run.json`; `latest` is a link and therefore not followed. */
async function runDirectories(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const group of await subdirectories(root)) {
    for (const directory of await subdirectories(group)) {
      if (existsSync(join(directory, files.run))) found.push(directory);
    }
  }
  return found;
}

async function subdirectories(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}
