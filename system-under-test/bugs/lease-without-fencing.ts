import type { Bug } from './bug.ts';

export const leaseWithoutFencing: Bug = {
  description: {
    name: 'lease-without-fencing',
    defect: 'the resource takes no notice of fencing tokens: a holder that was paused past its lease still writes',
    inspiredBy: 'the locks of etcd 3.4.3 (jepsen.io/analyses/etcd-3.4.3); Kleppmann 2016',
    replaces: 'service rule mayTouchResource',
    options: {},
    caughtBy: { workload: 'fenced-lock', nemesis: 'client-pause', checker: 'fencing' },
  },
  plant: (build) => ({ ...build, serviceRules: { ...build.serviceRules, mayTouchResource: () => true } }),
};
