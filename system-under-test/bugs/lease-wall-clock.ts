import type { Bug } from './bug.ts';

export const leaseWallClock: Bug = {
  description: {
    name: 'lease-wall-clock',
    defect: 'the leader times its lease with the wall clock: stepped back, the lease outlives its leadership',
    inspiredBy: "dissertation 6.4.1; the warning at etcd's ReadOnlyLeaseBased",
    replaces: 'raft rule leaseClock',
    options: { reads: 'lease' },
    // Between the election of a successor and the old leader's own retreat lies one election timeout: a long one helps.
    caughtBy: {
      workload: 'register',
      nemesis: 'clock:rewind,partition:leader-alone',
      checker: 'linearizable',
      timeLimit: '40s',
      options: { 'election-ms': '1000' },
    },
  },
  plant: (build) => ({ ...build, raftRules: { ...build.raftRules, leaseClock: (now) => now.wallMs } }),
};
