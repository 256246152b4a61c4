/**
 * One client as an operating-system process, so that the nemesis can stop it between deciding and acting. It performs
 * requests that it is told over its IPC channel, one `Order` each, and answers each with a `Report`. It ends with its
 * parent.
 */
import type { HttpRequest } from '../../system-under-test/system.ts';
import { type Address, HttpTransport } from './http-transport.ts';
import type { Reply, SendOptions } from './transport.ts';

export interface Order {
  readonly id: number;
  readonly address: Address;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: HttpRequest;
  readonly options: SendOptions;
}

export interface Report {
  readonly id: number;
  readonly reply: Reply;
}

const transports = new Map<string, HttpTransport>();

process.on('disconnect', () => process.exit(0));
process.on('message', (order: Order) => {
  void perform(order).then((report) => process.send?.(report));
});

async function perform({ id, address, headers, request, options }: Order): Promise<Report> {
  const origin = `${address.host}:${address.port}`;
  let transport = transports.get(origin);
  if (transport === undefined) {
    transport = new HttpTransport(() => address, headers);
    transports.set(origin, transport);
  }
  return { id, reply: await transport.send(origin, request, options) };
}
