import type { Value } from '../../checkers/history/operation.ts';
import type { Random } from '../random.ts';

/** One operation that a client is to perform. */
export interface Planned {
  readonly f: string;
  readonly key?: Value;
  readonly value?: Value;
  /** The client works this long between its decision and its first byte: where a paused client becomes a zombie. */
  readonly thinkMs?: number;
  /** The node to ask, where it matters; otherwise the one that the worker is pinned to. */
  readonly node?: string;
}

/** What a completed operation tells its generator. */
export interface Completed {
  readonly planned: Planned;
  readonly worker: number;
  readonly process: number;
  readonly type: 'ok' | 'fail' | 'info';
  readonly value?: Value;
  readonly result?: Value;
}

export interface Context {
  readonly nowNs: number;
  /** Workers that are idle, ascending. Never empty when `next` is asked. */
  readonly free: readonly number[];
  readonly workers: number;
  /** The logical process that a worker now acts as; changes after an unknown outcome. */
  processOf(worker: number): number;
  readonly random: Random;
}

export type Next =
  | { readonly kind: 'operation'; readonly worker: number; readonly planned: Planned; readonly rest: Generator }
  /** Nothing now: ask again at `untilNs`, or after the next completion when that is sooner or there is no `untilNs`. */
  | { readonly kind: 'wait'; readonly untilNs?: number; readonly rest: Generator }
  | { readonly kind: 'done' };

/**
 * What clients do next, as a value (the idea of jepsen.generator). Nothing is changed in place: `next` and `update`
 * return the generator to go on with, so that a generator is tested with no cluster, and combined freely. Chance comes
 * from the context alone.
 */
export interface Generator {
  next(context: Context): Next;
  /** Told of every completion of an operation that it (or a generator inside it) planned. */
  update(completed: Completed): Generator;
}
