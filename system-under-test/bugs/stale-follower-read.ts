import type { Bug } from './bug.ts';

export const staleFollowerRead: Bug = {
  description: {
    name: 'stale-follower-read',
    defect: 'any node answers reads from its own state, however old that is',
    inspiredBy: 'etcd 0.4.1 and Consul in 2014 (aphyr.com/posts/316); etcd issue 3879',
    replaces: 'raft rule howToRead',
    options: {},
    caughtBy: { workload: 'register', nemesis: 'partition', checker: 'linearizable' },
  },
  plant: (build) => ({ ...build, raftRules: { ...build.raftRules, howToRead: () => 'local' } }),
};
