/** A node that starts, listens, takes every connection, and never says a word. */
import { type AddressInfo, createServer } from 'node:net';

const open = () =>
  new Promise<number>((resolve) => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume());
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const [clientPort, peerPort] = [await open(), await open()];
process.stdout.write(`${JSON.stringify({ event: 'listening', clientPort, peerPort })}\n`);
process.stdin.resume().once('end', () => process.exit(0));
