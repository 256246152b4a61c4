/** What the harness asks of its keeper, over the IPC channel between them. Every request is answered. */
import type { Link, LinkQuality } from '../../../nemesis/cluster.ts';
import type { Address } from '../../client/http-transport.ts';
import type { LinkCounters } from './link-proxy.ts';

/** Handed to the keeper as its one argument, as JSON. */
export interface KeeperBegin {
  readonly cluster: string;
  readonly seed: number;
  readonly host: string;
  readonly links: readonly Link[];
  readonly livePath: string;
  readonly dataDirectory: string | null;
  readonly harnessPid: number;
}

/** The keeper's first message, unasked. */
export interface KeeperReady {
  readonly ready: readonly (Link & { readonly port: number })[];
}

export type KeeperRequest =
  /** Makes exactly these links cut. */
  | { readonly do: 'cut'; readonly links: readonly Link[] }
  | { readonly do: 'shape'; readonly links: readonly Link[]; readonly quality: LinkQuality }
  | { readonly do: 'unshape' }
  /** Where all links to this node lead from now on; null while it is not running. */
  | { readonly do: 'aim'; readonly node: string; readonly target: Address | null }
  /** From now on this process ends with the harness. */
  | { readonly do: 'guard'; readonly name: string; readonly pid: number }
  | { readonly do: 'release'; readonly pid: number }
  | { readonly do: 'count' }
  /** The run is over: ends what is still there and exits. The data is the harness's to remove. */
  | { readonly do: 'dismiss' };

export type LinkCount = Link & LinkCounters;

export interface KeeperCall {
  readonly id: number;
  readonly request: KeeperRequest;
}

export type KeeperAnswer =
  | { readonly id: number; readonly ok: true; readonly counts?: readonly LinkCount[] }
  | { readonly id: number; readonly ok: false; readonly error: string };
