import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { LinkProxy } from '../../harness/environments/local/link-proxy.ts';

const host = '127.0.0.1';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** The far node: keeps what it receives and answers `ping` with `pong`. */
async function farNode() {
  const state = { received: '', connections: 0, sockets: new Set<Socket>() };
  const server = net.createServer((socket) => {
    state.connections++;
    state.sockets.add(socket);
    socket.on('data', (bytes) => {
      state.received += bytes.toString();
      if (bytes.toString().includes('ping')) socket.write('pong');
    });
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, host);
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of state.sockets) socket.destroy();
    server.close();
  });
  return { state, address: { host, port: (server.address() as AddressInfo).port } };
}

/** Chance that says what a test wants: the values in turn, then 0.999 for ever. */
const scripted =
  (...values: number[]) =>
  () =>
    values.shift() ?? 0.999;

async function link(random: () => number = scripted()) {
  const far = await farNode();
  const proxy = await LinkProxy.open(host, random);
  proxy.aim(far.address);
  cleanups.unshift(() => proxy.close());
  return { proxy, far: far.state };
}

async function dial(proxy: LinkProxy) {
  const socket = net.connect({ host, port: proxy.port, noDelay: true });
  cleanups.unshift(() => socket.destroy());
  const seen = { answers: '', closed: false };
  socket.on('data', (bytes) => {
    seen.answers += bytes.toString();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    seen.closed = true;
  });
  await once(socket, 'connect');
  return { socket, seen };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 10_000) throw new Error(`never: ${what}`);
    await wait(5);
  }
}

describe('a link', () => {
  test('carries bytes there and the answers back', async () => {
    const { proxy, far } = await link();
    const { socket, seen } = await dial(proxy);
    socket.write('ping');
    await until(() => seen.answers === 'pong', 'an answer');
    expect(far.received).toBe('ping');
    expect(proxy.counters).toEqual({ connections: 1, forwardedBytes: 4, heldBytes: 0 });
  });

  test('to a node that is not running refuses, as the node would', async () => {
    const { proxy } = await link();
    proxy.aim(undefined);
    const { seen } = await dial(proxy);
    await until(() => seen.closed, 'closed');
  });

  test('to a port where nothing listens refuses too', async () => {
    const { proxy } = await link();
    proxy.aim({ host, port: 1 });
    const { seen } = await dial(proxy);
    await until(() => seen.closed, 'closed');
  });

  test('ends with either end', async () => {
    const { proxy, far } = await link();
    const first = await dial(proxy);
    await until(() => far.sockets.size === 1, 'connected');
    for (const socket of far.sockets) socket.destroy();
    await until(() => first.seen.closed, 'closed by the far end');
  });
});

describe('a cut link', () => {
  test('holds bytes on open connections, and the heal delivers them, late and in order', async () => {
    const { proxy, far } = await link();
    const { socket, seen } = await dial(proxy);
    socket.write('a');
    await until(() => far.received === 'a', 'a');
    proxy.cut(true);
    for (const letter of 'bcdef') {
      socket.write(letter);
      await wait(10);
    }
    await wait(150);
    expect(far.received).toBe('a');
    expect(seen.closed).toBe(false);
    proxy.cut(false);
    await until(() => far.received === 'abcdef', 'late bytes');
  });

  test('lets new connections hang until the heal', async () => {
    const { proxy, far } = await link();
    proxy.cut(true);
    const { socket, seen } = await dial(proxy);
    socket.write('ping');
    await wait(150);
    expect({ connections: far.connections, answers: seen.answers, closed: seen.closed }).toEqual({
      connections: 0,
      answers: '',
      closed: false,
    });
    proxy.cut(false);
    await until(() => seen.answers === 'pong', 'the late answer');
  });

  test('holds bytes that were delayed when the cut came', async () => {
    const { proxy, far } = await link();
    const { socket } = await dial(proxy);
    proxy.shape({ delayMs: 60 });
    socket.write('slow');
    await until(() => proxy.counters.heldBytes === 4, 'in the queue');
    proxy.cut(true);
    await wait(150);
    expect(far.received).toBe('');
    proxy.cut(false);
    await until(() => far.received === 'slow', 'late bytes');
  });

  test('hides the death of the far end until the heal', async () => {
    const { proxy, far } = await link();
    const { socket, seen } = await dial(proxy);
    socket.write('x');
    await until(() => far.received === 'x', 'connected');
    proxy.cut(true);
    for (const end of far.sockets) end.destroy();
    await wait(150);
    expect(seen.closed).toBe(false);
    proxy.cut(false);
    await until(() => seen.closed, 'closed after the heal');
  });

  test('still lets answers pass: the other direction is another link', async () => {
    const { proxy, far } = await link();
    const { socket, seen } = await dial(proxy);
    socket.write('x');
    await until(() => far.received === 'x', 'connected');
    proxy.cut(true);
    for (const end of far.sockets) end.write('late answer');
    await until(() => seen.answers === 'late answer', 'the answer');
  });

  test('delivers what a connection wrote before it was closed', async () => {
    const { proxy, far } = await link();
    const { socket } = await dial(proxy);
    socket.write('first ');
    await until(() => far.received === 'first ', 'connected');
    proxy.cut(true);
    socket.end('last words');
    await wait(100);
    proxy.cut(false);
    await until(() => far.received === 'first last words', 'last words');
  });
});

describe('a bad link', () => {
  /** How long a round trip takes at least; that it takes no longer is for a quiet machine to show. */
  async function roundTripMs(
    proxy: LinkProxy,
    socket: Socket,
    seen: { answers: string },
    text: string,
  ): Promise<number> {
    const before = seen.answers.length;
    const beganAtMs = performance.now();
    socket.write(text);
    await until(() => seen.answers.length > before, 'an answer');
    expect(proxy.counters.heldBytes).toBe(0);
    return performance.now() - beganAtMs;
  }

  test('with delay makes bytes wait', async () => {
    const { proxy } = await link();
    const { socket, seen } = await dial(proxy);
    proxy.shape({ delayMs: 120 });
    expect(await roundTripMs(proxy, socket, seen, 'ping')).toBeGreaterThanOrEqual(119);
  });

  test('with loss makes a chunk wait for its retransmissions, and what follows waits with it', async () => {
    // Of the first chunk: no jitter drawn, lost twice, then not; the second is not lost at all.
    const { proxy, far } = await link(scripted(0, 0.1, 0.1, 0.9, 0, 0.9));
    const { socket, seen } = await dial(proxy);
    proxy.shape({ loss: 0.5 });
    const beganAtMs = performance.now();
    socket.write('lost, ');
    await until(() => proxy.counters.heldBytes > 0, 'waiting');
    socket.write('ping');
    await until(() => seen.answers === 'pong', 'the answer');
    expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(399);
    expect(far.received).toBe('lost, ping');
  });

  test('with narrow bandwidth takes its time, over all connections together', async () => {
    const { proxy, far } = await link();
    const first = await dial(proxy);
    const second = await dial(proxy);
    proxy.shape({ bytesPerSecond: 100_000 });
    const beganAtMs = performance.now();
    first.socket.write('a'.repeat(15_000));
    second.socket.write('b'.repeat(15_000));
    await until(() => far.received.length === 30_000, 'all bytes');
    expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(299);
  });

  test('with jitter keeps the order', async () => {
    let draw = 0;
    const { proxy, far } = await link(() => (draw = (draw + 0.37) % 1));
    const { socket } = await dial(proxy);
    proxy.shape({ jitterMs: 40 });
    let sent = '';
    for (let index = 0; index < 40; index++) {
      sent += `${index},`;
      socket.write(`${index},`);
      await wait(2);
    }
    await until(() => far.received.length === sent.length, 'all bytes');
    expect(far.received).toBe(sent);
  });

  test('carries more than it queues', async () => {
    const { proxy, far } = await link();
    const { socket } = await dial(proxy);
    proxy.shape({ delayMs: 50 });
    socket.write('z'.repeat(2_000_000));
    await until(() => far.received.length === 2_000_000, 'all bytes');
  });

  test('that is whole again lets at once go what waited', async () => {
    const { proxy, far } = await link();
    const { socket } = await dial(proxy);
    proxy.shape({ delayMs: 3_600_000 });
    socket.write('stuck');
    await until(() => proxy.counters.heldBytes === 5, 'waiting');
    proxy.shape({});
    await until(() => far.received === 'stuck', 'the bytes');
  });
});
