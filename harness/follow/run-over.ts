import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { files, readRunRecord } from '../store/layout.ts';

/** Whether nothing more will be written to the history in this directory: the run has its verdict, or has stopped. */
export async function runIsOver(directory: string): Promise<boolean> {
  if (existsSync(join(directory, files.verdict))) return true;
  const run = await readRunRecord(directory);
  const last = run.ok ? run.record.phases.at(-1) : undefined;
  return last?.name === 'stop' && last.endNs !== undefined;
}
