import type { Part } from '../part.ts';
import {
  DENIES,
  type EffectColumns,
  EXCHANGES,
  MAY_EXCHANGE,
  NO_VALUE,
  OBSERVES,
  OPAQUE,
  REPLACES,
  WRITES,
} from './effects.ts';
import { DROPPED } from './letters.ts';

/**
 * R6, before the search: drops the unknown operations that nobody can have noticed. A value is *needed* if a definite
 * operation needs it, if an operation refuses some other value (a denial may have been answered because of it), or if
 * an unknown exchange makes a needed value of it. An unknown operation that makes no needed value can be taken out of
 * any linearization: while its value stood, nothing needed it, and unknown exchanges that start from the value before
 * it, and would now do so, can be taken out as well.
 *
 * Nothing is dropped if the model does not say what every operation of the part does. O(operations).
 */
export function dropUnobservable(part: Pick<Part, 'definite'>, letters: Int32Array, effects: EffectColumns): void {
  const unknown: number[] = [];
  for (let op = 0; op < letters.length; op++) {
    const letter = letters[op]!;
    if (letter === DROPPED) continue;
    if (effects.kinds[letter] === OPAQUE) return;
    if (part.definite[op] === 0) unknown.push(op);
  }
  if (unknown.length === 0) return;
  const needed = neededValues(part, letters, unknown, effects);
  for (const op of unknown) if (!needed.has(effects.makes[letters[op]!]!)) letters[op] = DROPPED;
}

function neededValues(
  part: Pick<Part, 'definite'>,
  letters: Int32Array,
  unknown: readonly number[],
  effects: EffectColumns,
): ReadonlySet<number> {
  const { kinds, needs, makes } = effects;
  const needed = new Set<number>();
  const refused = new Set<number>();
  for (let op = 0; op < letters.length; op++) {
    const letter = letters[op]!;
    if (letter === DROPPED || part.definite[op] === 0) continue;
    const kind = kinds[letter]!;
    if (kind === OBSERVES || kind === EXCHANGES || kind === MAY_EXCHANGE) needed.add(needs[letter]!);
    if (kind === DENIES || kind === REPLACES || kind === MAY_EXCHANGE) refused.add(needs[letter]!);
  }
  if (refused.size > 0) {
    for (const op of unknown) {
      const value = makes[letters[op]!]!;
      if (value !== NO_VALUE && isOther(refused, value)) needed.add(value);
    }
  }
  closeBackwards(needed, letters, unknown, effects);
  return needed;
}

/** Whether some value of the set differs from this one. */
const isOther = (values: ReadonlySet<number>, value: number) => values.size > 1 || !values.has(value);

/** Adds what unknown exchanges need in order to make needed values. */
function closeBackwards(
  needed: Set<number>,
  letters: Int32Array,
  unknown: readonly number[],
  { kinds, needs, makes }: EffectColumns,
): void {
  const sources = new Map<number, number[]>();
  for (const op of unknown) {
    const letter = letters[op]!;
    if (kinds[letter] === WRITES || makes[letter] === NO_VALUE) continue;
    if (kinds[letter] === REPLACES) needed.add(makes[letter]!);
    const from = sources.get(makes[letter]!);
    if (from === undefined) sources.set(makes[letter]!, [needs[letter]!]);
    else from.push(needs[letter]!);
  }
  // A set iterates over what is added meanwhile, too.
  for (const value of needed) for (const source of sources.get(value) ?? []) needed.add(source);
}
