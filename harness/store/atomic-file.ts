import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

let written = 0;

/**
 * Writes a file so that a reader, and a crash at any moment, sees the old contents or the new, never a part: a temporary
 * file beside it is synced and renamed over it. Two writers at once are safe; the last rename stays.
 */
export async function writeFileAtomic(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(contents);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A name in the same folder that no other process or call uses. */
export function temporaryBeside(path: string): string {
  written++;
  return join(dirname(path), `.${basename(path)}.${process.pid}.${written}.tmp`);
}
