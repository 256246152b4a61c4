/** A source of chance: uniform in [0, 1). Every one in the harness descends from the run's seed. */
export type Random = () => number;

/**
 * A generator of its own for each purpose (`label`), so that a change in one (one more fault, say) leaves the others as
 * they were. sfc32 over a hash of seed and label: 128 bits of state, passes PractRand; not for secrets.
 */
export function randomFrom(seed: number, label: string): Random {
  let hash = 0x811c9dc5 ^ (seed | 0);
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  let a = hash | 0;
  let b = Math.floor(seed / 0x1_0000_0000) | 0;
  let c = seed | 0;
  let d = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** A whole number in [from, to). */
export const integer = (random: Random, from: number, to: number): number => from + Math.floor(random() * (to - from));

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('pick: nothing to pick from');
  return item;
}
