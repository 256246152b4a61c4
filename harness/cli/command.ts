import type { Argv } from 'yargs';

/** One command of the command line, in a file of its own. `run` resolves to the exit code. */
export interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly options: (argv: Argv) => Argv;
  readonly run: (args: Args) => Promise<number>;
}

/** What yargs makes of the arguments; each command reads what it has declared. */
export type Args = Readonly<Record<string, unknown>>;

export const text = (args: Args, name: string): string | undefined => {
  const value = args[name];
  return value === undefined ? undefined : String(Array.isArray(value) ? value.at(-1) : value);
};

export const texts = (args: Args, name: string): string[] => {
  const value = args[name];
  return value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);
};

export const flag = (args: Args, name: string): boolean => args[name] === true;
