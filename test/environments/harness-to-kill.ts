/** A harness that starts a cluster, pauses a node, says so, and then waits to be killed. */
import { join } from 'node:path';
import { localEnvironment } from '../../harness/environments/local/local.ts';
import { fakeSystem } from './fake-system.ts';

const directory = process.argv[2] ?? '';
const plan = {
  ...{ system: fakeSystem, nodes: ['n1', 'n2', 'n3'], options: {}, bugs: [], seed: 1, clientProcesses: 2 },
  ...{ runDirectory: join(directory, 'run'), storeDirectory: join(directory, 'store') },
};
const { cluster } = await localEnvironment().start(plan, new AbortController().signal);
await cluster.processes?.pause('n2');
await cluster.clientProcesses?.pause('c1');
console.log('ready');
