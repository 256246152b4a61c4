import type { Bug } from './bug.ts';

export const leaseWallClock: Bug = {
  description: {
    name: 'lease-wall-clock',
    defect: 'the leader times its lease with the wall clock: stepped back, the lease outlives its leadership',
    inspiredBy: "dissertation 6.4.1; the warning at etcd's ReadOnlyLeaseBased",
    replaces: 'raft rule leaseClock',
    options: { reads: 'lease' },
    caughtBy: { workload: 'register', nemesis: 'clock,partition', checker: 'linearizable' },
  },
  plant: (build) => ({ ...build, raftRules: { ...build.raftRules, leaseClock: (now) => now.wallMs } }),
};
