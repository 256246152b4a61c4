import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const pollMs = 100;
/** A lock whose owner was killed between creating the file and writing its pid is taken over after this long. */
const unreadableLimitMs = 5_000;

/**
 * Runs `work` while no other process on this machine runs it under the same lock file. A lock left by a process that is
 * gone is taken over. Two waiters may, in a window of microseconds, both take over the same dead lock; so what is done
 * under it must stay correct when done twice at once (a rename into place, a transaction), and only saves work.
 */
export async function withFileLock<T>(lockFile: string, work: () => Promise<T> | T): Promise<T> {
  while (!take(lockFile)) {
    if (isAbandoned(lockFile)) rmSync(lockFile, { force: true });
    else await wait(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function take(lockFile: string): boolean {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(lockFile: string): boolean {
  try {
    const owner = Number.parseInt(readFileSync(lockFile, 'utf8'), 10);
    if (Number.isNaN(owner)) return Date.now() - statSync(lockFile).mtimeMs > unreadableLimitMs;
    return !isAlive(owner);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // released meanwhile
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, and another user's
  }
}
