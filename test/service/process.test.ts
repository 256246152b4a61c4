import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systems } from '../../system-under-test/catalogue.ts';
import type { Announcement, Answer, Call, HttpRequest, Json, NodeStatus } from '../../system-under-test/system.ts';
import { scratchDirectory } from '../world/scratch.ts';

const raftKv = systems['raft-kv']!;
const members = ['n1', 'n2', 'n3'];

/** Three node processes of this test, on ports of their own. */
class Processes {
  readonly #directory = scratchDirectory();
  readonly #running = new Map<string, { readonly child: ChildProcess; readonly url: string }>();
  #peerPorts: readonly number[] = [];

  static async start(): Promise<Processes> {
    const processes = new Processes();
    onTestFinished(() => processes.end());
    processes.#peerPorts = await freePorts(members.length);
    await Promise.all(members.map((id) => processes.start(id)));
    return processes;
  }

  async start(id: string): Promise<void> {
    const peers = members
      .map((peer, at) => [peer, `127.0.0.1:${this.#peerPorts[at]}`] as const)
      .filter(([peer]) => peer !== id);
    const [script, ...args] = raftKv.command({
      id,
      members,
      peers: Object.fromEntries(peers),
      host: '127.0.0.1',
      clientPort: 0,
      peerPort: this.#peerPorts[members.indexOf(id)]!,
      dataDirectory: path.join(this.#directory, id),
      cluster: 'test',
      seed: 1,
      options: { 'snapshot-entries': '50' },
      bugs: [],
      testHooks: true,
    });
    const child = spawn(process.execPath, [script!, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
    const { clientPort } = await announcement(child);
    this.#running.set(id, { child, url: `http://127.0.0.1:${clientPort}` });
  }

  async send(
    id: string,
    { method, path: to, body }: HttpRequest,
  ): Promise<{ readonly status: number; readonly body: Json }> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await fetch(this.url(id) + to, { method, ...sent });
    return { status: reply.status, body: (await reply.json()) as Json };
  }

  async call(id: string, call: Call): Promise<Answer> {
    const { status, body } = await this.send(id, raftKv.request(call));
    return raftKv.answer(call, status, body);
  }

  async status(id: string): Promise<NodeStatus> {
    return raftKv.status((await this.send(id, raftKv.statusRequest)).body)!;
  }

  async leader(): Promise<string> {
    for (let tries = 0; tries < 300; tries++) {
      for (const id of this.#running.keys()) if ((await this.status(id)).role === 'leader') return id;
      await sleep(50);
    }
    throw new Error('no leader within 15 s');
  }

  /** Repeats a call that is refused definitely, as while there is no leader. */
  async eventually(id: string, call: Call): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      const answer = await this.call(id, call);
      if (answer.kind !== 'failed' || tries > 200) return answer;
      await sleep(50);
    }
  }

  url(id: string): string {
    return this.#running.get(id)!.url;
  }

  peerPort(id: string): number {
    return this.#peerPorts[members.indexOf(id)]!;
  }

  async kill(id: string): Promise<void> {
    const { child } = this.#running.get(id)!;
    this.#running.delete(id);
    child.kill('SIGKILL');
    await gone(child);
  }

  /** Closes the node's standard input, or sends it a signal, and returns its exit code. */
  async ends(id: string, how: 'stdin' | 'SIGTERM'): Promise<number | null> {
    const { child } = this.#running.get(id)!;
    this.#running.delete(id);
    if (how === 'stdin') child.stdin!.end();
    else child.kill(how);
    await gone(child);
    return child.exitCode;
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.kill(id)));
  }
}

describe('three real processes', () => {
  test('serve every kind of operation, survive kill -9 of the leader and of all, and end when asked', async () => {
    const cluster = await Processes.start();
    const leader = await cluster.leader();
    const follower = members.find((id) => id !== leader)!;
    const on = (call: Call) => cluster.eventually(follower, call);

    expect(await on({ f: 'write', key: 'x', value: 1 })).toEqual({ kind: 'ok' });
    expect(await on({ f: 'read', key: 'x' })).toEqual({ kind: 'ok', value: 1 });
    expect(await on({ f: 'cas', key: 'x', value: [1, 2] })).toEqual({ kind: 'ok', result: true });
    expect(await on({ f: 'cas', key: 'x', value: [1, 3] })).toEqual({ kind: 'ok', result: false });
    expect(
      await on({
        f: 'txn',
        value: [
          ['r', 'x', null],
          ['w', 'y', 5],
        ],
      }),
    ).toEqual({
      kind: 'ok',
      value: [
        ['r', 'x', 2],
        ['w', 'y', 5],
      ],
    });
    expect(await on({ f: 'delete', key: 'y' })).toEqual({ kind: 'ok', result: true });
    expect(await on({ f: 'acquire', key: 'l', value: { owner: 'a', ttlMs: 30_000 } })).toEqual({
      kind: 'ok',
      result: 1,
    });
    expect(await on({ f: 'acquire', key: 'l', value: { owner: 'b', ttlMs: 30_000 } })).toEqual({
      kind: 'ok',
      result: false,
    });
    expect(await on({ f: 'fenced-write', key: 'r', value: { token: 1, value: 9 } })).toEqual({
      kind: 'ok',
      result: true,
    });
    for (let n = 0; n < 120; n++) {
      expect(await on({ f: 'add', key: 's', value: n, object: 'set' })).toEqual({ kind: 'ok' });
    }
    const all = Array.from({ length: 120 }, (_, n) => n);

    await cluster.kill(leader);
    expect(await cluster.eventually(follower, { f: 'read', key: 's', object: 'set' })).toEqual({
      kind: 'ok',
      value: all,
    });
    expect(await cluster.eventually(follower, { f: 'write', key: 'x', value: 7 })).toEqual({ kind: 'ok' });
    await cluster.start(leader);
    expect(await cluster.eventually(leader, { f: 'read', key: 'x' })).toEqual({ kind: 'ok', value: 7 });

    await Promise.all(members.map((id) => cluster.kill(id)));
    await Promise.all(members.map((id) => cluster.start(id)));
    await cluster.leader();
    for (const id of members) {
      expect(await cluster.eventually(id, { f: 'read', key: 's', object: 'set' })).toEqual({ kind: 'ok', value: all });
      expect(await cluster.eventually(id, { f: 'read', key: 'x' })).toEqual({ kind: 'ok', value: 7 });
    }
    expect(await on({ f: 'release', key: 'l', value: { owner: 'a', token: 1 } })).toEqual({ kind: 'ok', result: true });
    expect(await on({ f: 'acquire', key: 'l', value: { owner: 'b', ttlMs: 30_000 } })).toEqual({
      kind: 'ok',
      result: 2,
    });
    await expect
      .poll(
        async () =>
          new Set((await Promise.all(members.map((id) => cluster.status(id)))).map((s) => `${s.applied} ${s.digest}`))
            .size,
        { timeout: 10_000 },
      )
      .toBe(1);

    expect(await cluster.ends('n1', 'stdin')).toBe(0);
    expect(await cluster.ends('n2', 'SIGTERM')).toBe(0);
  });

  test('hooks bend clocks and slow the disk, probes are answered, and nonsense gets an answer', async () => {
    const cluster = await Processes.start();
    await cluster.leader();
    const hooks = raftKv.hooks!;
    const wallOffset = async () => (await cluster.status('n1')).clocks.wallMs - Date.now();
    expect((await cluster.send('n1', hooks.clockJump(-100_000))).status).toBe(200);
    expect(await wallOffset()).toBeLessThan(-90_000);
    expect((await cluster.send('n1', hooks.clockReset())).status).toBe(200);
    expect(Math.abs(await wallOffset())).toBeLessThan(10_000);
    expect((await cluster.send('n1', hooks.clockRate(1.05))).status).toBe(200);
    expect((await cluster.send('n1', { method: 'POST', path: '/test/clock', body: { rate: 0 } })).status).toBe(400);
    expect(
      (await cluster.send('n1', { method: 'POST', path: '/test/clock', body: { jumpMs: 1, rate: 1 } })).status,
    ).toBe(400);
    for (const id of members) expect((await cluster.send(id, hooks.slowSync(30))).status).toBe(200);
    for (let n = 0; n < 40; n++) await cluster.eventually('n1', { f: 'write', key: 'x', value: n });
    expect((await cluster.status(await cluster.leader())).syncMs).toBeGreaterThanOrEqual(29);

    const { request, reply } = raftKv.linkProbe!('nonce-1');
    expect(await firstBytes(cluster.peerPort('n2'), request)).toContain(reply);

    const post = (body: string, headers = {}) =>
      fetch(`${cluster.url('n1')}/v1/write`, { method: 'POST', body, headers });
    for (const [body, status] of [
      ['{', 400],
      ['', 400],
      ['x'.repeat(2 ** 20 + 1), 413],
    ] as const) {
      const answer = await post(body);
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({ ok: false, error: { definite: true } });
    }
    expect((await post('{"key":"x","value":1}', { 'x-faultline-cluster': 'other' })).status).toBe(409);
    expect(await firstBytes(Number(new URL(cluster.url('n1')).port), 'NONSENSE\r\n\r\n')).toContain('400 Bad Request');
  });
});

test('bad usage exits 64 and says what is right', async () => {
  const main = path.join(import.meta.dirname, '../../system-under-test/service/main.ts');
  const child = spawn(process.execPath, [main, '--id', 'n1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await gone(child);
  expect(child.exitCode).toBe(64);
  expect(said).toContain('--members is missing');
  expect(said).toContain('usage: node');
});

function announcement(child: ChildProcess): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))) as Announcement);
    });
    child.once('exit', (code) => reject(new Error(`the node ended with ${code} before it listened`)));
  });
}

function gone(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}

function firstBytes(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.once('data', (chunk) => {
      resolve(String(chunk));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
  });
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
