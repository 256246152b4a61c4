import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Value } from '../../../checkers/history/operation.ts';
import { ABSENT, canonical, ValueTable } from '../../../checkers/history/values.ts';
import { Random } from '../linearizability/random.ts';
import { anyValue } from './events.ts';
import { pick } from './recorded.ts';

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

test('numbers are given in order of first sight, whatever the values are', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const table = new ValueTable();
    const order: string[] = [];
    const scale = pick(random, [3, 30, 1000, 2 ** 40]);
    for (let i = 0; i < 200; i++) {
      const value = someValue(random, scale, i);
      const text = canonical(value);
      expect(table.find(value)).toBe(order.indexOf(text));
      if (!order.includes(text)) order.push(text);
      const id = table.intern(value);
      expect(id).toBe(order.indexOf(text));
      expect(canonical(table.get(id))).toBe(text);
      expect(table.size).toBe(order.length);
    }
  }
});

/** Counters, scattered numbers, words, and lists of all these, of two items above all. */
function someValue(random: Random, scale: number, i: number): Value {
  const kind = random.below(8);
  if (kind < 2) return i;
  if (kind < 4) return random.below(scale) - (random.chance(0.2) ? scale / 2 : 0);
  if (kind < 5) return pick<Value>(random, [null, true, false, 'a', 'null', '', '1', {}, [], { a: [1, 2] }]);
  return Array.from({ length: pick(random, [2, 2, 2, 1, 3]) }, () => someValue(random, scale, i));
}
