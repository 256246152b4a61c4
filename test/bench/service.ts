/**
 * How fast the reference service is: three nodes with real fsync, directly connected, asked by this very process over
 * keep-alive HTTP, writes and linearizable reads at 1, 10 and 30 connections to the leader. Where `etcd` is on the PATH
 * the same is asked of three etcd members, round by round in turn, so that both meet the same machine.
 *
 * usage: node test/bench/service.ts [--seconds 2] [--rounds 3] [--json]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { systems } from '../../system-under-test/catalogue.ts';
import type { Json } from '../../system-under-test/system.ts';
import { median, print } from './print.ts';

const { values: args } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(args.seconds);
const rounds = Number(args.rounds);
const connectionCounts = [1, 10, 30] as const;
const keys = 100;

/** One system under load: where its leader listens, and how it is asked. */
interface Contestant {
  readonly name: string;
  readonly leaderUrl: string;
  request(kind: Kind, n: number): { readonly path: string; readonly body: string };
}

const kinds = ['write', 'read'] as const;
type Kind = (typeof kinds)[number];

interface Measurement {
  readonly system: string;
  readonly kind: Kind;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const scratch = mkdtempSync(path.join(tmpdir(), 'faultline-bench-'));
const processes: ChildProcess[] = [];
try {
  const contestants = [await startRaftKv(), ...(await startEtcd())];
  const measurements: Measurement[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) measurements.push(...(await measure(contestant)));
  }
  report(medians(measurements));
} finally {
  for (const child of processes) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(contestant: Contestant): Promise<readonly Measurement[]> {
  const found: Measurement[] = [];
  for (const kind of kinds) {
    for (const connections of connectionCounts) {
      await load(contestant, kind, connections, 0.3);
      const latenciesMs = (await load(contestant, kind, connections, seconds)).sort((left, right) => left - right);
      const at = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)] ?? Number.NaN;
      const perSecond = latenciesMs.length / seconds;
      found.push({ system: contestant.name, kind, connections, perSecond, p50Ms: at(0.5), p99Ms: at(0.99) });
    }
  }
  return found;
}

/** Closed loop: each connection asks again as soon as it is answered. Returns every latency, milliseconds. */
async function load(contestant: Contestant, kind: Kind, connections: number, forSeconds: number): Promise<number[]> {
  const pool = new Pool(contestant.leaderUrl, { connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  const endMs = performance.now() + forSeconds * 1000;
  let n = 0;
  const client = async () => {
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      const { path, body } = contestant.request(kind, n++);
      const reply = await pool.request({ method: 'POST', path, body, headers: { 'content-type': 'application/json' } });
      const text = await reply.body.text();
      if (reply.statusCode !== 200) throw new Error(`${contestant.name} answered ${reply.statusCode}: ${text}`);
      latenciesMs.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  return latenciesMs;
}

async function startRaftKv(): Promise<Contestant> {
  const system = systems['raft-kv']!;
  const members = ['n1', 'n2', 'n3'];
  const ports = await freePorts(6);
  const urls = members.map((id, at) => {
    const launch = {
      id,
      members,
      peers: Object.fromEntries(
        members.flatMap((peer, other) => (peer === id ? [] : [[peer, `127.0.0.1:${ports[other]}`]])),
      ),
      host: '127.0.0.1',
      clientPort: ports[3 + at]!,
      peerPort: ports[at]!,
      dataDirectory: path.join(scratch, id),
      cluster: 'bench',
      seed: 1,
      options: {},
      bugs: [],
      testHooks: false,
    };
    processes.push(spawn(process.execPath, [...system.command(launch)], { stdio: ['pipe', 'ignore', 'inherit'] }));
    return `http://127.0.0.1:${ports[3 + at]}`;
  });
  const leaderUrl = await untilFound(urls, async (url) => {
    const status = system.status((await (await fetch(url + system.statusRequest.path)).json()) as Json);
    return status?.role === 'leader';
  });
  return {
    name: 'raft-kv',
    leaderUrl,
    request(kind, n) {
      const call =
        kind === 'write' ? { f: 'write', key: `k${n % keys}`, value: n } : { f: 'read', key: `k${n % keys}` };
      const { path, body } = system.request(call);
      return { path, body: JSON.stringify(body) };
    },
  };
}

async function startEtcd(): Promise<readonly Contestant[]> {
  const members = ['e1', 'e2', 'e3'];
  const ports = await freePorts(6);
  const peerUrl = (at: number) => `http://127.0.0.1:${ports[at]}`;
  const clientUrl = (at: number) => `http://127.0.0.1:${ports[3 + at]}`;
  const cluster = members.map((name, at) => `${name}=${peerUrl(at)}`).join(',');
  const started = await Promise.all(
    members.map(
      (name, at) =>
        new Promise<boolean>((resolve) => {
          const urls = ['--listen-client-urls', clientUrl(at), '--advertise-client-urls', clientUrl(at)];
          const peers = ['--listen-peer-urls', peerUrl(at), '--initial-advertise-peer-urls', peerUrl(at)];
          const joining = [
            '--initial-cluster',
            cluster,
            '--initial-cluster-state',
            'new',
            '--initial-cluster-token',
            'bench',
          ];
          const timing = ['--heartbeat-interval', '100', '--election-timeout', '1000'];
          const child = spawn(
            'etcd',
            ['--name', name, '--data-dir', path.join(scratch, name), ...urls, ...peers, ...joining, ...timing],
            { stdio: 'ignore' },
          );
          child.once('spawn', () => resolve(true));
          child.once('error', () => resolve(false));
          processes.push(child);
        }),
    ),
  );
  if (started.includes(false)) {
    process.stderr.write('etcd is not on the PATH: measuring raft-kv alone\n');
    return [];
  }
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const leaderUrl = await untilFound(
    members.map((_, at) => clientUrl(at)),
    async (url) => {
      const reply = await fetch(`${url}/v3/maintenance/status`, { method: 'POST', body: '{}' });
      const status = (await reply.json()) as { leader?: string; header?: { member_id?: string } };
      return status.leader !== undefined && status.leader === status.header?.member_id;
    },
  );
  return [
    {
      name: 'etcd',
      leaderUrl,
      request(kind, n) {
        const key = base64(`k${n % keys}`);
        if (kind === 'read') return { path: '/v3/kv/range', body: JSON.stringify({ key }) };
        return { path: '/v3/kv/put', body: JSON.stringify({ key, value: base64(String(n)) }) };
      },
    },
  ];
}

async function untilFound(urls: readonly string[], isLeader: (url: string) => Promise<boolean>): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    for (const url of urls) if (await isLeader(url).catch(() => false)) return url;
    await sleep(100);
  }
  throw new Error(`no leader among ${urls.join(', ')} within 10 s`);
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function medians(all: readonly Measurement[]): readonly Measurement[] {
  const groups = Map.groupBy(all, ({ system, kind, connections }) => `${system} ${kind} ${connections}`);
  return [...groups.values()].map((group) => ({
    ...group[0]!,
    perSecond: Math.round(median(group.map((one) => one.perSecond))),
    p50Ms: Number(median(group.map((one) => one.p50Ms)).toFixed(2)),
    p99Ms: Number(median(group.map((one) => one.p99Ms)).toFixed(2)),
  }));
}

function report(measurements: readonly Measurement[]): void {
  if (args.json) process.stdout.write(`${JSON.stringify({ seconds, rounds, measurements })}\n`);
  else
    print(
      `service: 3 local nodes with real fsync, median of ${rounds} rounds of ${seconds} s`,
      measurements.map((row) => ({ ...row })),
    );
}
