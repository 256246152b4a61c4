import type { Cell } from './cell.ts';
import { REPLACES, WRITES } from './effects.ts';
import type { Timing } from './timing.ts';

/**
 * The linearization that a trail stands for. A covered write (R7) is in the trail, as `~op`, where it had to have taken
 * effect; its place in the order is the latest one before that where it went unseen: just before another write, or
 * where its value was there already. O(n · operations open at once).
 */
export function orderOf(trail: Int32Array, cell: Cell | undefined, timing: Timing): Int32Array {
  if (cell === undefined || trail.every((entry) => entry >= 0)) return trail;
  const states = statesBefore(trail, cell);
  /** By place in the trail: the covered writes that go just before it, as a list linked through `next`. */
  const heads = new Int32Array(trail.length).fill(-1);
  const next = new Int32Array(trail.length);
  for (let at = 0; at < trail.length; at++) {
    if (trail[at]! >= 0) continue;
    const place = unseenPlace(trail, states, cell, timing, at);
    next[at] = heads[place]!;
    heads[place] = at;
  }
  const order = new Int32Array(trail.length);
  let count = 0;
  for (let at = 0; at < trail.length; at++) {
    for (let covered = heads[at]!; covered >= 0; covered = next[covered]!) order[count++] = ~trail[covered]!;
    if (trail[at]! >= 0) order[count++] = trail[at]!;
  }
  return order;
}

function statesBefore(trail: Int32Array, cell: Cell): Int32Array {
  const states = new Int32Array(trail.length);
  let state = cell.initial;
  for (let at = 0; at < trail.length; at++) {
    states[at] = state;
    if (trail[at]! >= 0) state = cell.step(state, trail[at]!);
  }
  return states;
}

function unseenPlace(
  trail: Int32Array,
  states: Int32Array,
  cell: Cell,
  { calls, returns }: Timing,
  from: number,
): number {
  const op = ~trail[from]!;
  const makes = cell.makes[op]!;
  if (states[from] === makes) return from;
  for (let at = from - 1; at >= 0; at--) {
    const entry = trail[at]!;
    const passed = entry >= 0 ? entry : ~entry;
    if (returns[passed]! < calls[op]!) break;
    if (entry >= 0 && (states[at] === makes || hides(cell, entry, makes))) return at;
  }
  throw new Error('a write that was never covered has no place in the order');
}

/** Whether an operation can follow on a value, and leaves no trace of it. */
const hides = ({ kinds, needs }: Cell, op: number, value: number): boolean =>
  kinds[op] === WRITES || (kinds[op] === REPLACES && needs[op] !== value);
