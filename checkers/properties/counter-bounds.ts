import type { Checker } from '../checker.ts';
import { ABSENT, FAILED, type History, OK } from '../history/history.ts';
import { NOTHING, timeline } from '../history/timeline.ts';
import { canonical } from '../history/values.ts';
import { pass, undecided } from '../verdict.ts';
import { ofKey } from './keyed.ts';
import { Breaches, CannotJudge, property } from './property.ts';

export interface CounterOptions {
  /** The total before the first operation; 0 by default. */
  readonly initial?: number;
}

/**
 * Every total that a counter shows lies within what the additions allow (SYSTEMS 9c; Jepsen's `counter` is the case of
 * increments only). A total shown by an operation that was open over [i, c] is
 *
 * - at least: initial + positive additions known done before i + negative additions that may have begun before c;
 * - at most: the mirror image.
 *
 * An addition may have begun if it was invoked, unless it failed; it is known done once its `ok` is there. An `add` that
 * returns the new total shows one that contains itself.
 *
 * Detects: lost, doubled and invented additions that leave these bounds. Does not detect: totals that are each possible
 * and contradict one another (two reads out of order), which linearizability with the model `counter` does.
 *
 * Linear time; 24 bytes an operation. Keys are separate counters.
 */
export const counterBounds = (options: CounterOptions = {}): Checker =>
  property('counter-bounds', (history, budget) => {
    budget.claim(4 * history.eventCount + 16 * history.length + 32 * history.keys.size);
    const add = history.names.find('add');
    const read = history.names.find('read');
    const sums = new Sums(history.keys.size + 1, options.initial ?? 0);
    const lowest = new Float64Array(history.length);
    const highest = new Float64Array(history.length);
    const breaches = new Breaches();
    let totals = 0;

    for (const event of timeline(history)) {
      budget.step();
      if (event === NOTHING) continue;
      const op = event < 0 ? ~event : event;
      const f = history.f[op];
      if (f !== add && f !== read) {
        throw new CannotJudge(`a counter has add and read, and index ${history.index(op)} is neither`);
      }
      const group = history.key[op]! + 1;
      const delta = f === add ? deltaOf(history, op) : 0;
      if (event >= 0) {
        if (history.outcome[op] !== FAILED) sums.begin(group, delta);
        lowest[op] = sums.doneUp[group]!;
        highest[op] = sums.doneDown[group]!;
        continue;
      }
      if (history.outcome[op] !== OK) continue;
      const total = totalOf(history, op, f === read, options.initial ?? 0);
      if (total !== undefined) {
        totals++;
        const low = lowest[op]! + sums.begunDown[group]! + Math.max(delta, 0);
        const high = highest[op]! + sums.begunUp[group]! + Math.min(delta, 0);
        if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high)) {
          throw new CannotJudge('the additions sum up beyond 2^53, where doubles cannot count');
        }
        if (total < low || total > high) {
          const who = `${f === read ? 'a read' : 'an add'}${ofKey(history, group - 1)}`;
          const why = `${who} shows ${total}, and only ${low} to ${high} is possible`;
          breaches.add(total < low ? 'too-low' : 'too-high', () => ({ why, operations: [op] }));
        }
      }
      sums.finish(group, delta);
    }

    const details = { totals, ...breaches.details(history) };
    if (breaches.any) return { verdict: breaches.verdict(history), details };
    return { verdict: totals === 0 ? undecided('no total was ever shown') : pass, details };
  });

/** Per counter, the additions so far: those that may have begun, and those known done (with the initial total). */
class Sums {
  readonly begunUp: Float64Array;
  readonly begunDown: Float64Array;
  readonly doneUp: Float64Array;
  readonly doneDown: Float64Array;

  constructor(groups: number, initial: number) {
    this.begunUp = new Float64Array(groups);
    this.begunDown = new Float64Array(groups);
    this.doneUp = new Float64Array(groups).fill(initial);
    this.doneDown = new Float64Array(groups).fill(initial);
    // "Begun" sums carry no initial total: a bound adds one sum of each kind.
  }

  begin(group: number, delta: number): void {
    (delta > 0 ? this.begunUp : this.begunDown)[group]! += delta;
  }

  finish(group: number, delta: number): void {
    (delta > 0 ? this.doneUp : this.doneDown)[group]! += delta;
  }
}

function deltaOf(history: History, op: number): number {
  const input = history.input[op]!;
  const delta = input === ABSENT ? undefined : history.values.get(input);
  if (typeof delta === 'number' && Number.isSafeInteger(delta)) return delta;
  throw new CannotJudge(`add at index ${history.index(op)} has ${show(delta)} for a value, not an integer`);
}

/** The total that an operation showed, if it showed one; a counter that was never written to may read null. */
function totalOf(history: History, op: number, isRead: boolean, initial: number): number | undefined {
  const id = isRead ? history.output[op]! : history.result[op]!;
  if (id === ABSENT && !isRead) return undefined;
  const total = id === ABSENT ? undefined : history.values.get(id);
  if (total === null) return isRead ? initial : undefined;
  if (typeof total === 'number') return total;
  throw new CannotJudge(`${isRead ? 'read' : 'add'} at index ${history.index(op)} shows ${show(total)}, not a number`);
}

const show = (value: Parameters<typeof canonical>[0] | undefined): string =>
  value === undefined ? 'nothing' : canonical(value);
