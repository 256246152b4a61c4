import type { HttpRequest } from '../../../system-under-test/system.ts';
import { broken, type Reply, type SendOptions, type Transport } from '../../client/transport.ts';
import type { Gate } from './gate.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Simulation } from './simulation.ts';

export interface TransportWorld {
  readonly simulation: Simulation;
  readonly node: (name: string) => SimulatedNode;
  /** How long a message takes, one way, milliseconds. */
  readonly latencyMs: () => number;
  /** Of a client that can be stopped. */
  readonly gate?: Gate;
}

/** One client's requests, with what a socket would let it know: refused, answered, broken off, or nothing in time. */
export class SimulatedTransport implements Transport {
  readonly #world: TransportWorld;

  constructor(world: TransportWorld) {
    this.#world = world;
  }

  send(node: string, request: HttpRequest, { timeoutMs, thinkMs = 0 }: SendOptions): Promise<Reply> {
    return new Promise((resolve) => {
      this.#after(thinkMs, () => this.#begin(node, request, timeoutMs, resolve));
    });
  }

  async close(): Promise<void> {}

  #begin(name: string, request: HttpRequest, timeoutMs: number, resolve: (reply: Reply) => void): void {
    const { simulation, latencyMs, node } = this.#world;
    const late = simulation.after(timeoutMs, () =>
      this.#hears(() => settle(broken('timeout', `no answer within ${timeoutMs} ms`))),
    );
    const settle = (reply: Reply): void => {
      late.cancel();
      resolve(reply);
    };
    const told = (reply: Reply): void => this.#after(latencyMs(), () => settle(reply));
    simulation.after(latencyMs(), () => {
      const asked = node(name);
      if (asked.state === 'gone') {
        told(broken('refused', `${name} refuses connections`));
        return;
      }
      const body = request.body === undefined ? '' : JSON.stringify(request.body);
      asked.ask({ method: request.method, path: request.path, body }, (answer) => {
        if (answer.kind === 'gone') told(broken('reset', `${name} is gone`));
        else told({ kind: 'response', status: answer.status, body: answer.body });
      });
    });
  }

  #after(delayMs: number, run: () => void): void {
    this.#world.simulation.after(delayMs, () => this.#hears(run));
  }

  /** A client that is stopped learns nothing until it goes on. */
  #hears(run: () => void): void {
    if (this.#world.gate === undefined) run();
    else this.#world.gate.pass(run);
  }
}
