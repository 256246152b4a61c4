/**
 * Independent streams of chance from one seed, one per name: what one fault draws does not depend on how often another
 * has drawn.
 */
import type { Chance } from './fault.ts';

/** Mulberry32 (Tommy Ettinger): 32 bits of state, ample for choosing victims, no use for secrets. */
export function stream(seed: number, name: string): Chance {
  let state = hash(`${seed}/${name}`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const between = (random: Chance, low: number, high: number): number => low + random() * (high - low);

/** A whole number from `low` to `high`, both included. */
export const wholeBetween = (random: Chance, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

/** Uniform in the exponent: as many small values as large ones. Both ends must be positive. */
export const logBetween = (random: Chance, low: number, high: number): number =>
  Math.exp(between(random, Math.log(low), Math.log(high)));

export function pick<T>(random: Chance, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Picks a name in proportion to its weight. */
export function pickWeighted<Name extends string>(
  random: Chance,
  weights: Readonly<Partial<Record<Name, number>>>,
): Name {
  const entries = Object.entries<number | undefined>(weights) as [Name, number][];
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  const last = entries.at(-1);
  if (last === undefined) throw new Error('nothing to pick from');
  return last[0];
}

export function shuffled<T>(random: Chance, items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value | 0;
}
