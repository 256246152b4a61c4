import { availableParallelism, freemem, tmpdir } from 'node:os';
import { execa } from 'execa';
import { exitCodes } from '../exit-codes.ts';
import { columns } from './columns.ts';
import type { Command } from './command.ts';

interface Diagnosis {
  readonly what: string;
  readonly state: string;
  readonly fine: boolean;
}

/** `faultline doctor`: what this machine can do, found by trying. */
export const doctor: Command = {
  usage: 'doctor',
  summary: 'try what this machine can do: what works, what is missing',
  options: (argv) => argv,
  async run() {
    const found = await Promise.all([node(), machine(), signals(), loopback(), disk()]);
    process.stdout.write(columns(found.map(({ what, state, fine }) => [`${fine ? 'ok  ' : 'no  '} ${what}`, state])));
    return found.every(({ fine }) => fine) ? exitCodes.pass : exitCodes.error;
  },
};

async function node(): Promise<Diagnosis> {
  const fine = Number(process.versions.node.split('.')[0]) >= 24;
  return { what: 'node', state: `${process.version}${fine ? '' : ': Node 24 is needed; npm ci brings it'}`, fine };
}

async function machine(): Promise<Diagnosis> {
  const freeMiB = Math.round(freemem() / 2 ** 20);
  // A node of the reference system takes about 70 MiB.
  const fine = freeMiB > 600;
  return {
    what: 'machine',
    state: `${availableParallelism()} cores, ${freeMiB} MiB free${fine ? '' : '; five nodes need about 600 MiB'}`,
    fine,
  };
}

/** kill, pause and resume: needs no privilege, but must be seen. */
async function signals(): Promise<Diagnosis> {
  const { processState } = await import('../environments/local/process-table.ts');
  const child = execa(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { reject: false });
  try {
    child.kill('SIGSTOP');
    const stopped = await eventually(() => processState(child.pid!) === 'stopped');
    child.kill('SIGCONT');
    const running = await eventually(() => processState(child.pid!) === 'running');
    return {
      what: 'kill, pause',
      state: stopped && running ? 'a child was stopped and resumed' : 'a stopped child does not look stopped',
      fine: stopped && running,
    };
  } finally {
    child.kill('SIGKILL');
    await child;
  }
}

async function eventually(condition: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

/** partition, link: a proxy between two sockets of this machine. */
async function loopback(): Promise<Diagnosis> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) =>
      resolve({ what: 'partition, link', state: `cannot listen on loopback: ${error.message}`, fine: false }),
    );
    server.listen(0, '127.0.0.1', () =>
      server.close(() => resolve({ what: 'partition, link', state: 'proxies can listen on loopback', fine: true })),
    );
  });
}

async function disk(): Promise<Diagnosis> {
  const { mkdtemp, open, rm } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const directory = await mkdtemp(join(tmpdir(), 'faultline-doctor-'));
  try {
    const file = await open(join(directory, 'sync'), 'w');
    const began = performance.now();
    for (let i = 0; i < 20; i++) {
      await file.write('x');
      await file.datasync();
    }
    const ms = (performance.now() - began) / 20;
    await file.close();
    return { what: 'disk', state: `a synced write takes ${ms.toFixed(2)} ms in ${tmpdir()}`, fine: true };
  } catch (error) {
    return { what: 'disk', state: `cannot write to ${tmpdir()}: ${(error as Error).message}`, fine: false };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
