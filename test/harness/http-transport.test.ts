import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpTransport } from '../../harness/client/http-transport.ts';

const servers: Server[] = [];
const transports: HttpTransport[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function transportTo(port: number | undefined): HttpTransport {
  const transport = new HttpTransport(() => (port === undefined ? undefined : { host: '127.0.0.1', port }));
  transports.push(transport);
  return transport;
}

/** A server that reads a request's head and then does as it is told; counts the requests. */
async function raw(behave: (socket: Socket) => void): Promise<{ port: number; requests: () => number }> {
  let requests = 0;
  const port = await listening(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests++;
        behave(socket);
      });
    }),
  );
  return { port, requests: () => requests };
}

const request = { method: 'POST', path: '/v1/write', body: { key: 'x' } } as const;

describe('what certainly did not happen', () => {
  test('a refused connection', async () => {
    const port = await listening(createServer());
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await transportTo(port).send('n1', request, { timeoutMs: 500 })).toMatchObject({
      kind: 'not-sent',
      error: 'refused',
    });
  });

  test('a node without an address', async () => {
    expect(await transportTo(undefined).send('n1', request, { timeoutMs: 500 })).toMatchObject({
      kind: 'not-sent',
      error: 'no-address',
    });
  });
});

describe('what may have happened', () => {
  test.each([
    ['no answer in time', () => undefined, 'timeout'],
    ['a reset after the request', (socket: Socket) => socket.resetAndDestroy(), 'reset'],
    ['a close after the request', (socket: Socket) => socket.end(), 'reset'],
    ['an answer that is no HTTP', (socket: Socket) => socket.end('hello\r\n\r\n'), 'bad-response'],
    [
      'a body cut short',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"ok":'),
      'reset',
    ],
    ['headers that never end', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nx: '), 'timeout'],
    [
      'a body that never ends',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
      'timeout',
    ],
  ])('%s', async (_what, behave, error) => {
    const server = await raw(behave);
    const reply = await transportTo(server.port).send('n1', request, { timeoutMs: 300 });
    expect(reply).toMatchObject({ kind: 'lost', error });
    expect(server.requests()).toBe(1); // sent once, whatever came of it
  });
});

describe('answers', () => {
  test('JSON is parsed, and the connection is used again', async () => {
    let connections = 0;
    const server = createHttpServer((incoming, response) => {
      incoming.resume().on('end', () => response.end(JSON.stringify({ ok: true, path: incoming.url })));
    });
    server.on('connection', () => connections++);
    const transport = transportTo(await listening(server));
    for (let i = 0; i < 5; i++) {
      const reply = await transport.send('n1', request, { timeoutMs: 1000 });
      expect(reply).toEqual({ kind: 'response', status: 200, body: { ok: true, path: '/v1/write' } });
    }
    expect(connections).toBe(1);
  });

  test('what is not JSON has no body', async () => {
    const port = await listening(createHttpServer((_, response) => response.writeHead(502).end('<html>')));
    expect(await transportTo(port).send('n1', request, { timeoutMs: 1000 })).toEqual({
      kind: 'response',
      status: 502,
      body: undefined,
    });
  });

  test('a late answer is not taken for the next request', async () => {
    let count = 0;
    const port = await listening(
      createHttpServer((_, response) => {
        const mine = ++count;
        setTimeout(() => response.end(String(mine)), mine === 1 ? 200 : 0);
      }),
    );
    const transport = transportTo(port);
    expect(await transport.send('n1', request, { timeoutMs: 100 })).toMatchObject({ kind: 'lost', error: 'timeout' });
    expect(await transport.send('n1', request, { timeoutMs: 1000 })).toMatchObject({ body: 2 });
  });
});
