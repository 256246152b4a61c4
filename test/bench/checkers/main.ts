/**
 * `npm run bench checkers [small]`: the procedures on generated histories in memory, cold (the first check of a
 * process) and warm, legal and with one false answer; then whole processes on files. `small` leaves out what takes
 * long.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { print } from '../print.ts';
import { checkFile, withFile } from './file.ts';
import type { Workload } from './generator.ts';
import { workloads } from './workloads.ts';

const small = process.argv.includes('small');
const name = ({ name, operations, processes }: Workload): string =>
  `${name}: ${operations.toLocaleString('en')} at ${processes}`;

print('linearizability, the history in memory', inMemory(workloads));
print('whole process: faultline check FILE', await Promise.all(files()));

function inMemory(all: readonly Workload[]) {
  return all
    .filter(({ operations }) => !small || operations <= 100_000)
    .map((workload) => {
      const legal = inProcess(workload);
      const illegal = inProcess({ ...workload, lieAt: 0.95 });
      return {
        workload: name(workload),
        'cold ms': round(legal.ms),
        'warm ms': round(legal.warm),
        'illegal, cold': round(illegal.ms),
        'illegal, warm': round(illegal.warm),
        'peak +MB': round(legal.tablesMb),
        configurations: legal.configurations,
        procedure: [...new Set([legal.procedures, illegal.procedures])].join(' / '),
        verdicts: `${legal.verdict}, ${illegal.verdict}`,
      };
    });
}

interface Figures {
  readonly ms: number;
  readonly warm?: number;
  readonly tablesMb: number;
  readonly configurations: number;
  readonly procedures: string;
  readonly verdict: string;
}

function inProcess(workload: Workload): Figures {
  const script = join(import.meta.dirname, 'in-memory.ts');
  const { stdout } = spawnSync(process.execPath, [script, JSON.stringify(workload)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(stdout) as Figures;
}

function* files() {
  const register = {
    object: 'cell',
    model: 'register',
    name: 'register, 1 % unknown',
    processes: 50,
    unknown: 0.01,
  } as const;
  for (const operations of small ? [100_000] : [1_000_000, 10_000_000])
    yield wholeProcess({ ...register, operations }, []);
  const frontier = workloads.find(({ name }) => name === 'cas over 5 values, one key')!;
  yield wholeProcess(frontier, []);
  yield wholeProcess(frontier, ['--time-limit', '1s']);
  yield wholeProcess({ ...frontier, operations: 100_000, processes: 100 }, ['--memory-limit', '200M']);
}

function wholeProcess(workload: Workload, args: readonly string[]) {
  return withFile(workload, (path) => {
    const { answer, wallMs, peakMb } = checkFile(path, ['--model', workload.model, ...args]);
    return {
      workload: `${name(workload)} ${args.join(' ')}`,
      'parse ms': round(answer.parseMs),
      'check ms': round(answer.checkMs),
      'whole ms': round(wallMs),
      'peak MB': round(peakMb),
      procedure: answer.procedure,
      verdict: answer.verdict,
    };
  });
}

function round(figure: number | undefined): number | string {
  if (figure === undefined) return '';
  return figure < 10 ? Math.round(figure * 100) / 100 : Math.round(figure);
}
