/**
 * Asks whether bytes get through a link, the way a peer's bytes would: over a connection to the link's own proxy, to
 * the peer port of the node at its other end, and back.
 */
import net from 'node:net';
import type { Address } from '../../client/http-transport.ts';

export interface Question {
  readonly address: Address;
  readonly request: string;
  /** Bytes that the answer contains. */
  readonly reply: string;
  readonly limitMs: number;
}

export type ProbeAnswer =
  | { readonly kind: 'answered'; readonly roundTripMs: number }
  | { readonly kind: 'silent'; readonly how: string }
  /** The connection was refused or closed: bytes got somewhere, or the far end is dead; neither cut nor through. */
  | { readonly kind: 'closed'; readonly how: string };

export function ask({ address, request, reply, limitMs }: Question): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const beganAtMs = performance.now();
    const socket = net.connect({ ...address, noDelay: true });
    let seen = '';
    const settle = (answer: ProbeAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    // An answer may be waiting in the socket when a busy process gets round to its timers: sockets are read once more
    // (the poll phase lies between a timer and an immediate) before silence is called silence.
    const timer = setTimeout(
      () => setImmediate(() => settle({ kind: 'silent', how: `no answer within ${Math.round(limitMs)} ms` })),
      limitMs,
    );
    socket.on('connect', () => socket.write(request));
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1');
      if (seen.includes(reply)) settle({ kind: 'answered', roundTripMs: performance.now() - beganAtMs });
    });
    socket.on('error', (error) => settle({ kind: 'closed', how: error.message }));
    socket.on('close', () => settle({ kind: 'closed', how: 'the connection was closed without an answer' }));
  });
}
