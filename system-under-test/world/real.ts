import { AdjustableClock } from './clock.ts';
import { FileDisk } from './disk.ts';
import { type NetworkOptions, TcpNetwork } from './network.ts';
import { seededRandom } from './random.ts';
import type { World } from './world.ts';

export interface RealWorldOptions extends NetworkOptions {
  readonly dataDirectory: string;
  readonly seed: number;
}

/** The real machine behind the four doors; the concrete types also offer what only tests and the entry point need. */
export interface RealWorld extends World {
  readonly clock: AdjustableClock;
  readonly network: TcpNetwork;
  readonly disk: FileDisk;
}

export function realWorld(options: RealWorldOptions): RealWorld {
  return {
    clock: new AdjustableClock(),
    network: new TcpNetwork(options),
    disk: new FileDisk(options.dataDirectory),
    // The name is part of the seed: nodes with equal election timeouts would split every vote.
    random: seededRandom(`${options.seed}/${options.id}`),
  };
}
