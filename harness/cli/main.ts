import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { exitCodes } from '../exit-codes.ts';
import { EnvironmentError, UsageError } from '../failures.ts';
import type { Command } from './command.ts';

/** By name, in the order of the help. A command that is asked for is loaded alone: most of them load half the world. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  campaign: async () => (await import('./campaign.ts')).campaign,
  run: async () => (await import('./run.ts')).run,
  simulate: async () => (await import('./simulate.ts')).simulate,
  check: async () => (await import('./check.ts')).check,
  report: async () => (await import('./report.ts')).report,
  runs: async () => (await import('./runs.ts')).runs,
  systems: async () => (await import('./lists.ts')).systems,
  workloads: async () => (await import('./lists.ts')).workloads,
  faults: async () => (await import('./lists.ts')).faults,
  bugs: async () => (await import('./bugs.ts')).bugs,
  models: async () => (await import('./lists.ts')).models,
  clean: async () => (await import('./clean.ts')).clean,
  doctor: async () => (await import('./doctor.ts')).doctor,
};

/** The command that is asked for, or all of them for the help and for suggestions. */
async function loaded(): Promise<readonly Command[]> {
  const name = process.argv[2] ?? '';
  const asked = Object.hasOwn(commands, name) ? [commands[name]!] : Object.values(commands);
  return Promise.all(asked.map((load) => load()));
}

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
  for (const command of await loaded()) {
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
