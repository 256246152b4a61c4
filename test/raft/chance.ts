/** A seeded source of chance for tests. */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32: 32 bits of state, enough for short runs, and equal everywhere. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, pick: (from) => from[Math.floor(next() * from.length)]! };
}
