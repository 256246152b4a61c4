import type { Checker } from '../../checkers/checker.ts';
import type { Value } from '../../checkers/history/operation.ts';
import type { Generator } from '../generator/generator.ts';

/** What clients do, what it means, and how it is judged. */
export interface Workload {
  readonly name: string;
  readonly summary: string;
  /** The kinds of operation (`f`) that it performs; a run in which one of them never succeeds proves nothing. */
  readonly operations: readonly string[];
  /** What a key stands for in the system, where `f` alone does not say: an `add` means one thing to a set, another to a counter. */
  readonly object?: 'set' | 'counter';
  /** `processes`: every client is an operating-system process of its own, which the nemesis can pause. */
  readonly clients: 'in-process' | 'processes';
  readonly concurrencyMax?: number;
  readonly sessions: boolean;
  /** Attempts per operation, all under one exactly-once identity; see `ClientOptions`. */
  readonly attempts: number;
  /** A client gives up on an answer after this long. */
  readonly timeoutMs: number;
  /** Lifetime of a lock's grant; client pauses are made longer than it. */
  readonly leaseMs?: number;
  /** For ever: the run ends it. */
  load(): Generator;
  /** After healing: what must still be there, asked on every node. `keys` are those used under load, oldest first. */
  final(nodes: readonly string[], keys: readonly Value[]): Generator;
  checkers(): readonly Checker[];
}
