import { describe, expect, test } from 'vitest';
import { IdIndex, indexFor, NONE } from '../../../../checkers/linearizability/monitors/id-index.ts';
import { Random } from '../random.ts';

describe('an index of ids', () => {
  test.each([
    ['dense', 1],
    ['spread over the history', 1 << 14],
  ])('holds what was put in last: ids %s', (_, stride) => {
    const random = new Random(stride);
    const count = 500;
    const index = new IdIndex(count, 3, 3 + stride * (count - 1));
    const expected = new Map<number, number>();
    for (let i = 0; i < 5000; i++) {
      const id = 3 + stride * random.below(count);
      expect(index.get(id)).toBe(expected.get(id) ?? NONE);
      expect(index.set(id, i)).toBe(expected.get(id) ?? NONE);
      expected.set(id, i);
    }
  });

  test('knows nothing of ids that no row has', () => {
    const index = indexFor(Int32Array.of(7, NONE, 9), Int32Array.of(0, 1, 2), [12]);
    expect([0, 7, 9, 12, 13, 1000].map((id) => index.get(id))).toEqual(Array(6).fill(NONE));
    index.set(12, 5);
    expect(index.get(12)).toBe(5);
    expect(indexFor(Int32Array.of(NONE), Int32Array.of(0)).get(0)).toBe(NONE);
  });
});
