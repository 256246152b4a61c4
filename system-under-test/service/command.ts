/**
 * What the replicated log carries for the state machine: who asked, and what. Everything survives JSON, and applying it
 * depends on nothing else (SYSTEMS 1a, rule 10).
 */
import type { Json } from '../system.ts';

/** Which request of which node this command answers. Unique: nobody else ever issues the same one (rule 11). */
export interface Origin {
  readonly node: string;
  /** Counts the starts of that node, so that an answer never meets a request of an earlier life. */
  readonly incarnation: number;
  readonly request: number;
}

/** The exactly-once identity of a client's call (SYSTEMS 2.2). */
export interface SessionCall {
  readonly client: string;
  readonly seq: number;
}

export interface Command {
  /** Absent for what the leader proposes on its own account (`expire`, `abandon`). */
  readonly origin?: Origin;
  readonly session?: SessionCall;
  readonly operation: Operation;
}

export type MicroOperation =
  | readonly ['r', string, null]
  | readonly ['w', string, Json]
  | readonly ['append', string, Json];

export type Operation =
  | { readonly op: 'session' }
  | { readonly op: 'write'; readonly key: string; readonly value: Json }
  | { readonly op: 'cas'; readonly key: string; readonly from: Json; readonly to: Json }
  | { readonly op: 'delete'; readonly key: string }
  | { readonly op: 'append'; readonly key: string; readonly value: Json }
  | { readonly op: 'add'; readonly key: string; readonly delta: number }
  | { readonly op: 'txn'; readonly ops: readonly MicroOperation[] }
  /** `waitMs` 0 answers at once; otherwise the caller queues, first come first served. */
  | {
      readonly op: 'acquire';
      readonly lock: string;
      readonly owner: string;
      readonly ttlMs: number;
      readonly waitMs: number;
    }
  | { readonly op: 'renew'; readonly lock: string; readonly owner: string; readonly token: number }
  | { readonly op: 'release'; readonly lock: string; readonly owner: string; readonly token: number }
  | { readonly op: 'fenced-read'; readonly resource: string; readonly token: number }
  | { readonly op: 'fenced-write'; readonly resource: string; readonly token: number; readonly value: Json }
  /** The leader's timer ran the whole ttl since the grant or renewal at log index `renewal`. */
  | { readonly op: 'expire'; readonly lock: string; readonly token: number; readonly renewal: number }
  /** The leader's timer ran the whole wait of the acquire at log index `waiter`. */
  | { readonly op: 'abandon'; readonly lock: string; readonly waiter: number };

/** What the state machine answers. A refusal is definite: the operation had no effect, on any node. */
export type Response =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly code: RefusalCode; readonly definite: boolean; readonly text: string };

export type RefusalCode = 'session-expired' | 'session-stale' | 'wrong-type' | 'out-of-range';

export const ok = (value: Json): Response => ({ ok: true, value });
