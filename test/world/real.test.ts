import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import { FileDisk } from '../../system-under-test/world/disk.ts';
import { type RealWorld, realWorld } from '../../system-under-test/world/real.ts';
import { type Stage, worldContract } from './contract.ts';
import { scratchDirectory } from './scratch.ts';

describe('the real world keeps the contract', () => worldContract(open));

async function open(): Promise<Stage> {
  const directory = scratchDirectory();
  const [portA, portB] = [await freePort(), await freePort()];
  const peers = { a: `127.0.0.1:${portA}`, b: `127.0.0.1:${portB}` };
  const world = (id: string): RealWorld =>
    realWorld({ id, cluster: 'test', peers, seed: 1, dataDirectory: path.join(directory, id), log: () => {} });
  const [a, b] = [world('a'), world('b')];
  await a.network.start('127.0.0.1', portA);
  await b.network.start('127.0.0.1', portB);
  return {
    a,
    b,
    pass: (ms) => sleep(ms),
    async crashA() {
      a.disk.close();
      return new FileDisk(path.join(directory, 'a'));
    },
    async close() {
      a.disk.close();
      b.disk.close();
      await Promise.all([a.network.stop(), b.network.stop()]);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
