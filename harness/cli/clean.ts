import { join, resolve } from 'node:path';
import { clean as cleanLive, tellCleaned } from '../environments/local/clean.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Command, text } from './command.ts';
import { storeOption } from './run-options.ts';

/** `faultline clean`: ends what a killed harness left behind, and nothing else. */
export const clean: Command = {
  usage: 'clean',
  summary: 'end processes and remove data that a killed harness left behind',
  options: storeOption,
  async run(args) {
    const store = resolve(text(args, 'store')!);
    process.stdout.write(`${tellCleaned(cleanLive(join(store, '.live'))).join('\n')}\n`);
    return exitCodes.pass;
  },
};
