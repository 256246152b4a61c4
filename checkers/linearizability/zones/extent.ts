import { NEVER } from '../../history/history.ts';
import type { Question } from '../procedure.ts';

/** The part of a part that is judged: its first events, as if nothing had been recorded after them. */
export interface Extent {
  /** Events. */
  readonly end: number;
  /** Operations invoked. */
  readonly length: number;
  /** Position in the history of the first event that is not judged, or `NEVER`. */
  readonly cut: number;
}

/** All of a part, or the first `end` of its events. */
export function extentOf({ history, part }: Question, end: number = part.events.length): Extent {
  if (end === part.events.length) return { end, length: part.ops.length, cut: NEVER };
  const event = part.events[end]!;
  const op = part.ops[event >>> 1]!;
  const cut = (event & 1) === 0 ? history.invokedAt[op]! : history.completedAt[op]!;
  let low = 0;
  let high = part.ops.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (history.invokedAt[part.ops[middle]!]! < cut) low = middle + 1;
    else high = middle;
  }
  return { end, length: low, cut };
}
