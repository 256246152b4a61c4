import type { Argv } from 'yargs';

/** The options of `check --follow`, apart from what it loads: most checks do not follow. */
export const followOptions = (argv: Argv): Argv =>
  argv
    .option('follow', {
      type: 'boolean',
      describe: 'judge the file while it is being written, until a violation, the end of the run, or Ctrl-C',
    })
    .option('idle', { type: 'string', describe: 'with --follow: end when nothing was written for so long, as in 10s' });
