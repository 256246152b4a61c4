import { models as modelCatalogue } from '../../checkers/index.ts';
import { faultSummaries } from '../../nemesis/nemeses.ts';
import { systems as systemCatalogue } from '../../system-under-test/catalogue.ts';
import { exitCodes } from '../exit-codes.ts';
import { workloads as workloadCatalogue } from '../workloads/catalogue.ts';
import { columns } from './columns.ts';
import type { Command } from './command.ts';

/** `faultline systems | workloads | faults | models`: what there is, each with one line. */
const listing = (name: string, summary: string, rows: () => readonly (readonly [string, string])[]): Command => ({
  usage: name,
  summary,
  options: (argv) => argv,
  async run() {
    process.stdout.write(columns(rows()));
    return exitCodes.pass;
  },
});

export const systems = listing('systems', 'list the systems that can be tested', () =>
  Object.values(systemCatalogue).flatMap((system) => [
    [system.name, system.summary] as const,
    ...Object.entries(system.options).map(
      ([name, option]) =>
        [
          `  --option ${name}=${option.values?.join('|') ?? 'N'}`,
          `${option.summary} (default ${option.default})`,
        ] as const,
    ),
  ]),
);

export const workloads = listing('workloads', 'list what clients can do, and how it is judged', () =>
  workloadCatalogue.map((workload) => [workload.name, workload.summary]),
);

export const faults = listing('faults', 'list the harm a nemesis can do', () => [
  ['none', 'no fault at all'],
  ...faultSummaries,
  ['all', 'every fault that is possible on the system, the workload and the environment'],
]);

export const models = listing('models', 'list the sequential specifications for faultline check --model', () =>
  [...modelCatalogue.values()].map(({ name, summary }) => [name, summary]),
);
