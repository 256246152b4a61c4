import { NEVER } from '../../history/history.ts';
import type { Part } from '../part.ts';

/** When the operations of a part began and ended: places in its sequence of events. An unknown one ends `NEVER`. */
export interface Intervals {
  readonly call: Int32Array;
  readonly ret: Int32Array;
}

/** O(events). */
export function intervalsOf(part: Part): Intervals {
  const call = new Int32Array(part.ops.length);
  const ret = new Int32Array(part.ops.length).fill(NEVER);
  const { events } = part;
  for (let at = 0; at < events.length; at++) {
    const event = events[at]!;
    if ((event & 1) === 0) call[event >>> 1] = at;
    else ret[event >>> 1] = at;
  }
  return { call, ret };
}
