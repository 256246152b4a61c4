import type { History } from './history/history.ts';
import { undecided, type Verdict } from './verdict.ts';

/** One question that a recorded history can answer. A checker does no I/O, reads no clock of its own and takes no chance. */
export interface Checker {
  readonly name: string;
  check(history: History, limits: Limits): Finding;
}

/** What a checker may use up before it must say `undecided`. */
export interface Limits {
  /** Milliseconds on `now`, for this checker alone. */
  readonly timeMs: number;
  readonly memoryBytes: number;
  /** Any clock that counts milliseconds and never goes back; checkers are given theirs. */
  readonly now: () => number;
}

/** The answer, and whatever helps a person to believe it (counts, elements, intervals): plain JSON. */
export interface Finding {
  readonly checker: string;
  readonly verdict: Verdict;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Asks every checker. One that throws is undecided, with the reason, and the others still run. */
export function judge(checkers: readonly Checker[], history: History, limits: Limits): Finding[] {
  return checkers.map((checker) => {
    try {
      return checker.check(history, limits);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { checker: checker.name, verdict: undecided(`the checker crashed: ${why}`) };
    }
  });
}
