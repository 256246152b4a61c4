import net from 'node:net';
import type { NodeId } from './world.ts';

export interface PeerLinkOptions {
  readonly peer: NodeId;
  readonly address: string;
  readonly hello: { readonly cluster: string; readonly from: NodeId };
  readonly log: (text: string) => void;
}

const redialMs = 50;
const checkMs = 500;
/** Checks that may go by without an answer of the peer: 3 s, longer than any delay at which consensus still works. */
const silentChecksMax = 6;
/** Above this much unsent data the link takes nothing more; one message of any size always fits. */
const queuedBytesMax = 8 * 2 ** 20;

/**
 * The outgoing half of the connection to one peer. It counts as up once the peer has answered a probe: a proxy, or the
 * kernel of a stopped process, accepts connections that nobody reads. A peer that stops answering is dialled anew, since
 * TCP alone would go on waiting ever longer between its resends and delay recovery after a partition has healed.
 */
export class PeerLink {
  readonly #options: PeerLinkOptions;
  #socket: net.Socket | undefined;
  #up = false;
  #closed = false;
  #lines: string[] = [];
  #flushing = false;
  #silentChecks = 0;
  readonly #checking: NodeJS.Timeout;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.#checking = setInterval(() => this.#check(), checkMs);
    this.#dial();
  }

  /** Whether a message sent now has a chance to arrive. */
  takes(): boolean {
    return this.#up && (this.#socket?.writableLength ?? 0) <= queuedBytesMax;
  }

  /** Queues a line; all lines of one turn of the event loop leave in one write. */
  send(line: string): void {
    this.#lines.push(line);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => this.#flush());
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#checking);
    this.#socket?.destroy();
  }

  #flush(): void {
    this.#flushing = false;
    const lines = this.#lines;
    this.#lines = [];
    if (this.#up) this.#socket?.write(lines.length === 1 ? (lines[0] as string) : lines.join(''));
  }

  #dial(): void {
    if (this.#closed) return;
    const { host, port } = parseAddress(this.#options.address);
    const socket = net.connect({ host, port, noDelay: true });
    this.#socket = socket;
    this.#silentChecks = 0;
    socket.once('connect', () => {
      socket.write(`${JSON.stringify({ hello: this.#options.hello })}\n`);
      this.#probe();
    });
    socket.on('data', () => this.#answered());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (this.#up) this.#options.log(`lost the link to ${this.#options.peer}`);
      this.#up = false;
      setTimeout(() => this.#dial(), redialMs);
    });
  }

  #answered(): void {
    this.#silentChecks = 0;
    if (this.#up) return;
    this.#up = true;
    this.#options.log(`link to ${this.#options.peer} is up`);
  }

  /** Counts turns rather than time, so that a pause of this very process is not taken for the peer's silence. */
  #check(): void {
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    this.#silentChecks++;
    if (this.#silentChecks > (socket.connecting ? 2 : silentChecksMax)) socket.destroy();
    else if (!socket.connecting) this.#probe();
  }

  #probe(): void {
    this.#socket?.write('{"probe":"alive"}\n');
  }
}

/** Splits `host:port`; IPv6 hosts come in brackets. Throws TypeError on anything else. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const parts = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address);
  const port = Number(parts?.[3]);
  const host = parts?.[1] ?? parts?.[2];
  if (host === undefined || !(port <= 65535)) throw new TypeError(`an address is host:port, not "${address}"`);
  return { host, port };
}
