import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { systems } from '../../system-under-test/catalogue.ts';
import { campaign as carryOut, type EndedRun } from '../campaign.ts';
import { defaultCampaign, expand, readCampaignFile } from '../campaign-file.ts';
import { type Ended, exitCodes, gravest } from '../exit-codes.ts';
import { freshSeed, requireWritable } from '../machine.ts';
import type { RunPlan } from '../plan.ts';
import { type CampaignRow, campaignTable, wantsColour } from '../report/text.ts';
import { catching } from './bugs.ts';
import { type Command, flag, text } from './command.ts';
import { onInterrupt } from './interrupt.ts';
import { number, storeOption } from './run-options.ts';

/** `faultline campaign [FILE]`: a matrix of runs, several at a time, and one table at the end. */
export const campaign: Command = {
  usage: 'campaign [file]',
  summary: 'carry out a matrix of runs: the default one, or that of a YAML file',
  options: (argv: Argv) =>
    storeOption(argv)
      .positional('file', { type: 'string', describe: 'a campaign file; see the README for an example' })
      .option('environment', { type: 'string', describe: 'where the nodes live, instead of what the file says' })
      .option('jobs', { type: 'number', describe: 'runs at the same time' })
      .option('seed', { type: 'number', describe: 'seed of the first run; the others count on from it' })
      .option('json', { type: 'boolean', describe: 'print one JSON object per run' }),
  async run(args) {
    const file = text(args, 'file');
    const matrices = file === undefined ? defaultCampaign : readCampaignFile(file);
    const plans = expand(matrices, freshSeed(), { environment: text(args, 'environment'), seed: number(args, 'seed') });
    const store = resolve(text(args, 'store')!);
    requireWritable(store);
    const json = flag(args, 'json');
    const interrupt = onInterrupt();
    const progress = json ? silence : progressOf(plans.length);
    const ended = await carryOut(plans, {
      store,
      jobs: Math.max(1, Math.floor(number(args, 'jobs') ?? matrices[0]?.jobs ?? 1)),
      signal: interrupt.signal,
      onStart: progress.start,
      onEnd: (run) => {
        progress.end(run);
        if (json) process.stdout.write(`${JSON.stringify(jsonOf(run))}\n`);
      },
    });
    interrupt.done();
    if (!json) process.stdout.write(summary(plans, ended));
    const missing: Ended[] = ended.length < plans.length ? ['undecided'] : [];
    return exitCodes[gravest([...ended.map(verdictOf), ...missing])];
  },
};

const verdictOf = ({ result }: EndedRun): Ended => (result.kind === 'summary' ? result.summary.verdict : 'error');

const jsonOf = ({ plan, result }: EndedRun): object =>
  result.kind === 'summary'
    ? result.summary
    : {
        verdict: 'error',
        why: result.why,
        system: plan.system.name,
        workload: plan.workload.name,
        nemesis: plan.nemesis,
        seed: plan.seed,
      };

interface Progress {
  readonly start: (plan: RunPlan) => void;
  readonly end: (run: EndedRun) => void;
}

const silence: Progress = { start: () => undefined, end: () => undefined };

const nameOf = (plan: RunPlan): string => `${plan.system.name} ${plan.workload.name} ${plan.nemesis}`;

/** One line per run that ends; on a terminal also what is going on now, in a line that is written over. */
function progressOf(total: number): Progress {
  const running = new Set<RunPlan>();
  let ended = 0;
  const terminal = process.stderr.isTTY;
  const clear = terminal ? '\r\u001b[2K' : '';
  const now = (): void => {
    if (!terminal) return;
    const names = [...running].map(nameOf).join(' · ');
    process.stderr.write(`${clear}${`${ended}/${total}  ${names}`.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    if (running.size === 0) process.stderr.write(clear);
  };
  return {
    start(plan) {
      running.add(plan);
      now();
    },
    end(run) {
      running.delete(run.plan);
      ended++;
      const why =
        run.result.kind === 'error'
          ? run.result.why
          : run.result.summary.verdict === 'pass'
            ? ''
            : run.result.summary.why;
      const seconds = (run.wallMs / 1000).toFixed(1);
      process.stderr.write(
        `${clear}[${ended}/${total}] ${verdictOf(run)}  ${nameOf(run.plan)}  ${seconds} s${why === '' ? '' : `  ${why}`}\n`,
      );
      now();
    },
  };
}

/** The table, where to look, and (last) a command that shows what a violation looks like. */
function summary(plans: readonly RunPlan[], ended: readonly EndedRun[]): string {
  const inOrder = [...ended].sort((a, b) => plans.indexOf(a.plan) - plans.indexOf(b.plan));
  const gravestFirst = ['violation', 'error', 'undecided', 'pass'];
  const worst = [...inOrder].sort((a, b) => gravestFirst.indexOf(verdictOf(a)) - gravestFirst.indexOf(verdictOf(b)));
  const report = worst.find(({ result }) => result.kind === 'summary')?.result;
  const bug = systems['raft-kv']!.bugs.find(({ name }) => name === 'stale-follower-read')!;
  return [
    `\n${campaignTable(inOrder.map(rowOf), { colour: wantsColour(process.stdout) })}`,
    report?.kind === 'summary' ? `report  ${report.summary.report}\n` : '',
    `\nSee a violation:\n${catching('raft-kv', bug)}\n`,
  ].join('');
}

function rowOf({ plan, result }: EndedRun): CampaignRow {
  const { system, workload, nemesis, environment, seed, bugs } = plan;
  const names = { system: system.name, workload: workload.name, nemesis, environment, seed, bugs };
  if (result.kind === 'error') {
    return { ...names, verdict: 'error', why: result.why, operations: 0, faultsProven: 0, faultsInjected: 0 };
  }
  const { summary } = result;
  const counts = Object.values(summary.operations).flatMap((kinds) => Object.values(kinds));
  return {
    ...names,
    verdict: summary.verdict,
    why: summary.verdict === 'pass' ? '' : summary.why,
    operations: counts.reduce((sum, { ok, failed, unknown }) => sum + ok + failed + unknown, 0),
    faultsProven: summary.faults.reduce((sum, fault) => sum + fault.proven, 0),
    faultsInjected: summary.faults.reduce((sum, fault) => sum + fault.injections, 0),
  };
}
