import { byPosition } from '../positions.ts';

/** When each element may be enqueued and dequeued: from, and at the latest. */
export interface Windows {
  readonly enqueueFrom: Int32Array;
  readonly enqueueBy: Int32Array;
  readonly dequeueFrom: Int32Array;
  readonly dequeueBy: Int32Array;
}

/**
 * The elements in an order in which x is before y whenever x must be enqueued, or must be dequeued, before y can be.
 *
 * There is one if no two elements exclude each other: each relation by itself is an interval order, so a shortest
 * circle alternates between them, and of two pairs x < y, z < w of an interval order also x < w or z < y, which makes
 * the circle shorter. Hence always some element that is left has to wait for no other: one that can be enqueued
 * before all that are left must be, and dequeued likewise. O(elements + length).
 */
export function inArrivalOrder(windows: Windows, length: number): Int32Array {
  const { enqueueFrom, enqueueBy, dequeueFrom, dequeueBy } = windows;
  const count = enqueueFrom.length;
  const order = new Int32Array(count);
  const waitsFor = new Uint8Array(count).fill(2);
  const done = new Uint8Array(count);
  const ready: number[] = [];
  const release = (from: Int32Array, by: Int32Array) => {
    const calls = byPosition(from, length);
    const deadlines = byPosition(by, length);
    let next = 0;
    let first = 0;
    return () => {
      while (first < count && done[deadlines[first]!] === 1) first++;
      while (next < count && first < count && from[calls[next]!]! <= by[deadlines[first]!]!) {
        if (--waitsFor[calls[next]!]! === 0) ready.push(calls[next]!);
        next++;
      }
    };
  };
  const releaseEnqueues = release(enqueueFrom, enqueueBy);
  const releaseDequeues = release(dequeueFrom, dequeueBy);
  for (let placed = 0; placed < count; placed++) {
    releaseEnqueues();
    releaseDequeues();
    const element = ready.pop();
    if (element === undefined) throw new Error('a queue without a forbidden pattern has no order');
    order[placed] = element;
    done[element] = 1;
  }
  return order;
}
