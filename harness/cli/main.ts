import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { exitCodes } from '../exit-codes.ts';
import { EnvironmentError, UsageError } from '../failures.ts';
import { bugs } from './bugs.ts';
import { campaign } from './campaign.ts';
import { check } from './check.ts';
import { clean } from './clean.ts';
import type { Command } from './command.ts';
import { doctor } from './doctor.ts';
import { faults, models, systems, workloads } from './lists.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';

const commands: readonly Command[] = [
  campaign,
  run,
  check,
  report,
  runs,
  systems,
  workloads,
  faults,
  bugs,
  models,
  clean,
  doctor,
];

// Piping into `head` must not look like a failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  const parser = yargs(hideBin(process.argv))
    .scriptName('faultline')
    .usage('$0 <command>\n\nBreak distributed systems on purpose, record one history, and prove what broke.')
    .demandCommand(1, 'which command? See faultline --help')
    .recommendCommands()
    .strict()
    .strictCommands()
    .parserConfiguration({ 'duplicate-arguments-array': true, 'camel-case-expansion': false })
    .version(false)
    .wrap(null)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(message.replaceAll(/\s*\n\s*/g, ' '));
    });
  for (const command of commands) {
    parser.command(command.usage, command.summary, command.options, async (args) => {
      process.exitCode = await command.run(args);
    });
  }
  await parser.parseAsync();
} catch (error) {
  process.exitCode = complaintOf(error);
}

function complaintOf(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return complain(message, exitCodes.usage);
  if (error instanceof EnvironmentError) return complain(message, exitCodes.error);
  // Not foreseen: the stack is what a maintainer needs.
  return complain(error instanceof Error ? (error.stack ?? message) : message, exitCodes.error);
}

function complain(message: string, code: number): number {
  process.stderr.write(`faultline: ${message}\n`);
  return code;
}
