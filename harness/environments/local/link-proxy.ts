/**
 * One direction between two nodes: a TCP proxy that `from` dials instead of `to`. What it does to bytes is what a bad
 * network does to a byte stream:
 *
 * - cut: nothing more is read or forwarded, connections stay, new ones hang. After the heal the bytes that waited
 *   flow: late messages are legal, and nasty;
 * - delay and jitter: bytes wait, in order;
 * - loss: a chunk waits for its retransmission, and all that came after it waits with it, as in TCP;
 * - bandwidth: all connections of the link share it.
 *
 * The answers on the same connection pass untouched: nodes only send on connections that they dialled, so that nothing
 * but the answer to a probe ever flows back.
 */
import net from 'node:net';
import type { LinkQuality } from '../../../nemesis/cluster.ts';
import type { Address } from '../../client/http-transport.ts';

/** Linux waits at least so long before it sends a lost segment again. */
const retransmissionMs = 200;
/** A chunk is not lost more often than this in a row. */
const lossesMost = 5;
/** Above this a connection is not read from until some has flowed off. */
const queueBytesMost = 256 * 1024;

export interface LinkCounters {
  readonly connections: number;
  readonly forwardedBytes: number;
  /** Bytes that wait in the proxy now; those that the kernel holds for it are not among them. */
  readonly heldBytes: number;
}

export class LinkProxy {
  readonly #server: net.Server;
  readonly #flows = new Set<Flow>();
  readonly #random: () => number;
  #connections = 0;
  #forwardedBytes = 0;
  #target: Address | undefined;
  #cut = false;
  #quality: LinkQuality = {};
  #freeAtMs = 0;

  private constructor(server: net.Server, random: () => number) {
    this.#server = server;
    this.#random = random;
    server.on('connection', (socket) => this.#admit(socket));
  }

  /** Listens on a port of the operating system's choice, so that no two runs clash. */
  static async open(host: string, random: () => number): Promise<LinkProxy> {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    const proxy = new LinkProxy(server, random);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host, resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  get counters(): LinkCounters {
    const heldBytes = [...this.#flows].reduce((sum, flow) => sum + flow.heldBytes, 0);
    return { connections: this.#connections, forwardedBytes: this.#forwardedBytes, heldBytes };
  }

  /** Where new connections lead; undefined while `to` is not running: they are refused, as by a dead node. */
  aim(target: Address | undefined): void {
    this.#target = target;
  }

  cut(on: boolean): void {
    if (this.#cut === on) return;
    this.#cut = on;
    for (const flow of this.#flows) flow.cutChanged();
  }

  /** Bytes that wait under an earlier quality keep their time, unless the link is whole again: then they flow at once. */
  shape(quality: LinkQuality): void {
    this.#quality = quality;
    this.#freeAtMs = 0;
    if (Object.keys(quality).length > 0) return;
    for (const flow of this.#flows) flow.hurry();
  }

  async close(): Promise<void> {
    for (const flow of this.#flows) flow.end();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #admit(socket: net.Socket): void {
    this.#connections++;
    const flow: Flow = new Flow(socket, {
      isCut: () => this.#cut,
      target: () => this.#target,
      dueMs: (bytes, nowMs) => this.#dueMs(bytes, nowMs),
      forwarded: (bytes) => {
        this.#forwardedBytes += bytes;
      },
      ended: () => this.#flows.delete(flow),
    });
    this.#flows.add(flow);
    flow.begin();
  }

  /** When bytes that arrive now come out at the other end, apart from those before them. */
  #dueMs(bytes: number, nowMs: number): number {
    const { delayMs = 0, jitterMs = 0, loss = 0, bytesPerSecond } = this.#quality;
    let dueMs = nowMs;
    if (bytesPerSecond !== undefined) {
      this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (1000 * bytes) / bytesPerSecond;
      dueMs = this.#freeAtMs;
    }
    dueMs += delayMs + jitterMs * this.#random();
    for (let lost = 0; lost < lossesMost && this.#random() < loss; lost++) dueMs += retransmissionMs;
    return dueMs;
  }
}

interface LinkView {
  isCut(): boolean;
  target(): Address | undefined;
  dueMs(bytes: number, nowMs: number): number;
  forwarded(bytes: number): void;
  ended(): void;
}

/** One connection over the link. */
class Flow {
  readonly #from: net.Socket;
  readonly #link: LinkView;
  readonly #queue: { readonly bytes: Buffer; dueMs: number }[] = [];
  #to: net.Socket | undefined;
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #fromEnded = false;
  #toBlocked = false;
  /** The far end closed while the link was cut: the near end must not learn of it before the heal. */
  #toGone = false;
  #over = false;

  constructor(from: net.Socket, link: LinkView) {
    this.#from = from;
    this.#link = link;
    from.on('data', (bytes) => this.#arrive(bytes as Buffer));
    from.on('end', () => {
      this.#fromEnded = true;
      this.#pump();
    });
    from.on('error', () => this.end());
    from.on('close', () => this.end());
    from.pause();
  }

  get heldBytes(): number {
    return this.#queuedBytes + this.#from.readableLength;
  }

  /** A connection that arrives during a cut hangs until the heal. */
  begin(): void {
    if (this.#over || this.#to !== undefined || this.#link.isCut()) return;
    const target = this.#link.target();
    if (target === undefined) {
      this.end();
      return;
    }
    const to = net.connect({ ...target, noDelay: true, allowHalfOpen: true });
    this.#to = to;
    to.on('data', (bytes) => this.#from.write(bytes));
    to.on('end', () => this.#farEnd(() => this.#from.end()));
    to.on('drain', () => {
      this.#toBlocked = false;
      this.#pump();
    });
    to.on('error', () => this.#farEnd(() => this.end()));
    to.on('close', () => this.#farEnd(() => this.end()));
    this.#from.resume();
  }

  cutChanged(): void {
    if (this.#link.isCut()) {
      clearTimeout(this.#timer);
      this.#from.pause();
    } else if (this.#toGone) {
      this.end();
    } else if (this.#to === undefined) {
      this.begin();
    } else {
      this.#pump();
    }
  }

  hurry(): void {
    for (const chunk of this.#queue) chunk.dueMs = 0;
    this.#pump();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#from.destroy();
    this.#to?.destroy();
    this.#link.ended();
  }

  #farEnd(act: () => void): void {
    if (this.#link.isCut()) this.#toGone = true;
    else act();
  }

  #arrive(bytes: Buffer): void {
    // What is due earlier than the bytes before it waits for them: only the head of the queue is ever looked at.
    this.#queue.push({ bytes, dueMs: this.#link.dueMs(bytes.length, performance.now()) });
    this.#queuedBytes += bytes.length;
    this.#pump();
  }

  /** Forwards what is due, then waits for the next. */
  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#over || this.#to === undefined || this.#link.isCut()) return;
    const nowMs = performance.now();
    for (let head = this.#queue[0]; head !== undefined && !this.#toBlocked; head = this.#queue[0]) {
      if (head.dueMs > nowMs) {
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(head.dueMs - nowMs));
        break;
      }
      this.#queue.shift();
      this.#queuedBytes -= head.bytes.length;
      this.#link.forwarded(head.bytes.length);
      this.#toBlocked = !this.#to.write(head.bytes);
    }
    if (this.#fromEnded && this.#queue.length === 0) this.#to.end();
    if (this.#queuedBytes > queueBytesMost) this.#from.pause();
    else if (!this.#fromEnded) this.#from.resume();
  }
}
