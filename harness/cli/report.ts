import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../failures.ts';
import { writeReport } from '../report/write-report.ts';
import { files } from '../store/layout.ts';
import { type Command, flag, text } from './command.ts';
import { storeOption } from './run-options.ts';

/** `faultline report RUN`: makes the page of a run again from its files. */
export const report: Command = {
  usage: 'report <run>',
  summary: 'write the report of a run again from its files',
  options: (argv) =>
    storeOption(argv)
      .positional('run', { type: 'string', describe: "the run's directory, or 'latest'" })
      .option('open', { type: 'boolean', describe: 'open it in the browser' }),
  async run(args) {
    const directory = runDirectory(text(args, 'run')!, text(args, 'store')!);
    const path = await writeReport(directory);
    process.stdout.write(`${path}\n`);
    if (flag(args, 'open')) await open(path);
    return exitCodes.pass;
  },
};

/** A run by its path, or by its path inside the store. */
export function runDirectory(given: string, store: string): string {
  const found = [resolve(given), resolve(store, given)].find((path) => existsSync(join(path, files.history)));
  if (found !== undefined) return found;
  throw new UsageError(
    `no run at '${given}': give the directory that holds its ${files.history} (faultline runs lists them)`,
  );
}

async function open(path: string): Promise<void> {
  const opener = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  const result = await execa(opener, [path], { reject: false });
  if (result.failed) process.stderr.write(`could not open a browser (${opener}); open the file by hand\n`);
}
