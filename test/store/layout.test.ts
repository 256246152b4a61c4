import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomic } from '../../harness/store/atomic-file.ts';
import {
  createRunDirectory,
  fileName,
  files,
  markLatest,
  readRunRecord,
  readVerdictRecord,
  writeRunRecord,
  writeVerdictRecord,
} from '../../harness/store/layout.ts';
import { sampleRun, sampleVerdict } from './sample-run.ts';

let store: string;
beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), 'faultline-store-'));
});
afterEach(() => rm(store, { recursive: true, force: true }));

const name = {
  system: 'raft-kv',
  workload: 'register',
  nemesis: 'partition,kill',
  seed: 42,
  startedAt: new Date('2026-11-20T09:36:30.123Z'),
};

describe('the directory of a run', () => {
  test('says system, workload, nemesis, time and seed', async () => {
    const directory = await createRunDirectory(store, name);
    expect(relative(store, directory)).toBe('raft-kv-register-partition,kill/20261120T093630.123Z-42');
  });

  test('is another one for each of many runs with one seed in one millisecond', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => createRunDirectory(store, name)));
    expect(new Set(made).size).toBe(20);
  });

  test('never leaves the store, whatever the system is called', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('../../etc')), (any) => {
        const clean = fileName(any);
        expect(clean).toMatch(/^[A-Za-z0-9_+,=][A-Za-z0-9._+,=-]*$/);
        expect(clean.length).toBeLessThanOrEqual(60);
      }),
      { seed: 1 },
    );
  });

  test('keeps long names apart', () => {
    const long = 'partition,'.repeat(30);
    expect(fileName(`${long}a`)).not.toBe(fileName(`${long}b`));
  });
});

describe('latest', () => {
  test('points at the newest run, in the group and in the store', async () => {
    const first = await createRunDirectory(store, name);
    await markLatest(store, first);
    const second = await createRunDirectory(store, { ...name, seed: 43 });
    await markLatest(store, second);
    const group = join(store, 'raft-kv-register-partition,kill');
    expect(await readlink(join(group, 'latest'))).toBe(basename(second));
    expect(join(store, await readlink(join(store, 'latest')))).toBe(second);
    expect((await readdir(store)).filter((entry) => entry.endsWith('.tmp'))).toEqual([]);
  });

  test('leaves a real directory of that name alone, and the run goes on', async () => {
    await mkdir(join(store, 'latest', 'mine'), { recursive: true });
    await markLatest(store, await createRunDirectory(store, name));
    expect(await readdir(join(store, 'latest'))).toEqual(['mine']);
    expect((await readdir(store)).filter((entry) => entry.endsWith('.tmp'))).toEqual([]);
  });
});

describe('records', () => {
  test('come back as they were written', async () => {
    const run = sampleRun({
      loopLag: { p50Ms: 1, p99Ms: 4, maxMs: 30 },
      clocks: [{ atNs: 5, node: 'n1', wallOffsetMs: -3, uncertaintyMs: 0.5 }],
      schedule: [{ atNs: 7, fault: 'partition', action: 'inject', target: [['n1'], ['n2', 'n3']] }],
    });
    const verdict = sampleVerdict({ verdict: 'undecided', why: 'no fault took hold' });
    await writeRunRecord(store, run);
    await writeVerdictRecord(store, verdict);
    expect(await readRunRecord(store)).toEqual({ ok: true, record: run });
    expect(await readVerdictRecord(store)).toEqual({ ok: true, record: verdict });
  });

  test('tell a missing file from a wrong one', async () => {
    expect(await readVerdictRecord(store)).toMatchObject({ ok: false, missing: true });
    await writeFile(join(store, files.verdict), '{"version":1,"verdict":"fine"}');
    const wrong = await readVerdictRecord(store);
    expect(wrong).toMatchObject({ ok: false, missing: false });
    expect(wrong.ok ? '' : wrong.problem).toContain('verdict');
    await writeFile(join(store, files.run), '{"version":1,');
    expect(await readRunRecord(store)).toMatchObject({ ok: false, missing: false });
  });

  test('an atomic write replaces the whole file and leaves nothing beside it', async () => {
    const path = join(store, 'a.json');
    await writeFileAtomic(path, 'a longer first version');
    await Promise.all([writeFileAtomic(path, 'second'), writeFileAtomic(path, 'second')]);
    expect(await readFile(path, 'utf8')).toBe('second');
    expect(await readdir(store)).toEqual(['a.json']);
    await expect(writeFileAtomic(join(store, 'absent', 'a.json'), '')).rejects.toThrow('ENOENT');
  });
});
