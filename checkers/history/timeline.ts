import type { History } from './history.ts';
import { NEVER } from './history.ts';

/** In a timeline: an event that neither begins nor definitely completes an operation. */
export const NOTHING = 0x7fffffff;

/**
 * All events in order, for a checker that sweeps once over the history: at each position the number of the operation
 * that is invoked there, or the complement (`~op`, negative) of the one that completes there, or `NOTHING`.
 * 4 bytes an event.
 */
export function timeline(history: History): Int32Array {
  const events = new Int32Array(history.eventCount).fill(NOTHING);
  for (let op = 0; op < history.length; op++) {
    events[history.invokedAt[op]!] = op;
    const completedAt = history.completedAt[op]!;
    if (completedAt !== NEVER) events[completedAt] = ~op;
  }
  return events;
}
