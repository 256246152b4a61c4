import type { Clock, Disk } from '../world/world.ts';
import type { Bug } from './bug.ts';

/** The flush in the background; NATS 2.12.1 waits two minutes. */
const flushEveryMs = 1000;

export const ackBeforeFsync: Bug = {
  description: {
    name: 'ack-before-fsync',
    defect: 'a node promises what it has not yet written: a crash forgets up to a second of acknowledged entries',
    inspiredBy: 'NATS 2.12.1 flushes every two minutes (jepsen.io/analyses/nats-2.12.1); etcd issues 14370, 14143',
    replaces: 'door disk: sync resolves at once, and a background flush follows',
    options: {},
    caughtBy: { workload: 'set', nemesis: 'kill', checker: 'set-full' },
  },
  plant: (build) => ({ ...build, world: { ...build.world, disk: lazyDisk(build.world.disk, build.world.clock) } }),
};

/** A disk whose `sync` lies; the truth follows every `flushEveryMs`. */
export function lazyDisk(disk: Disk, clock: Clock): Disk {
  let flushing = false;
  const flush = () => {
    flushing = false;
    // A failure shows at the next honest write: this disk keeps quiet about it, as such disks do.
    disk.sync().catch(() => {});
  };
  return {
    readLog: (name) => disk.readLog(name),
    append: (name, record) => disk.append(name, record),
    sync() {
      if (!flushing) clock.after(flushEveryMs, flush);
      flushing = true;
      return Promise.resolve();
    },
    rewriteLog: (name, records) => disk.rewriteLog(name, records),
    readFile: (name) => disk.readFile(name),
    writeFile: (name, bytes) => disk.writeFile(name, bytes),
  };
}
