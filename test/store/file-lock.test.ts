import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withFileLock } from '../../harness/store/file-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('one holder at a time, and the lock is gone afterwards, also after an error', async () => {
  const lock = join(folder, 'lock');
  let inside = 0;
  const work = async (): Promise<void> => {
    inside++;
    expect(inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  await Promise.all([withFileLock(lock, work), withFileLock(lock, work), withFileLock(lock, work)]);
  await expect(
    withFileLock(lock, () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  expect(await readdir(folder)).toEqual([]);
});

test('a lock of a process that is gone is taken over', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  await writeFile(join(folder, 'lock'), String(dead));
  expect(await withFileLock(join(folder, 'lock'), () => 'done')).toBe('done');
});

test('a lock without an owner is taken over once it is old', async () => {
  const lock = join(folder, 'lock');
  await writeFile(lock, '');
  await utimes(lock, 0, 0);
  expect(await withFileLock(lock, () => 'done')).toBe('done');
});
