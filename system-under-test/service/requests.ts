import type { Json } from '../system.ts';

/** How a request ended, as the node knows it. `definite`: it certainly had no effect and never will (SYSTEMS 0.2). */
export type Outcome =
  | { readonly ok: true; readonly value: Json; readonly index: number }
  | {
      readonly ok: false;
      readonly code: string;
      readonly definite: boolean;
      readonly text: string;
      readonly leader?: string | null;
    };

export type Respond = (outcome: Outcome) => void;

interface Waiting {
  readonly respond: Respond;
  readonly dueMs: number;
  /** The term in whose leader's hands the request is. */
  readonly term: number;
}

/**
 * Requests of this node's clients that are in the hands of a leader. Each gets exactly one answer: its outcome through
 * the log, a refusal, or, because it may still be executed, an indefinite error (rules 11 and 12).
 */
export class Requests {
  readonly #waiting = new Map<number, Waiting>();

  get size(): number {
    return this.#waiting.size;
  }

  add(request: number, waiting: Waiting): void {
    this.#waiting.set(request, waiting);
  }

  /** Without effect when the request already has its answer. */
  answer(request: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(request);
    if (waiting === undefined) return;
    this.#waiting.delete(request);
    waiting.respond(outcome);
  }

  /** The leader of every earlier term may be gone; what it was given may or may not survive. */
  loseTermsBefore(term: number): void {
    for (const [request, waiting] of this.#waiting) {
      if (waiting.term < term) this.answer(request, indefinite('lost-leadership', 'the leader changed meanwhile'));
    }
  }

  expire(nowMs: number): void {
    for (const [request, waiting] of this.#waiting) {
      if (waiting.dueMs <= nowMs) this.answer(request, indefinite('timeout', 'no majority has confirmed it in time'));
    }
  }
}

export function notLeader(leader: string | null): Outcome {
  const text = leader === null ? 'no leader is known here' : `the leader is ${leader}`;
  return { ok: false, code: leader === null ? 'no-leader' : 'not-leader', definite: true, text, leader };
}

export function indefinite(code: string, text: string): Outcome {
  return { ok: false, code, definite: false, text: `${text}; it may still take effect` };
}

/** A read that was never answered had no effect. */
export function notRead(): Outcome {
  return { ok: false, code: 'no-quorum', definite: true, text: 'no majority has confirmed the leader in time' };
}
