import type { Checker, Finding, Limits } from '../../../checkers/checker.ts';
import type { HistoryEvent } from '../../../checkers/history/operation.ts';
import { historyOf } from '../../../checkers/history/pairing.ts';
import { eventsOf, type Short } from '../history/events.ts';

/** Limits that never bind. */
export const ample: Limits = { timeMs: 1e9, memoryBytes: 1e12, now: () => 0 };

export const judgeEvents = (checker: Checker, events: readonly HistoryEvent[]): Finding =>
  checker.check(historyOf(events), ample);

export const judgeShorts = (checker: Checker, shorts: readonly Short[]): Finding =>
  judgeEvents(checker, eventsOf(shorts));

/** The kinds of breach that a finding counts. */
export const kindsOf = (finding: Finding): string[] => Object.keys(finding.details?.violations ?? {}).sort();

/** How many runs a property has: FAULTLINE_SWEEP for a long sweep. */
export const sweep = (runs: number): number => Number(process.env.FAULTLINE_SWEEP ?? runs);
