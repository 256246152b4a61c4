import { ABSENT, type History } from '../history/history.ts';
import { canonical } from '../history/values.ts';

/**
 * The operations of a history by key, each group in order of invocation; those without a key are one group. One counting
 * pass, 8 bytes an operation.
 */
export function* byKey(history: History): Generator<{ readonly key: number; readonly operations: Int32Array }> {
  const groups = history.keys.size + 1;
  const ends = new Int32Array(groups + 1);
  for (let op = 0; op < history.length; op++) ends[history.key[op]! + 2]!++;
  for (let group = 1; group <= groups; group++) ends[group]! += ends[group - 1]!;
  const sorted = new Int32Array(history.length);
  for (let op = 0; op < history.length; op++) sorted[ends[history.key[op]! + 1]!++] = op;
  let start = 0;
  for (let group = 0; group < groups; group++) {
    const end = ends[group]!;
    if (end > start) yield { key: group - 1, operations: sorted.subarray(start, end) };
    start = end;
  }
}

/** ` of key "x"`, or nothing where the history has no keys. */
export const ofKey = (history: History, key: number): string =>
  key === ABSENT ? '' : ` of key ${canonical(history.keys.get(key))}`;
