import { STATE, USED, WIDTH } from './configuration-set.ts';
import { UnknownCalls } from './unknown-calls.ts';
import { UsedSets } from './used-sets.ts';

/** What is left of a frontier's tables when nothing superfluous is kept. */
interface Tidied {
  /** The states that configurations are in; the rows name them by their places here. */
  readonly states: readonly number[];
  readonly sets: UsedSets;
  readonly unknown: UnknownCalls;
}

/**
 * Renumbers, in the rows, the states and the sets of unknown calls made use of. An unknown call that every
 * configuration has made use of is spent, whatever comes: it is forgotten. O(rows · unknown calls).
 */
export function forgettingShared(rows: Int32Array, sets: UsedSets, unknown: UnknownCalls): Tidied {
  const spent = shared(rows, sets);
  const numbers: number[] = [];
  const kept = spent.size === 0 ? unknown : new UnknownCalls(unknown.letters.filter((_, n) => !spent.has(n)));
  let left = 0;
  for (let n = 0; n < unknown.count; n++) numbers.push(spent.has(n) ? -1 : left++);
  const keptSets = new UsedSets();
  const states: number[] = [];
  const places = new Map<number, number>();
  for (let at = 0; at < rows.length; at += WIDTH) {
    const state = rows[at + STATE]!;
    if (!places.has(state)) places.set(state, states.push(state) - 1);
    rows[at + STATE] = places.get(state)!;
    const members = sets.members(rows[at + USED]!).filter((n) => !spent.has(n));
    rows[at + USED] = keptSets.numberOf(members.map((n) => numbers[n]!));
  }
  return { states, sets: keptSets, unknown: kept };
}

/** The unknown calls that every row has made use of. */
function shared(rows: Int32Array, sets: UsedSets): Set<number> {
  const common = new Set(sets.members(rows[USED]!));
  for (let at = WIDTH; at < rows.length && common.size > 0; at += WIDTH) {
    const members = sets.members(rows[at + USED]!);
    for (const n of common) if (!members.includes(n)) common.delete(n);
  }
  return common;
}
