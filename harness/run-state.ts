import type { Value } from '../checkers/history/operation.ts';
import type { Fault } from '../nemesis/fault.ts';
import type { FaultReport, NemesisReport } from '../nemesis/nemesis.ts';
import type { Turn } from '../nemesis/schedule.ts';
import type { Crash } from './environments/environment.ts';
import { commandOf } from './plan.ts';
import type { Waited } from './readiness.ts';
import { Recorder } from './recorder.ts';
import type { RunOptions } from './run.ts';
import type { ClockSample, FaultRecord, Phase, RunRecord, ScheduleStep } from './store/run-record.ts';
import { nsPerMs, nsPerSecond } from './time.ts';
import type { Workers } from './workers.ts';

/** What is known of a run while it goes on. */
export class RunState {
  readonly options: RunOptions;
  readonly recorder: Recorder;
  readonly keys: Value[] = [];
  readonly clocks: ClockSample[] = [];
  workers: Workers | undefined;
  nemesis: NemesisReport | undefined;
  notReady: string | undefined;
  notRecovered: string | undefined;
  /** Why load and faults ended before their time, if they did. */
  stoppedEarly: string | undefined;
  divergence: string | undefined;
  crashes: readonly Crash[] = [];
  #faults: readonly string[] = [];
  #schedule: readonly ScheduleStep[] = [];
  #statuses: Waited['statuses'] = new Map();
  readonly #phases: { name: string; startNs: number; endNs?: number }[] = [];

  constructor(options: RunOptions) {
    this.options = options;
    const seen = new Set<Value>();
    this.recorder = new Recorder(options.environment.time, options.history, ({ type, key }) => {
      if (type !== 'invoke' || key === undefined || seen.has(key)) return;
      seen.add(key);
      this.keys.push(key);
    });
  }

  phase(name: string): void {
    this.#endPhase();
    this.#phases.push({ name, startNs: this.#now() });
    this.recorder.phase = name;
    this.options.onPhase(name);
  }

  /** The plan of the nemesis, counted from now on; victims are chosen when each turn comes. */
  scheduled(faults: readonly Fault[], turns: readonly Turn[]): void {
    const beganNs = this.#now();
    this.#faults = faults.map(({ name }) => name);
    this.#schedule = turns.flatMap(({ fault, atMs, forMs }) => [
      { atNs: beganNs + Math.round(atMs * nsPerMs), fault, action: 'inject', target: null },
      { atNs: beganNs + Math.round((atMs + forMs) * nsPerMs), fault, action: 'heal', target: null },
    ]);
  }

  recovered({ missing, statuses, divergence }: Waited): void {
    this.#statuses = statuses;
    this.divergence = divergence;
    const troubles = this.nemesis?.mending.troubles ?? [];
    if (troubles.length > 0) this.notRecovered = `healing failed: ${troubles.join('; ')}`;
    else if (missing !== undefined) this.notRecovered = `the cluster did not recover: ${missing}`;
  }

  /** Load and faults have ended before their time, and nobody waits for the recovery. */
  stopsEarly(why: string): void {
    this.stoppedEarly = `stopped early: ${why}`;
    this.notRecovered = 'recovery was not waited for, since the run was stopped early';
  }

  /** Nothing is recorded from here on. */
  end(): void {
    this.#endPhase();
    this.recorder.close();
    this.options.history.close();
  }

  get interrupted(): string | undefined {
    const { signal } = this.options;
    return signal.aborted ? `the run was interrupted (${String(signal.reason)})` : undefined;
  }

  get faults(): FaultRecord[] {
    const reports = new Map(this.nemesis?.faults.map((report) => [report.name, report]));
    return this.#faults.map((name) => {
      const report = reports.get(name);
      return report === undefined ? { name, injections: 0, proven: 0, evidence: [] } : faultRecord(report);
    });
  }

  record(): RunRecord {
    const { plan, startedAt, faultline, loopLag } = this.options;
    const lag = loopLag();
    const operations = this.workers?.counts ?? {};
    return {
      version: 1,
      faultline,
      system: plan.system.name,
      workload: plan.workload.name,
      nemesis: plan.nemesis,
      environment: plan.environment,
      nodes: [...plan.nodes],
      concurrency: plan.concurrency,
      rate: plan.rate,
      timeLimitMs: plan.timeLimitMs,
      seed: plan.seed,
      bugs: [...plan.bugs],
      options: { ...plan.options },
      startedAt: startedAt.toISOString(),
      command: commandOf(plan),
      phases: this.#phases.map((phase): Phase => ({ ...phase })),
      operations,
      opsPerSecond: this.#opsPerSecond(),
      faults: this.faults,
      schedule: this.nemesis === undefined ? [...this.#schedule] : stepsOf(this.nemesis),
      ...(lag === undefined ? {} : { loopLag: lag }),
      clocks: this.clocks,
      nodeInfo: Object.fromEntries(this.#statuses),
    };
  }

  #opsPerSecond(): number {
    const load = this.#phases.find(({ name }) => name === 'load');
    if (load?.endNs === undefined) return 0;
    const counts = Object.values(this.workers?.counts.load ?? {});
    const completed = counts.reduce((sum, { ok, failed, unknown }) => sum + ok + failed + unknown, 0);
    return Math.round((completed * nsPerSecond * 10) / Math.max(1, load.endNs - load.startNs)) / 10;
  }

  #endPhase(): void {
    const open = this.#phases.at(-1);
    if (open !== undefined && open.endNs === undefined) open.endNs = this.#now();
  }

  #now = (): number => Math.round(this.options.environment.time.nowNs());
}

/** What was done, in order; before the nemesis has reported, what was planned stands in its place. */
const stepsOf = ({ faults }: NemesisReport): ScheduleStep[] =>
  faults
    .flatMap(({ name, evidence }) =>
      evidence.flatMap(({ startedAtMs, endedAtMs, target }): ScheduleStep[] => [
        { atNs: Math.round(startedAtMs * nsPerMs), fault: name, action: 'inject', target },
        { atNs: Math.round(endedAtMs * nsPerMs), fault: name, action: 'heal', target },
      ]),
    )
    .sort((a, b) => a.atNs - b.atNs);

const faultRecord = ({ name, injections, proven, unmeasurable, evidence }: FaultReport): FaultRecord => ({
  name,
  injections,
  proven,
  unmeasurable,
  evidence: evidence.map(({ startedAtMs, target, inject }) => ({
    atNs: Math.round(startedAtMs * nsPerMs),
    target,
    what: inject.what,
    proven: inject.proven,
    measured: JSON.stringify(inject.measured),
  })),
});
