import { relative } from 'node:path';
import { styleText } from 'node:util';
import { exitCodes } from '../exit-codes.ts';
import { openRunIndex } from '../store/run-index.ts';
import { type Command, flag, text } from './command.ts';
import { number, storeOption } from './run-options.ts';

/** `faultline runs`: what is in the store, newest first. */
export const runs: Command = {
  usage: 'runs',
  summary: 'list the runs in the store, newest first',
  options: (argv) =>
    storeOption(argv)
      .option('system', { type: 'string', describe: 'only runs of this system' })
      .option('workload', { type: 'string', describe: 'only runs of this workload' })
      .option('nemesis', { type: 'string', describe: 'only runs with this nemesis' })
      .option('verdict', {
        choices: ['pass', 'violation', 'undecided', 'interrupted'] as const,
        describe: 'only runs that ended so',
      })
      .option('limit', { type: 'number', default: 30, describe: 'how many at most' })
      .option('json', { type: 'boolean', describe: 'print JSON' }),
  async run(args) {
    using index = await openRunIndex(text(args, 'store')!);
    await index.refresh();
    const filters = ['system', 'workload', 'nemesis', 'verdict'].flatMap((name) => {
      const value = text(args, name);
      return value === undefined ? [] : [[name, value]];
    });
    const found = index.list({ ...Object.fromEntries(filters), limit: number(args, 'limit') });
    if (flag(args, 'json')) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    else {
      for (const run of found) {
        const style = run.verdict === 'pass' ? 'green' : run.verdict === 'violation' ? 'red' : 'yellow';
        const verdict = styleText(style, run.verdict.padEnd(11), { stream: process.stdout });
        const bugs = run.bugs.length === 0 ? '' : ` with ${run.bugs.join(', ')}`;
        process.stdout.write(
          `${verdict} ${run.startedAt.slice(0, 19)}  ${run.system} ${run.workload} ${run.nemesis}${bugs}  seed ${run.seed}  ${relative('.', run.directory)}\n`,
        );
      }
      if (found.length === 0) process.stdout.write('no runs\n');
    }
    return exitCodes.pass;
  },
};
