import { createHash } from 'node:crypto';
import { simulatedEnvironment } from '../environments/simulated/simulated.ts';
import { plan, type RunRequest } from '../plan.ts';
import { type RunOutcome, run } from '../run.ts';
import { nsPerSecond } from '../time.ts';

/** A run on virtual time, and its history as the file would hold it. */
export interface SimulatedRun extends RunOutcome {
  readonly history: string;
  readonly events: number;
  /** From the start of the run to its end, on its own clock. */
  readonly virtualSeconds: number;
}

/** What is told of one seed: plain data, since it comes from another thread. */
export interface SeedReport {
  readonly seed: number;
  readonly verdict: RunOutcome['verdict']['verdict'];
  readonly why: string;
  /** It served again after the faults were healed. */
  readonly recovered: boolean;
  readonly events: number;
  readonly virtualSeconds: number;
  /** SHA-256 of the history: equal for equal seeds and code, on any machine. */
  readonly hash: string;
}

/** Nothing of this machine gets in: no file, no clock, no chance but the seed's. */
export async function simulatedRun(request: RunRequest): Promise<SimulatedRun> {
  const environment = simulatedEnvironment();
  const lines: string[] = [];
  const text = (): string => lines.map((line) => `${line}\n`).join('');
  const work = run({
    plan: plan({ ...request, environment: environment.name }),
    environment,
    runDirectory: '',
    storeDirectory: '',
    history: {
      append: (line) => void lines.push(line),
      close: () => undefined,
      readBack: () => new TextEncoder().encode(text()),
    },
    startedAt: new Date(0),
    faultline: { version: '0' },
    signal: new AbortController().signal,
    // The checkers' budget of time does not run on virtual time: a verdict must not depend on the machine.
    nowMs: () => 0,
    loopLag: () => undefined,
    onPhase: () => undefined,
    keep: async () => undefined,
  });
  const outcome = await environment.drive!(work);
  const virtualSeconds = environment.time.nowNs() / nsPerSecond;
  return { ...outcome, history: text(), events: lines.length, virtualSeconds };
}

export async function reportOf(request: RunRequest): Promise<SeedReport> {
  const { verdict, history, events, virtualSeconds } = await simulatedRun(request);
  return {
    seed: request.seed,
    verdict: verdict.verdict,
    why: verdict.why,
    recovered: verdict.vacuity.every(({ name, ok }) => name !== 'recovered' || ok),
    events,
    virtualSeconds,
    hash: createHash('sha256').update(history).digest('hex'),
  };
}
