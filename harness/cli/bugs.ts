import { systems } from '../../system-under-test/catalogue.ts';
import type { PlantedBug } from '../../system-under-test/system.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Command, flag } from './command.ts';

/** `faultline bugs`: the mistakes built in on purpose, and the command that must catch each. */
export const bugs: Command = {
  usage: 'bugs',
  summary: 'list the planted bugs: what is wrong, what inspired it, and the command that catches it',
  options: (argv) => argv.option('json', { type: 'boolean', describe: 'print JSON' }),
  async run(args) {
    const all = Object.values(systems).flatMap((system) => system.bugs.map((bug) => ({ system: system.name, ...bug })));
    if (flag(args, 'json')) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    else process.stdout.write(all.map(story).join('\n'));
    return exitCodes.pass;
  },
};

/** The command that must end in `violation`. */
export function catching(system: string, bug: PlantedBug): string {
  const { workload, nemesis, timeLimit, options } = bug.caughtBy;
  const chosen = Object.entries({ ...bug.options, ...options }).map(([name, value]) => ` --option ${name}=${value}`);
  const limit = timeLimit === undefined ? '' : ` --time-limit ${timeLimit}`;
  return `npx faultline run --system ${system} --workload ${workload} --nemesis ${nemesis}${limit}${chosen.join('')} --bug ${bug.name}`;
}

const story = (bug: PlantedBug & { system: string }): string => `${bug.name}
  what is wrong   ${bug.defect}
  replaces        ${bug.replaces}
  inspired by     ${bug.inspiredBy}
  caught by       ${bug.caughtBy.checker}
  try             ${catching(bug.system, bug)}
`;
