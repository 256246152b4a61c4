import type { Value } from '../checkers/history/operation.ts';
import type { Fault } from '../nemesis/fault.ts';
import { choose, parseNemesis } from '../nemesis/nemeses.ts';
import { type NemesisReport, unleash } from '../nemesis/nemesis.ts';
import { schedule as scheduleOf } from '../nemesis/schedule.ts';
import type { ClusterPlan, Environment, RunningCluster } from './environments/environment.ts';
import { EnvironmentError, UsageError } from './failures.ts';
import { stagger, until } from './generator/combinators.ts';
import type { Generator } from './generator/generator.ts';
import { judgeRun } from './judge-run.ts';
import { drive } from './load.ts';
import type { RunPlan } from './plan.ts';
import { randomFrom } from './random.ts';
import { untilReady, untilRecovered } from './readiness.ts';
import type { HistorySink } from './recorder.ts';
import { RunState } from './run-state.ts';
import type { RunRecord, VerdictRecord } from './store/run-record.ts';
import { nsPerMs, sleep } from './time.ts';
import { Workers } from './workers.ts';

const readyLimitMs = 15_000;
/** SYSTEMS 1e promises max(10 election timeouts, 5 s); a busy machine gets three times that. */
const recoveryLimitMs = 15_000;
const finalLimitMs = 15_000;
/** An interrupted run waits no longer than this for open operations. */
const interruptGraceMs = 300;
const clockSampleMs = 500;

/** What a run needs from the machine, besides its environment. */
export interface RunOptions {
  readonly plan: RunPlan;
  readonly environment: Environment;
  readonly runDirectory: string;
  readonly storeDirectory: string;
  readonly basePort?: number;
  readonly history: HistorySink & { close(): void; readBack(): Uint8Array };
  readonly startedAt: Date;
  readonly faultline: RunRecord['faultline'];
  readonly signal: AbortSignal;
  /** Aborting it ends load and faults before their time, to be judged as they are; the reason says why, in words. */
  readonly stopEarly?: AbortSignal;
  /** The monotonic clock for the checkers' budget, milliseconds. */
  readonly nowMs: () => number;
  readonly loopLag: () => RunRecord['loopLag'];
  /** Told when a phase begins. */
  readonly onPhase: (name: string) => void;
  /** Keeps what is known of the run so far where a crash of the harness cannot take it. */
  readonly keep: (record: RunRecord) => Promise<void>;
}

export interface RunOutcome {
  readonly record: RunRecord;
  readonly verdict: VerdictRecord;
}

/**
 * One run: start, ready, load with faults, heal, recover, final operations on every node, stop, judge. Whatever happens,
 * faults are healed and processes ended before this returns or throws.
 *
 * @throws EnvironmentError when the cluster cannot be started or the environment breaks under it; UsageError when a fault
 * is impossible here.
 */
export async function run(options: RunOptions): Promise<RunOutcome> {
  const state = new RunState(options);
  await options.keep(state.record());
  state.phase('start');
  let running: RunningCluster | undefined;
  try {
    running = await options.environment.start(clusterPlan(options), options.signal);
    await conduct(state, running);
  } finally {
    state.phase('stop');
    state.crashes = running?.crashes() ?? [];
    await running?.stop();
    state.end();
  }
  return { record: state.record(), verdict: judgeRun(state) };
}

function clusterPlan({ plan, runDirectory, storeDirectory, basePort }: RunOptions): ClusterPlan {
  const { system, nodes, options, bugs, seed, workload, concurrency } = plan;
  const clientProcesses = workload.clients === 'processes' ? concurrency : 0;
  const ports = basePort === undefined ? {} : { basePort };
  return { system, nodes, options, bugs, seed, clientProcesses, runDirectory, storeDirectory, ...ports };
}

async function conduct(state: RunState, running: RunningCluster): Promise<void> {
  const { plan, environment, signal } = state.options;
  const wait = { running, nodes: plan.nodes, time: environment.time, signal };
  const faults = faultsOf(plan, running);

  state.phase('ready');
  const ready = await untilReady({ ...wait, limitMs: readyLimitMs });
  if (ready.missing !== undefined) {
    state.notReady = `the cluster never became ready: ${ready.missing}`;
    return;
  }

  const crew: Crew = {
    state,
    workers: new Workers(plan, running, state.recorder),
    processes: Array.from({ length: plan.concurrency }, (_, worker) => worker),
  };
  state.workers = crew.workers;
  await loadWithFaults(crew, running, faults);
  if (!signal.aborted && state.stoppedEarly === undefined) {
    state.phase('recover');
    state.recovered(await untilRecovered({ ...wait, limitMs: recoveryLimitMs }));
  }
  // Also of a cluster that did not recover: what still answers may show what was lost.
  if (!signal.aborted && state.stoppedEarly === undefined) await finalOperations(crew);
  await crew.workers.close();
  const trouble = running.trouble();
  if (trouble !== undefined) throw new EnvironmentError(trouble);
}

/** The workers through all phases: a process number is never used twice. */
interface Crew {
  readonly state: RunState;
  readonly workers: Workers;
  readonly processes: number[];
}

/** Ends when the generator does, or soon after an interrupt; `stop` ends it early without being one. */
async function work(
  { state, workers, processes }: Crew,
  phase: string,
  generator: Generator,
  stop?: AbortSignal,
): Promise<void> {
  const { plan, environment, signal } = state.options;
  state.phase(phase);
  const driving = drive({
    generator,
    workers: plan.concurrency,
    time: environment.time,
    random: randomFrom(plan.seed, phase),
    perform: workers.perform.bind(workers, phase),
    processes,
    signal: stop === undefined ? signal : AbortSignal.any([signal, stop]),
  });
  await Promise.race([driving, interruption(state)]);
}

async function loadWithFaults(crew: Crew, running: RunningCluster, faults: readonly Fault[]): Promise<void> {
  const { state } = crew;
  const { plan, environment, stopEarly } = state.options;
  const broken = new AbortController();
  const endNs = environment.time.nowNs() + plan.timeLimitMs * nsPerMs;
  const load = work(crew, 'load', until(endNs, stagger(plan.rate, plan.workload.load())), stopEarly);
  const nemesis = harm(state, running, faults, broken.signal);
  const sampling = sampleClocks(state, running, Promise.allSettled([load, nemesis]));
  try {
    await load;
  } catch (error) {
    broken.abort(); // a broken harness still heals what it harmed
    throw error;
  } finally {
    state.nemesis = await nemesis;
    await sampling;
  }
  if (stopEarly?.aborted) state.stopsEarly(String(stopEarly.reason));
}

async function finalOperations(crew: Crew): Promise<void> {
  const { state } = crew;
  const { plan, environment } = state.options;
  const late = new AbortController();
  const limit = environment.time.after(finalLimitMs, () => late.abort());
  await work(crew, 'final', plan.workload.final(plan.nodes, state.keys), late.signal);
  limit.cancel();
  if (late.signal.aborted) state.notRecovered ??= `the final operations did not end within ${finalLimitMs / 1000} s`;
}

/** Resolves a moment after an interrupt, so that open operations do not hold up the end. */
function interruption({ options: { signal, environment } }: RunState): Promise<void> {
  return new Promise((resolve) => {
    const soon = (): void => void environment.time.after(interruptGraceMs, resolve);
    if (signal.aborted) soon();
    else signal.addEventListener('abort', soon, { once: true });
  });
}

/** @throws UsageError when a fault that was asked for by name is impossible here. */
function faultsOf({ nemesis: text, workload }: RunPlan, { cluster }: RunningCluster): readonly Fault[] {
  const { leaseMs } = workload;
  const nemesis = parseNemesis(text, leaseMs === undefined ? undefined : { leaseMs });
  if (nemesis.kind === 'unknown') throw new UsageError(nemesis.why);
  const choice = choose(nemesis, cluster);
  if (choice.kind === 'impossible') throw new UsageError(`--nemesis ${text}: ${choice.why}`);
  return choice.faults;
}

function harm(
  state: RunState,
  { cluster }: RunningCluster,
  faults: readonly Fault[],
  broken: AbortSignal,
): Promise<NemesisReport> {
  const { plan, environment, signal, stopEarly } = state.options;
  const { time } = environment;
  const schedule = scheduleOf(faults, plan.timeLimitMs, plan.seed);
  state.scheduled(faults, schedule);
  return unleash({
    cluster,
    faults,
    schedule,
    time: { nowMs: () => time.nowNs() / nsPerMs, sleep: (ms, stop) => sleep(time, ms, stop) },
    random: randomFrom(plan.seed, 'nemesis'),
    note: (f, value) => state.recorder.note(f, value as Value),
    signal: AbortSignal.any([signal, broken, ...(stopEarly === undefined ? [] : [stopEarly])]),
  });
}

/** How far each node's clock is off, over time, until `over` settles; for the report. */
async function sampleClocks(state: RunState, { cluster }: RunningCluster, over: Promise<unknown>): Promise<void> {
  const { clocks, nodes } = cluster;
  if (clocks === undefined) return;
  const { time } = state.options.environment;
  const ended = new AbortController();
  void over.then(() => ended.abort());
  while (!ended.signal.aborted) {
    const readings = await Promise.allSettled(nodes.map((node) => clocks.read(node)));
    readings.forEach((reading, i) => {
      if (reading.status === 'rejected') return; // a dead or stopped node has no reading
      const { wallOffsetMs, uncertaintyMs, atMs } = reading.value;
      state.clocks.push({ atNs: Math.round(atMs * nsPerMs), node: nodes[i]!, wallOffsetMs, uncertaintyMs });
    });
    await sleep(time, clockSampleMs, ended.signal);
  }
}
