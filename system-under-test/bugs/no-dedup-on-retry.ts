import type { Bug } from './bug.ts';

export const noDedupOnRetry: Bug = {
  description: {
    name: 'no-dedup-on-retry',
    defect: 'a retry of a call that was already executed is executed again',
    inspiredBy: 'jetcd 0.8.2 retried requests that are not idempotent; dissertation 6.3',
    replaces: 'service rule shouldExecute',
    options: {},
    caughtBy: { workload: 'counter', nemesis: 'partition,kill', checker: 'linearizable' },
  },
  plant: (build) => ({ ...build, serviceRules: { ...build.serviceRules, shouldExecute: () => 'execute' } }),
};
