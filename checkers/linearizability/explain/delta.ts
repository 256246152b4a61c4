import type { InSteps } from '../turns.ts';

/**
 * Takes items out of a list for as long as the rest still shows what it is to show (delta debugging: Zeller and
 * Hildebrandt 2002), in chunks of half of them first, then smaller ones, and at last one by one until none can go.
 *
 * `without` is asked to do without some items and says whether it did; then it does without them from then on. Returns
 * what could not go. With c items needed out of n, about 2c·log(n/c) + c² questions.
 */
export function* minimised<T>(items: readonly T[], without: Without<T>): InSteps<T[]> {
  let left = [...items];
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    left = yield* sweep(left, size, without);
  }
  for (let before = left.length + 1; left.length < before; ) {
    before = left.length;
    left = yield* sweep(left, 1, without);
  }
  return left;
}

type Without<T> = (some: readonly T[]) => InSteps<boolean>;

/** One pass over all chunks of a size. */
function* sweep<T>(items: readonly T[], size: number, without: Without<T>): InSteps<T[]> {
  const left: T[] = [];
  for (let at = 0; at < items.length; at += size) {
    const chunk = items.slice(at, at + size);
    if (!(yield* without(chunk))) left.push(...chunk);
  }
  return left;
}
