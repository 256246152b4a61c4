import { simulatedEnvironment } from '../../harness/environments/simulated/simulated.ts';
import { plan, type RunRequest } from '../../harness/plan.ts';
import { type RunOutcome, run } from '../../harness/run.ts';

export interface Simulated extends RunOutcome {
  /** The history as its file would hold it. */
  readonly history: string;
}

const usual: RunRequest = {
  system: 'raft-kv',
  workload: 'register',
  nemesis: 'none',
  environment: 'simulated',
  nodes: 5,
  concurrency: '2n',
  rate: 200,
  timeLimit: '10s',
  seed: 1,
  bugs: [],
  options: {},
};

/** A simulated run without files: nothing of this machine gets in. */
export async function simulate(request: Partial<RunRequest>): Promise<Simulated> {
  const environment = simulatedEnvironment();
  const lines: string[] = [];
  const text = (): string => lines.map((line) => `${line}\n`).join('');
  const work = run({
    plan: plan({ ...usual, ...request }),
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
    nowMs: () => environment.time.nowNs() / 1e6,
    loopLag: () => undefined,
    onPhase: () => undefined,
    keep: async () => undefined,
  });
  return { ...(await environment.drive!(work)), history: text() };
}
