import type { Window } from './window.ts';

/** When the operations of a window are invoked and return, as positions of events. */
export interface Timing {
  readonly events: Int32Array;
  readonly calls: Int32Array;
  /** `never` for what does not return before the end. */
  readonly returns: Int32Array;
  readonly never: number;
}

/** `end`: returns from this position on count as never recorded. O(events). */
export function timingOf({ ops, events }: Window, end: number): Timing {
  const never = 0x7fffffff;
  const calls = new Int32Array(ops.length);
  const returns = new Int32Array(ops.length).fill(never);
  for (let at = 0; at < events.length; at++) {
    const event = events[at]!;
    if ((event & 1) === 0) calls[event >>> 1] = at;
    else if (at < end) returns[event >>> 1] = at;
  }
  return { events, calls, returns, never };
}
