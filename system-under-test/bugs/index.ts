import { ackBeforeFsync } from './ack-before-fsync.ts';
import type { Bug, Build } from './bug.ts';
import { leaderLocalRead } from './leader-local-read.ts';
import { leaseWallClock } from './lease-wall-clock.ts';
import { leaseWithoutFencing } from './lease-without-fencing.ts';
import { noDedupOnRetry } from './no-dedup-on-retry.ts';
import { staleFollowerRead } from './stale-follower-read.ts';

export type { Build } from './bug.ts';

/** Every planted bug of the reference service. */
export const bugs: readonly Bug[] = [
  staleFollowerRead,
  leaderLocalRead,
  leaseWallClock,
  ackBeforeFsync,
  noDedupOnRetry,
  leaseWithoutFencing,
];

/** The build with these bugs in it. Throws TypeError on a name that no bug has. */
export function plant(names: readonly string[], build: Build): Build {
  return names.reduce((planted, name) => {
    const bug = bugs.find(({ description }) => description.name === name);
    if (bug === undefined) throw new TypeError(`there is no bug "${name}"`);
    return bug.plant(planted);
  }, build);
}
