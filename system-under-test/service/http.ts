import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Api, bodyBytesMax, type Reply } from './api.ts';
import type { Hooks } from './hooks.ts';

/** The HTTP side of a node: keep-alive, bounded, and never silent on a request that has been read. */
export class HttpServer {
  readonly #api: Api;
  readonly #hooks: Hooks | undefined;
  readonly #server: http.Server;

  /** `hooks`, when given, are answered to loopback peers alone. */
  constructor(api: Api, hooks: Hooks | undefined) {
    this.#api = api;
    this.#hooks = hooks;
    this.#server = http.createServer(
      {
        keepAliveTimeout: 60_000,
        requestTimeout: 30_000,
        headersTimeout: 30_000,
        maxHeaderSize: 16_384,
        noDelay: true,
      },
      (request, response) => this.#receive(request, response),
    );
  }

  /** Resolves to the port. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyBytesMax) chunks.push(chunk);
      else if (!response.headersSent) {
        response.setHeader('connection', 'close');
        send(response, this.#api.unreadable(413, 'too-long', `a body has at most ${bodyBytesMax} bytes`));
      }
    });
    request.on('end', () => {
      if (bytes > bodyBytesMax) return;
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      this.#answer(request, body.toString('utf8'), response);
    });
  }

  #answer(request: http.IncomingMessage, body: string, response: http.ServerResponse): void {
    const { method = '', url = '', headers } = request;
    const end = url.indexOf('?');
    const path = end < 0 ? url : url.slice(0, end);
    if (path.startsWith('/test/') && this.#hooks !== undefined && isLoopback(request.socket.remoteAddress)) {
      send(response, this.#hooks.handle(method, path, body));
      return;
    }
    this.#api.answer(method, path, headers, body, (reply) => send(response, reply));
  }
}

function send(response: http.ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
}
