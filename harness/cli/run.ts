import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { environmentNamed } from '../environments/by-name.ts';
import { exitCodes } from '../exit-codes.ts';
import { EnvironmentError, UsageError } from '../failures.ts';
import { followable, followableWorkloads } from '../follow/followable.ts';
import { watchForViolation } from '../follow/violation-watch.ts';
import { HistoryFile } from '../history-file.ts';
import { faultlineVersion, freshSeed, monotonicMs, now, requireWritable, watchLoopLag } from '../machine.ts';
import { plan as planOf, type RunPlan } from '../plan.ts';
import { runSummary, wantsColour } from '../report/text.ts';
import { writeReport } from '../report/write-report.ts';
import { run as carryOut, type RunOutcome } from '../run.ts';
import { summarise } from '../run-summary.ts';
import { createRunDirectory, files, markLatest, writeRunRecord, writeVerdictRecord } from '../store/layout.ts';
import { openRunIndex } from '../store/run-index.ts';
import { type Command, flag, text } from './command.ts';
import { onInterrupt } from './interrupt.ts';
import { number, runOptions, runRequest } from './run-options.ts';

/** `faultline run`: one run, from the start of the cluster to the report. */
export const run: Command = {
  usage: 'run',
  summary: 'start a system, load it, harm it, and judge what its clients saw',
  options: (argv: Argv) =>
    runOptions(argv)
      .option('base-port', {
        type: 'number',
        describe: 'client port of n1, the others following; by default any free ones',
      })
      .option('stop-on-violation', {
        type: 'boolean',
        describe: `end the run soon after its history shows a violation (workloads ${followableWorkloads().join(', ')})`,
      })
      .option('json', { type: 'boolean', describe: 'print one JSON object' })
      .option('end-with-stdin', { type: 'boolean', hidden: true, describe: 'end when standard input does' }),
  async run(args) {
    const plan = planOf(runRequest(args, freshSeed()));
    const basePort = number(args, 'base-port');
    if (
      basePort !== undefined &&
      !(Number.isInteger(basePort) && basePort > 0 && basePort + plan.nodes.length <= 65_536)
    ) {
      throw new UsageError(`--base-port: ${basePort} must be a port with room for ${plan.nodes.length} nodes`);
    }
    const stopOnViolation = flag(args, 'stop-on-violation');
    if (stopOnViolation) requireFollowable(plan);
    const store = resolve(text(args, 'store')!);
    requireWritable(store);
    const json = flag(args, 'json');
    const interrupt = onInterrupt({ endWithStdin: flag(args, 'end-with-stdin') });
    const directory = await newDirectory(store, plan);
    try {
      const { signal } = interrupt;
      const outcome = await inDirectory(directory, { plan, store, basePort, signal, stopOnViolation, quiet: json });
      const reportPath = await publish(store, directory, outcome);
      const { record, verdict } = outcome;
      process.stdout.write(
        json
          ? `${JSON.stringify(summarise(directory, reportPath, record, verdict))}\n`
          : `\n${runSummary({ run: record, verdict, reportPath }, { colour: wantsColour(process.stdout) })}`,
      );
      return exitCodes[verdict.verdict];
    } catch (error) {
      // What could not even begin leaves no run behind; what broke midway leaves what it has.
      const expected = error instanceof UsageError || error instanceof EnvironmentError;
      if (expected && (await isEmpty(join(directory, files.history)))) await rm(directory, { recursive: true });
      throw error;
    } finally {
      interrupt.done();
    }
  },
};

/** @throws UsageError */
function requireFollowable({ workload }: RunPlan): void {
  if (followable(workload.checkers()) !== undefined) return;
  const names = followableWorkloads().join(', ');
  throw new UsageError(
    `--stop-on-violation: workload '${workload.name}' is judged at its end only; those of ${names} can be followed`,
  );
}

const newDirectory = (store: string, { system, workload, nemesis, seed }: RunPlan): Promise<string> =>
  createRunDirectory(store, { system: system.name, workload: workload.name, nemesis, seed, startedAt: now() });

const isEmpty = async (path: string): Promise<boolean> => (await stat(path)).size === 0;

interface Work {
  readonly plan: RunPlan;
  readonly store: string;
  readonly basePort: number | undefined;
  readonly signal: AbortSignal;
  readonly stopOnViolation: boolean;
  readonly quiet: boolean;
}

async function inDirectory(directory: string, work: Work): Promise<RunOutcome> {
  const history = new HistoryFile(join(directory, files.history));
  const say = work.quiet ? () => undefined : (line: string) => void process.stderr.write(`${line}\n`);
  if (!work.stopOnViolation) return conduct(directory, work, history, say, undefined);
  const order = { path: join(directory, files.history), workload: work.plan.workload.name };
  const watch = watchForViolation(order, (why) => say(`followed no further (${why}): judged at the end`));
  watch.seen.addEventListener('abort', () => say(`stopping early, a violation: ${watch.seen.reason}`));
  try {
    return await conduct(directory, work, history, say, watch.seen);
  } finally {
    await watch.end();
  }
}

async function conduct(
  directory: string,
  { plan, store, basePort, signal }: Work,
  history: HistoryFile,
  say: (line: string) => void,
  stopEarly: AbortSignal | undefined,
): Promise<RunOutcome> {
  let started = false;
  let kept: Promise<void> | undefined;
  const environment = environmentNamed(plan.environment);
  const work = carryOut({
    plan,
    environment,
    runDirectory: directory,
    storeDirectory: store,
    ...(basePort === undefined ? {} : { basePort }),
    history,
    startedAt: now(),
    faultline: faultlineVersion(),
    signal,
    ...(stopEarly === undefined ? {} : { stopEarly }),
    nowMs: monotonicMs,
    loopLag: watchLoopLag(),
    onPhase: (name) => {
      // A start that fails has one line to say, and it is the error's.
      if (name === 'ready') started = true;
      if (started) say(name === 'ready' ? `seed ${plan.seed}, ${directory}` : phaseLine(name, plan));
    },
    keep: (record) => {
      kept = writeRunRecord(directory, record);
      // Virtual time waits for nobody's disk.
      return environment.drive === undefined ? kept : Promise.resolve();
    },
  });
  const outcome = await (environment.drive?.(work) ?? work);
  await kept;
  return outcome;
}

const phaseLine = (name: string, plan: RunPlan): string =>
  name === 'load'
    ? `load     ${plan.workload.name} with ${plan.nemesis} for ${plan.timeLimitMs / 1000} s, ${plan.concurrency} clients`
    : name;

/** Everything beside the history: the records, the report, the index, the links. Resolves to the report's path. */
async function publish(store: string, directory: string, { record, verdict }: RunOutcome): Promise<string> {
  await writeRunRecord(directory, record);
  await writeVerdictRecord(directory, verdict);
  const path = await writeReport(directory);
  await markLatest(store, directory);
  using index = await openRunIndex(store);
  index.record(directory, record, verdict);
  return path;
}
