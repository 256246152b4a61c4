import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ABSENT, canonical, ValueTable } from '../../../checkers/history/values.ts';
import { anyValue } from './events.ts';

test('equal values get one number, different ones different numbers', () => {
  const table = new ValueTable();
  const values = [
    0,
    1,
    '1',
    true,
    false,
    null,
    'true',
    'null',
    [],
    {},
    [1],
    ['1'],
    [[1]],
    { a: 1 },
    { a: '1' },
    0.5,
    -1,
  ];
  const ids = values.map((value) => table.intern(value));
  expect(new Set(ids).size).toBe(values.length);
  expect(ids).toEqual(values.map((_, i) => i));
  for (const [i, value] of values.entries()) {
    expect(table.intern(structuredClone(value))).toBe(i);
    expect(table.find(value)).toBe(i);
    expect(table.get(i)).toEqual(value);
  }
  expect(table.find(2)).toBe(ABSENT);
  expect(table.find('2')).toBe(ABSENT);
  expect(table.find([2])).toBe(ABSENT);
  expect(() => table.get(values.length)).toThrow(RangeError);
});

test('the order of fields does not matter, the order of elements does', () => {
  const table = new ValueTable();
  expect(table.intern({ a: 1, b: [2, 3] })).toBe(table.intern({ b: [2, 3], a: 1 }));
  expect(table.intern([2, 3])).not.toBe(table.intern([3, 2]));
});

test('0 and -0 are one value, as in JSON', () => {
  const table = new ValueTable();
  expect(table.intern(-0)).toBe(table.intern(0));
  expect(Object.is(table.get(0), 0)).toBe(true);
});

test('a hundred thousand numbers and texts, seen twice', () => {
  const table = new ValueTable();
  const values = Array.from({ length: 50_000 }, (_, i) => (i % 2 === 0 ? i * 7919 : -i / 3));
  const texts = values.map((value) => `t${value}`);
  const first = [...values, ...texts].map((value) => table.intern(value));
  expect([...values, ...texts].map((value) => table.find(value))).toEqual(first);
  expect(table.size).toBe(100_000);
});

test('identity is structural equality', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (a, b) => {
      expect(JSON.parse(canonical(a))).toEqual(a);
      const table = new ValueTable();
      expect(table.intern(a) === table.intern(b)).toBe(canonical(a) === canonical(b));
      expect(table.get(table.find(a))).toEqual(a);
    }),
    { seed: 1, numRuns: 500 },
  );
});
