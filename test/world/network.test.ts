import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { LineSplitter } from '../../system-under-test/world/lines.ts';
import { TcpNetwork } from '../../system-under-test/world/network.ts';
import { parseAddress } from '../../system-under-test/world/peer-link.ts';

test('lines come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat({ max: 30 })), (lines, cuts) => {
      const sent = lines.map((line) => line.replaceAll('\n', ' '));
      const bytes = Buffer.from(sent.map((line) => `${line}\n`).join(''));
      const got: string[] = [];
      const splitter = new LineSplitter(1e6, (line) => got.push(line));
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        expect(splitter.push(bytes.subarray(at, at + cut))).toBe(true);
        at += cut;
      }
      expect(got).toEqual(sent);
    }),
    { seed: 21, numRuns: 500 },
  );
});

test.each([[['x'.repeat(11)]], [['xxxxxx', 'xxxxx']], [['xxxxxx', 'xxxxx\n']], [[`${'x'.repeat(11)}\n`]]])(
  'a line beyond the limit is refused: %j',
  (chunks) => {
    const splitter = new LineSplitter(10, () => {});
    expect(chunks.map((chunk) => splitter.push(Buffer.from(chunk))).at(-1)).toBe(false);
  },
);

test('an address is host:port', () => {
  expect(parseAddress('127.0.0.1:80')).toEqual({ host: '127.0.0.1', port: 80 });
  expect(parseAddress('[::1]:80')).toEqual({ host: '::1', port: 80 });
  for (const wrong of ['', 'host', ':80', 'host:', 'host:99999', '::1:80'])
    expect(() => parseAddress(wrong)).toThrow(TypeError);
});

/** A listening node `a` without peers, what it received and logged, and a raw connection to its port. */
async function listening() {
  const logged: string[] = [];
  const received: unknown[] = [];
  const network = new TcpNetwork({ id: 'a', cluster: 'right', peers: {}, log: (line) => logged.push(line) });
  network.receive((from, message) => received.push([from, message]));
  const port = await network.start('127.0.0.1', 0);
  const socket = net.connect(port, '127.0.0.1');
  let answered = '';
  let closed = false;
  socket.on('data', (chunk) => {
    answered += chunk;
  });
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  onTestFinished(async () => {
    socket.destroy();
    await network.stop();
  });
  return { socket, received, logged, answered: () => answered, closed: () => closed };
}

test('a probe is answered, with or without a hello before it', async () => {
  const { socket, answered } = await listening();
  socket.write('{"probe":"n1"}\n{"hello":{"cluster":"right","from":"b"}}\n{"probe":"n2"}\n');
  await expect.poll(answered).toBe('{"probe":"n1"}\n{"probe":"n2"}\n');
});

test('a peer of another cluster is cut off before its messages count', async () => {
  const { socket, received, closed, logged } = await listening();
  socket.write('{"hello":{"cluster":"wrong","from":"b"}}\n{"message":1}\n');
  await expect.poll(closed).toBe(true);
  expect(received).toEqual([]);
  expect(logged.join()).toContain('belongs to cluster "wrong"');
});

test.each(['{"message":1}\n', 'GET / HTTP/1.1\r\n\r\n', '{"hello":7}\n', 'null\n'])(
  '%j as first line is refused',
  async (line) => {
    const { socket, received, closed } = await listening();
    socket.write(line);
    await expect.poll(closed).toBe(true);
    expect(received).toEqual([]);
  },
);

test('a peer that comes back is reached again', async () => {
  const first = new TcpNetwork({ id: 'b', cluster: 'c', peers: {}, log: () => {} });
  const port = await first.start('127.0.0.1', 0);
  const a = new TcpNetwork({ id: 'a', cluster: 'c', peers: { b: `127.0.0.1:${port}` }, log: () => {} });
  await a.start('127.0.0.1', 0);
  onTestFinished(() => a.stop());
  await first.stop();
  const second = new TcpNetwork({ id: 'b', cluster: 'c', peers: {}, log: () => {} });
  onTestFinished(() => second.stop());
  const received: unknown[] = [];
  second.receive((_, message) => received.push(message));
  await second.start('127.0.0.1', port);
  await expect
    .poll(
      () => {
        a.send('b', 'hello again');
        return received.length;
      },
      { timeout: 5000 },
    )
    .toBeGreaterThan(0);
});

test('a peer that accepts but never answers is not sent to: nothing queues for it', async () => {
  let bytes = 0;
  const mute = net.createServer((socket) =>
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('error', () => {}),
  );
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as net.AddressInfo;
  const a = new TcpNetwork({ id: 'a', cluster: 'c', peers: { b: `127.0.0.1:${port}` }, log: () => {} });
  await a.start('127.0.0.1', 0);
  onTestFinished(async () => {
    await a.stop();
    mute.close();
  });
  await sleep(200);
  for (let n = 0; n < 1000; n++) a.send('b', 'x'.repeat(1000));
  await sleep(100);
  expect(bytes).toBeLessThan(1000);
});
