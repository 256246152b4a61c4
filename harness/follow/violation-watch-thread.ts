/** The thread of `violation-watch.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { Follower } from '../../checkers/follow/follower.ts';
import { workloads } from '../workloads/catalogue.ts';
import { followFile } from './follow.ts';
import { followable } from './followable.ts';
import type { WatchOrder, WatchReport } from './violation-watch.ts';

const { path, workload } = workerData as WatchOrder;
const { model, ...options } = followable(workloads.find(({ name }) => name === workload)!.checkers())!.asks;
const follower = new Follower(model, options);
const lost = new AbortController();

await followFile(path, {
  follower,
  signal: lost.signal,
  isOver: () => Promise.resolve(false), // the thread is ended from outside
  onProgress() {
    if (follower.leftBecause !== undefined) lost.abort();
  },
});
const { standing } = follower;
if (standing.kind !== 'pass') {
  const report: WatchReport = { kind: standing.kind === 'violation' ? 'violation' : 'lost', why: standing.why };
  parentPort!.postMessage(report);
}
