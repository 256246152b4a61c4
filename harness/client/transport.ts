import type { HttpRequest, Json } from '../../system-under-test/system.ts';

/** What became of one request, seen from the client's socket. Never rejects: trouble is a value. */
export type Reply =
  /** A complete response. `body` is undefined when it was not valid JSON. */
  | { readonly kind: 'response'; readonly status: number; readonly body: Json | undefined }
  /** No byte of the request left this machine: it certainly did not happen. */
  | { readonly kind: 'not-sent'; readonly error: ClientError; readonly detail: string }
  /** The request may have arrived: it may have happened, or may happen later. */
  | { readonly kind: 'lost'; readonly error: ClientError; readonly detail: string };

export interface SendOptions {
  readonly timeoutMs: number;
  /** How long the client works between deciding to send and sending (a paused client process becomes a zombie here). */
  readonly thinkMs?: number;
}

/** Sends requests of one client to nodes by name. Makes no attempt of its own beyond the first. */
export interface Transport {
  send(node: string, request: HttpRequest, options: SendOptions): Promise<Reply>;
  close(): Promise<void>;
}

/**
 * Every error a client can meet, once, and whether it is definite. In doubt an error is indefinite, which is always
 * sound (SYSTEMS 0.2; the split follows Maelstrom's error table).
 */
export const clientErrors = {
  refused: { definite: true, meaning: 'the connection was refused: nothing listens there' },
  unresolved: { definite: true, meaning: 'the host name has no address' },
  'connect-timeout': { definite: true, meaning: 'no connection within the time limit, so no byte of the request left' },
  unreachable: { definite: true, meaning: 'the operating system has no route to the host' },
  'no-address': { definite: true, meaning: 'the node has no address: it is not running' },
  timeout: { definite: false, meaning: 'no complete answer within the time limit' },
  reset: { definite: false, meaning: 'the connection broke after the request may have left' },
  'bad-response': { definite: false, meaning: 'what came back is not HTTP, or was cut short' },
  'too-large': { definite: false, meaning: 'the answer is larger than a client accepts' },
  'client-gone': { definite: false, meaning: 'the client process died or did not answer' },
} as const satisfies Record<string, { readonly definite: boolean; readonly meaning: string }>;

export type ClientError = keyof typeof clientErrors;

export const broken = (error: ClientError, detail: string): Reply => ({
  kind: clientErrors[error].definite ? 'not-sent' : 'lost',
  error,
  detail,
});
