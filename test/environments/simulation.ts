import type { RunRequest } from '../../harness/plan.ts';
import { type SimulatedRun, simulatedRun } from '../../harness/simulate/one-run.ts';

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

/** A simulated run of a small cluster; what is not said is usual. */
export const simulate = (request: Partial<RunRequest>): Promise<SimulatedRun> => simulatedRun({ ...usual, ...request });
