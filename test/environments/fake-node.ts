/** A node that keeps the process contract and does nothing else: announces itself, answers probes, status and hooks. */
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Json, NodeLaunch } from '../../system-under-test/system.ts';

const launch = JSON.parse(process.argv[2] ?? '') as NodeLaunch;
const { id, cluster, host, options } = launch;
console.error(`${id} started`);
process.stdin.on('end', () => process.exit(0)).resume();
if (options.dies === id) {
  console.error(`${id} cannot read its disk`);
  process.exit(3);
}

const clock = { offsetMs: 0, rate: 1, skewMs: 0, bentAtMs: performance.now() };
let slowSyncMs = 0;
const skew = (): number => clock.skewMs + (clock.rate - 1) * (performance.now() - clock.bentAtMs);

function setRate(rate: number): void {
  clock.skewMs = skew();
  clock.bentAtMs = performance.now();
  clock.rate = rate;
}

function answer(path: string, body: Record<string, number | boolean>): Json {
  if (path === '/v1/status') {
    return {
      ...{
        id,
        cluster,
        role: id === 'n1' ? 'leader' : 'follower',
        term: 1,
        leader: 'n1',
        commit: 0,
        applied: 0,
        digest: '',
      },
      clocks: { monotonicMs: performance.now() + skew(), wallMs: Date.now() + skew() + clock.offsetMs },
      // A disk that syncs all the time.
      syncMs: slowSyncMs + 0.1 + Math.random() / 100,
    };
  }
  if (path === '/test/crash') process.exit(7);
  if (path === '/test/disk') slowSyncMs = Number(body.slowSyncMs);
  if (path === '/test/clock') {
    if (typeof body.rate === 'number') setRate(body.rate);
    if (typeof body.jumpMs === 'number') clock.offsetMs += body.jumpMs;
    if (body.reset === true) {
      setRate(1);
      clock.offsetMs = -clock.skewMs;
    }
  }
  return {};
}

const clients = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, number | boolean>;
  response.end(JSON.stringify(answer(request.url ?? '', body)));
});

const peers = net.createServer((socket) => {
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket }).on('line', (line) => socket.write(`${line}\n`));
});

await new Promise<void>((resolve) => clients.listen(launch.clientPort, host, resolve));
await new Promise<void>((resolve) => peers.listen(launch.peerPort, host, resolve));
if (options.mute !== id) {
  const clientPort = (clients.address() as AddressInfo).port;
  console.log(JSON.stringify({ event: 'listening', clientPort, peerPort: (peers.address() as AddressInfo).port }));
}
