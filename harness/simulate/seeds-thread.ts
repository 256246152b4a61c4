/** A thread that simulates the seeds that it is told, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import type { RunRequest } from '../plan.ts';
import { reportOf } from './one-run.ts';

const request = workerData as RunRequest;

parentPort!.on('message', (seed: number) => {
  void reportOf({ ...request, seed }).then((report) => parentPort!.postMessage(report));
});
