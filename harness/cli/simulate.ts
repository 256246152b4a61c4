import { availableParallelism } from 'node:os';
import type { Argv } from 'yargs';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../failures.ts';
import { monotonicMs } from '../machine.ts';
import { commandOf, plan, type RunRequest } from '../plan.ts';
import type { SeedReport } from '../simulate/one-run.ts';
import { digestOf, failed, simulateSeeds } from '../simulate/seeds.ts';
import { type Command, flag, text } from './command.ts';
import { onInterrupt } from './interrupt.ts';
import { choiceOptions, number, runRequest } from './run-options.ts';

const progressEveryMs = 1000;

/** `faultline simulate`: many seeds on virtual time, over all cores. */
export const simulate: Command = {
  usage: 'simulate',
  summary: 'simulate many seeds on virtual time; each failing one comes with the command that repeats it',
  options: (argv: Argv) =>
    choiceOptions(argv)
      .option('seeds', { type: 'string', demandOption: true, describe: 'a range, as in 1..1000' })
      .option('jobs', { type: 'number', describe: 'threads; by default one for each core' })
      .option('stop-after', { type: 'number', default: 1, describe: 'begin no seed after so many have failed' })
      .option('json', { type: 'boolean', describe: 'print one JSON object' }),
  async run(args) {
    const { from, to } = rangeOf(text(args, 'seeds')!);
    const request: RunRequest = { ...runRequest(args, from), environment: 'simulated' };
    plan(request); // says what is wrong before anything begins
    const json = flag(args, 'json');
    const interrupt = onInterrupt();
    const beganMs = monotonicMs();
    const told = progress(json, from, to);
    const reports = await simulateSeeds({
      request,
      from,
      to,
      jobs: atLeastOne(number(args, 'jobs') ?? availableParallelism(), '--jobs'),
      stopAfter: atLeastOne(number(args, 'stop-after')!, '--stop-after'),
      signal: interrupt.signal,
      onReport: told,
    });
    interrupt.done();
    const summary = summarise(request, reports, (monotonicMs() - beganMs) / 1000);
    process.stdout.write(json ? `${JSON.stringify(summary)}\n` : inWords(summary));
    return exitCodes[verdictOf(reports, to - from + 1)];
  },
};

/** @throws UsageError */
function rangeOf(given: string): { from: number; to: number } {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(given);
  const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match !== null && from <= to && Number.isSafeInteger(to)) return { from, to };
  throw new UsageError(`--seeds: '${given}' must be a range of whole numbers, as in 1..1000, or one of them`);
}

function atLeastOne(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UsageError(`${what}: ${value} must be a whole number of at least 1`);
}

/** What was not carried out to its end is undecided. */
function verdictOf(reports: readonly SeedReport[], asked: number): 'pass' | 'undecided' | 'violation' {
  if (reports.some(({ verdict }) => verdict === 'violation')) return 'violation';
  return reports.length === asked && reports.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'undecided';
}

function summarise(request: RunRequest, reports: readonly SeedReport[], wallSeconds: number) {
  const told = (some: readonly SeedReport[]) =>
    some.map(({ seed, why }) => ({ seed, why, replay: commandOf(plan({ ...request, seed })).join(' ') }));
  const violations = reports.filter(({ verdict }) => verdict === 'violation');
  return {
    seeds: reports.length,
    violations: told(violations),
    livenessFailures: told(reports.filter(({ recovered }) => !recovered)),
    undecided: told(reports.filter(({ verdict, recovered }) => verdict === 'undecided' && recovered)),
    virtualSeconds: round(reports.reduce((sum, report) => sum + report.virtualSeconds, 0)),
    wallSeconds: round(wallSeconds),
    events: reports.reduce((sum, report) => sum + report.events, 0),
    digest: digestOf(reports),
  };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

type Summary = ReturnType<typeof summarise>;

function inWords(summary: Summary): string {
  const { seeds, violations, livenessFailures, undecided, virtualSeconds, wallSeconds, events, digest } = summary;
  const failures = [
    ...violations.map((one) => ({ kind: 'violation', ...one })),
    ...livenessFailures.map((one) => ({ kind: 'did not recover', ...one })),
    ...undecided.map((one) => ({ kind: 'undecided', ...one })),
  ];
  const lines = failures.map(({ kind, seed, why, replay }) => `${kind}  seed ${seed}: ${why}\n  ${replay}`);
  const counts = `${violations.length} violations, ${livenessFailures.length} did not recover, ${undecided.length} undecided`;
  const speed = `${Math.round((60 * seeds) / wallSeconds)} seeds a minute, ${Math.round(virtualSeconds / wallSeconds)} times real time`;
  return `${[...lines, `${seeds} seeds: ${counts}`, `${speed}, ${events} events, digest ${digest.slice(0, 16)}`].join('\n')}\n`;
}

/** A line a second on a terminal; failures at once. */
function progress(json: boolean, from: number, to: number): (report: SeedReport) => void {
  let done = 0;
  let toldMs = monotonicMs();
  return (report) => {
    done++;
    if (json) return;
    if (failed(report)) process.stderr.write(`seed ${report.seed}: ${report.why}\n`);
    if (!process.stderr.isTTY || monotonicMs() - toldMs < progressEveryMs) return;
    toldMs = monotonicMs();
    process.stderr.write(`${done} of ${to - from + 1} seeds\n`);
  };
}
