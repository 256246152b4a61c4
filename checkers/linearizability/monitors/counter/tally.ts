import { ABSENT, type History } from '../../../history/history.ts';
import type { Question } from '../../procedure.ts';
import { checkpointMask } from '../evidence.ts';

/** What an operation of a counter does to the total, which counts from 0 up here. */
export const IRRELEVANT = 0;
/** It found the total to be `before`. */
export const OBSERVES = 1;
/** It is the step from the total `before` to `after`. */
export const PINNED = 2;
/** It is a step of one unit (if `mixed` and of unknown outcome: of any size), from wherever. */
export const UNIT = 3;

/** The operations of a part as steps of a total that only grows, from 0. */
export interface Tally {
  /** One of the four kinds above. */
  readonly kind: Uint8Array;
  /** The total before and after the operation, if it tells. */
  readonly before: Float64Array;
  readonly after: Float64Array;
  /** What each operation adds. */
  readonly delta: Float64Array;
  /** What every operation of kind `UNIT` adds, unless `mixed`. */
  readonly unit: number;
  /** Some adds of unknown outcome add something else than all others that were told no total. */
  readonly mixed: boolean;
}

/**
 * `undefined` if deltas have different signs, if adds that were not told the total add different amounts, if numbers
 * are not integers or too large for exact sums, or if an operation is none of a counter's. O(operations).
 */
export function tallyOf(question: Question, checkpoint: () => void): Tally | undefined {
  const amounts = amountsOf(question, checkpoint);
  if (amounts === undefined) return undefined;
  const { told, delta } = amounts;
  const { part } = question;
  const initial = question.initial as number;
  const sign = signOf(delta);
  if (sign === undefined || !Number.isSafeInteger(initial)) return undefined;
  const unit = unitOf(part.definite, told, delta) * sign;
  const kind = new Uint8Array(delta.length);
  const before = new Float64Array(delta.length);
  const after = new Float64Array(delta.length);
  let mixed = false;
  for (let op = 0; op < delta.length; op++) {
    delta[op]! *= sign;
    if (!Number.isNaN(told[op]!)) {
      after[op] = (told[op]! - initial) * sign;
      before[op] = after[op]! - delta[op]!;
      kind[op] = delta[op] === 0 ? OBSERVES : PINNED;
    } else if (delta[op] === unit) kind[op] = unit === 0 ? IRRELEVANT : UNIT;
    else if (delta[op] !== 0) {
      if (part.definite[op] === 1) return undefined;
      kind[op] = UNIT;
      mixed = true;
    }
  }
  return { kind, before, after, delta, unit, mixed };
}

/** The total that each operation told (NaN: none), and what it adds. */
function amountsOf(
  { history, part }: Question,
  checkpoint: () => void,
): { told: Float64Array; delta: Float64Array } | undefined {
  const add = history.names.find('add');
  const read = history.names.find('read');
  const told = new Float64Array(part.ops.length).fill(Number.NaN);
  const delta = new Float64Array(part.ops.length);
  for (let op = 0; op < part.ops.length; op++) {
    if ((op & checkpointMask) === 0) checkpoint();
    const row = part.ops[op]!;
    const definite = part.definite[op] === 1;
    if (history.f[row] === add) {
      const amount = integer(history, history.input[row]!);
      if (amount === undefined) return undefined;
      delta[op] = amount;
      if (!definite || history.result[row] === ABSENT) continue;
    } else if (history.f[row] !== read) return undefined;
    else if (!definite) continue;
    const total = integer(history, history.f[row] === add ? history.result[row]! : history.output[row]!);
    if (total === undefined) return undefined;
    told[op] = total;
  }
  return { told, delta };
}

function integer(history: History, id: number): number | undefined {
  const value = id === ABSENT ? undefined : history.values.get(id);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** The sign that all have in common, or `undefined`; also if their sum is not exact. */
function signOf(delta: Float64Array): 1 | -1 | undefined {
  let up = false;
  let down = false;
  let sum = 0;
  for (const amount of delta) {
    if (amount > 0) up = true;
    if (amount < 0) down = true;
    sum += Math.abs(amount);
  }
  if ((up && down) || sum > 2 ** 52) return undefined;
  return down ? -1 : 1;
}

/** The delta of the first definite add that was told no total, else of the first unknown one, else 0. */
function unitOf(definite: Uint8Array, told: Float64Array, delta: Float64Array): number {
  let unit = 0;
  for (let op = 0; op < delta.length; op++) {
    if (delta[op] === 0 || !Number.isNaN(told[op]!)) continue;
    if (definite[op] === 1) return delta[op]!;
    if (unit === 0) unit = delta[op]!;
  }
  return unit;
}
