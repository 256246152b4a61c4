import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRunDirectory, indexFile, writeRunRecord, writeVerdictRecord } from '../../harness/store/layout.ts';
import { openRunIndex } from '../../harness/store/run-index.ts';
import type { RunRecord, VerdictRecord } from '../../harness/store/run-record.ts';
import { sampleRun, sampleVerdict } from './sample-run.ts';

let store: string;
beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), 'faultline-store-'));
});
afterEach(() => rm(store, { recursive: true, force: true }));

async function storedRun(changes: Partial<RunRecord>, verdict?: VerdictRecord): Promise<[string, RunRecord]> {
  const run = sampleRun(changes);
  const directory = await createRunDirectory(store, { ...run, startedAt: new Date(run.startedAt) });
  await writeRunRecord(directory, run);
  if (verdict !== undefined) await writeVerdictRecord(directory, verdict);
  return [directory, run];
}

describe('the index of runs', () => {
  test('lists what was recorded, newest first, through filters', async () => {
    const [older, olderRun] = await storedRun({ seed: 1, startedAt: '2026-01-01T00:00:00.000Z' });
    const [newer, newerRun] = await storedRun({ seed: 2, workload: 'lock', bugs: ['stale-read'] });
    using index = await openRunIndex(store);
    index.record(older, olderRun, sampleVerdict());
    index.record(newer, newerRun, sampleVerdict({ verdict: 'violation', why: 'two holders' }));
    expect(index.list().map((run) => run.seed)).toEqual([2, 1]);
    expect(index.list({ verdict: 'violation' })).toEqual([
      {
        directory: newer,
        system: 'raft-kv',
        workload: 'lock',
        nemesis: 'partition',
        environment: 'local',
        seed: 2,
        startedAt: '2026-11-20T09:36:30.123Z',
        bugs: ['stale-read'],
        operations: { ok: 15, failed: 2, unknown: 4 },
        opsPerSecond: 480.5,
        verdict: 'violation',
        why: 'two holders',
      },
    ]);
    expect(index.list({ since: '2026-06-01T00:00:00.000Z' })).toHaveLength(1);
    expect(index.list({ workload: 'register', seed: 2 })).toHaveLength(0);
    expect(index.list({ limit: 1 })).toHaveLength(1);
  });

  test('recording a run again replaces what was known of it', async () => {
    const [directory, run] = await storedRun({});
    using index = await openRunIndex(store);
    index.record(directory, run);
    expect(index.list().map(({ verdict }) => verdict)).toEqual(['interrupted']);
    index.record(directory, run, sampleVerdict());
    expect(index.list().map(({ verdict }) => verdict)).toEqual(['pass']);
  });

  test('is rebuilt from the directories when it is missing', async () => {
    const [directory] = await storedRun({}, sampleVerdict({ verdict: 'violation', why: 'stale read' }));
    await storedRun({ seed: 7 });
    using index = await openRunIndex(store);
    expect(index.list().map(({ seed, verdict }) => [seed, verdict])).toEqual([
      [7, 'interrupted'],
      [42, 'violation'],
    ]);
    expect(index.list({ seed: 42 })[0]?.directory).toBe(directory);
  });

  test.each([
    ['is no database at all', () => writeFile(indexFile(store), 'this is not a database, '.repeat(500))],
    ['lost its end', () => truncate(indexFile(store), 6000)],
    ['is empty', () => truncate(indexFile(store), 0)],
  ])('is rebuilt when the file %s', async (_, damage) => {
    await storedRun({}, sampleVerdict());
    (await openRunIndex(store)).close();
    await damage();
    using index = await openRunIndex(store);
    expect(index.list().map(({ seed }) => seed)).toEqual([42]);
  });

  test('refresh takes in new directories, new verdicts, and forgets what is gone', async () => {
    const [kept] = await storedRun({ seed: 1 });
    const [gone] = await storedRun({ seed: 2 });
    using index = await openRunIndex(store);
    await rm(gone, { recursive: true });
    expect(index.list()).toHaveLength(1);
    await writeVerdictRecord(kept, sampleVerdict());
    await storedRun({ seed: 3 });
    expect(await index.refresh()).toBe(2);
    expect(new Map(index.list().map(({ seed, verdict }) => [seed, verdict]))).toEqual(
      new Map([
        [1, 'pass'],
        [3, 'interrupted'],
      ]),
    );
  });

  test('takes writes from several processes at once, whose runs share one name, and loses none', async () => {
    const writers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [join(import.meta.dirname, 'index-writer.ts'), store, '10'], {
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    );
    const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0, 0]);
    using index = await openRunIndex(store);
    expect(index.list()).toHaveLength(40);
    expect(await readdir(store)).not.toContain('index.sqlite.lock');
  });
});
