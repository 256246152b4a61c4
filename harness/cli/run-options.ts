import type { Argv } from 'yargs';
import { UsageError } from '../failures.ts';
import { defaults, type RunRequest } from '../plan.ts';
import { type Args, text, texts } from './command.ts';

export const storeOption = (argv: Argv): Argv =>
  argv.option('store', { type: 'string', default: 'store', describe: 'directory of the runs' });

export function runOptions(argv: Argv): Argv {
  return choiceOptions(storeOption(argv))
    .option('environment', {
      type: 'string',
      default: defaults.environment,
      describe: 'where the nodes live: local (processes) or simulated (virtual time)',
    })
    .option('seed', { type: 'number', describe: 'repeats the choices of an earlier run; by default a new one' });
}

/** What a run is made of, wherever it takes place and whatever its seed. */
export function choiceOptions(argv: Argv): Argv {
  return argv
    .option('system', { type: 'string', demandOption: true, describe: 'what to test: see faultline systems' })
    .option('workload', { type: 'string', demandOption: true, describe: 'what clients do: see faultline workloads' })
    .option('nemesis', {
      type: 'string',
      default: defaults.nemesis,
      describe: 'none, all, or faults as in partition,clock: see faultline faults',
    })
    .option('nodes', { type: 'number', default: defaults.nodes, describe: 'size of the cluster' })
    .option('concurrency', {
      type: 'string',
      default: defaults.concurrency,
      describe: 'clients at work: 10, or 2n for two per node',
    })
    .option('rate', { type: 'number', default: defaults.rate, describe: 'operations per second over all clients' })
    .option('time-limit', { type: 'string', default: defaults.timeLimit, describe: 'how long the load lasts' })
    .option('bug', { type: 'string', describe: 'plant a bug in the system: see faultline bugs' })
    .option('option', { type: 'string', describe: 'NAME=VALUE, an option of the system: see faultline systems' });
}

export const runRequest = (args: Args, seed: number): RunRequest => ({
  system: text(args, 'system')!,
  workload: text(args, 'workload')!,
  nemesis: text(args, 'nemesis')!,
  environment: text(args, 'environment')!,
  nodes: number(args, 'nodes')!,
  concurrency: text(args, 'concurrency')!,
  rate: number(args, 'rate')!,
  timeLimit: text(args, 'time-limit')!,
  seed: number(args, 'seed') ?? seed,
  bugs: texts(args, 'bug'),
  options: Object.fromEntries(texts(args, 'option').map(assignment)),
});

/** The last of repeated numbers; `undefined` where none was given. */
export function number(args: Args, name: string): number | undefined {
  const given = text(args, name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isNaN(value)) throw new UsageError(`--${name}: this must be a number`);
  return value;
}

function assignment(given: string): [string, string] {
  const at = given.indexOf('=');
  if (at <= 0) throw new UsageError(`--option: '${given}' must be written NAME=VALUE`);
  return [given.slice(0, at), given.slice(at + 1)];
}
