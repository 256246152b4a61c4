import net from 'node:net';
import { LineSplitter } from './lines.ts';
import { PeerLink } from './peer-link.ts';
import type { Network, NodeId } from './world.ts';

export interface NetworkOptions {
  readonly id: NodeId;
  /** Peers of another cluster are refused (SYSTEMS 15.13). */
  readonly cluster: string;
  /** Where this node dials each peer, `host:port`. */
  readonly peers: Readonly<Record<NodeId, string>>;
  readonly log: (text: string) => void;
}

/** Longer than any message, snapshots included; a peer that sends more is cut off. */
const lineBytesMax = 256 * 2 ** 20;

/**
 * Newline-delimited JSON over TCP, one connection per direction: this node dials and only sends, and listens and only
 * receives. First line `{"hello":{"cluster","from"}}`, then `{"message":...}` lines. A `{"probe":"nonce"}` line is
 * answered at once on the same connection: the one thing that ever flows back. Messages are lost whenever a link is not
 * up or too much is queued on it; consensus tolerates that, and a bounded queue is what keeps a dead peer harmless.
 */
export class TcpNetwork implements Network {
  readonly #options: NetworkOptions;
  readonly #links = new Map<NodeId, PeerLink>();
  readonly #server: net.Server;
  readonly #inbound = new Set<net.Socket>();
  #handler: ((from: NodeId, message: unknown) => void) | undefined;
  /** The last message put into text: a leader sends the same one to several peers in a row. */
  #encoded: { readonly message: unknown; readonly line: string } = { message: undefined, line: '' };

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#server = net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Listens and begins to dial; resolves to the port. */
  async start(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    const { id, cluster, peers, log } = this.#options;
    for (const [peer, address] of Object.entries(peers)) {
      if (peer !== id) this.#links.set(peer, new PeerLink({ address, peer, hello: { cluster, from: id }, log }));
    }
    return (this.#server.address() as net.AddressInfo).port;
  }

  send(to: NodeId, message: unknown): void {
    const link = this.#links.get(to);
    if (!link?.takes()) return;
    if (this.#encoded.message !== message) {
      this.#encoded = { message, line: `{"message":${JSON.stringify(message)}}\n` };
    }
    link.send(this.#encoded.line);
  }

  receive(handler: (from: NodeId, message: unknown) => void): void {
    this.#handler = handler;
  }

  async stop(): Promise<void> {
    for (const link of this.#links.values()) link.close();
    for (const socket of this.#inbound) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: net.Socket): void {
    this.#inbound.add(socket);
    let from: NodeId | undefined;
    const lines = new LineSplitter(lineBytesMax, (line) => {
      if (socket.destroyed) return;
      const received = parseLine(line);
      switch (received?.kind) {
        case 'message':
          if (from === undefined) return this.#refuse(socket, 'a message before the hello line');
          this.#handler?.(from, received.message);
          return;
        case 'probe':
          socket.write(`${JSON.stringify({ probe: received.nonce })}\n`);
          return;
        case 'hello':
          if (received.cluster !== this.#options.cluster) {
            return this.#refuse(socket, `peer ${received.from} belongs to cluster "${received.cluster}"`);
          }
          from = received.from;
          return;
        case undefined:
          return this.#refuse(socket, 'a line that is no hello, message or probe');
      }
    });
    socket.on('data', (chunk: Buffer) => {
      if (!lines.push(chunk)) this.#refuse(socket, `a line of more than ${lineBytesMax} bytes`);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#inbound.delete(socket));
  }

  #refuse(socket: net.Socket, why: string): void {
    this.#options.log(`refused a peer connection from ${socket.remoteAddress}: ${why}`);
    socket.destroy();
  }
}

type Line =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'probe'; readonly nonce: string }
  | { readonly kind: 'hello'; readonly cluster: string; readonly from: NodeId };

function parseLine(line: string): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if ('message' in value) return { kind: 'message', message: value.message };
  if ('probe' in value && typeof value.probe === 'string') return { kind: 'probe', nonce: value.probe };
  if (!('hello' in value) || typeof value.hello !== 'object' || value.hello === null) return undefined;
  const { cluster, from } = value.hello as { cluster?: unknown; from?: unknown };
  return typeof cluster === 'string' && typeof from === 'string' ? { kind: 'hello', cluster, from } : undefined;
}
