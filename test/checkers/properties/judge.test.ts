import { describe, expect, test } from 'vitest';
import { type Checker, judge } from '../../../checkers/checker.ts';
import { historyOf } from '../../../checkers/history/pairing.ts';
import { counterBounds } from '../../../checkers/properties/counter-bounds.ts';
import { definiteHoldOverlap } from '../../../checkers/properties/definite-hold.ts';
import { fencing } from '../../../checkers/properties/fencing.ts';
import { setFull } from '../../../checkers/properties/set-full.ts';
import { tokenOrder } from '../../../checkers/properties/token-order.ts';
import { uniqueIds } from '../../../checkers/properties/unique-ids.ts';
import { pass } from '../../../checkers/verdict.ts';
import { eventsOf, type Short } from '../history/events.ts';
import { ample } from './judging.ts';

test('a checker that throws is undecided, with the reason, and the others still run', () => {
  const broken: Checker = {
    name: 'broken',
    check: () => {
      throw new Error('an index out of range');
    },
  };
  const fine: Checker = { name: 'fine', check: () => ({ checker: 'fine', verdict: pass }) };
  expect(judge([broken, fine], historyOf([]), ample)).toEqual([
    { checker: 'broken', verdict: { kind: 'undecided', why: 'the checker crashed: an index out of range' } },
    { checker: 'fine', verdict: pass },
  ]);
});

describe('limits', () => {
  const calls = 70_000;
  const many = (f: string, value: (i: number) => object): Short[] =>
    Array.from({ length: 2 * calls }, (_, i) => [0, i % 2 === 0 ? 'invoke' : 'ok', f, value(i >> 1)]);
  const cases: readonly [checker: Checker, f: string, value: (i: number) => object][] = [
    [uniqueIds(), 'generate', (i) => ({ value: i })],
    [counterBounds(), 'add', (i) => ({ value: 1, result: i + 1 })],
    [setFull(), 'add', (i) => ({ value: i })],
    [tokenOrder(), 'acquire', (i) => ({ value: { owner: 'a' }, result: i })],
    [definiteHoldOverlap(), 'acquire', (i) => ({ value: { owner: 'a' }, result: i })],
    [fencing(), 'fenced-write', (i) => ({ key: i, value: { token: i, value: i }, result: true })],
  ];
  test.each(cases)('$name says what it ran out of', (checker, f, value) => {
    const history = historyOf(eventsOf(many(f, value)));
    let clock = 0;
    const hurried = checker.check(history, { ...ample, timeMs: 10, now: () => (clock += 20) });
    expect(hurried.verdict).toEqual({ kind: 'undecided', why: 'out of time after 10 ms' });
    const cramped = checker.check(history, { ...ample, memoryBytes: 1000 });
    expect(cramped.verdict).toMatchObject({ kind: 'undecided', why: expect.stringContaining('bytes of memory') });
    expect(checker.check(history, ample).verdict).not.toMatchObject({ why: expect.stringMatching(/time after|bytes/) });
  });
});
