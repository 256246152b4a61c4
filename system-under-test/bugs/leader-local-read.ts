import type { Bug } from './bug.ts';

export const leaderLocalRead: Bug = {
  description: {
    name: 'leader-local-read',
    defect: 'a node that takes itself for the leader answers reads without asking a majority',
    inspiredBy: 'etcd 0.4.1: reads on any self-styled leader (aphyr.com/posts/316)',
    replaces: 'raft rule howToRead',
    options: {},
    caughtBy: { workload: 'register', nemesis: 'partition:leader-alone', checker: 'linearizable' },
  },
  plant: (build) => ({
    ...build,
    raftRules: {
      ...build.raftRules,
      howToRead: (role, options) => (role === 'leader' ? 'local' : build.raftRules.howToRead(role, options)),
    },
  }),
};
