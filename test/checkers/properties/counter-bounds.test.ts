import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counterBounds } from '../../../checkers/properties/counter-bounds.ts';
import type { Short } from '../history/events.ts';
import { judgeEvents, judgeShorts, kindsOf, sweep } from './judging.ts';
import { before, type Call, type Content, eventsOfCalls, layOut } from './random-operations.ts';

const add = (process: number, value: number, type: 'ok' | 'fail' | 'info', result?: number): Short[] => [
  [process, 'invoke', 'add', { value }],
  [process, type, 'add', { value, ...(result === undefined ? {} : { result }) }],
];
const read = (process: number, value: number | null): Short[] => [
  [process, 'invoke', 'read'],
  [process, 'ok', 'read', { value }],
];

describe('bounds', () => {
  test.each<[name: string, shorts: Short[], verdict: string, kinds: string[]]>([
    ['acknowledged additions are there', [...add(0, 5, 'ok'), ...add(0, -2, 'ok'), ...read(0, 3)], 'pass', []],
    ['a lost addition', [...add(0, 5, 'ok'), ...read(0, 4)], 'violation', ['too-low']],
    ['a lost subtraction', [...add(0, -5, 'ok'), ...read(0, -4)], 'violation', ['too-high']],
    ['a doubled addition', [...add(0, 5, 'ok'), ...read(0, 10)], 'violation', ['too-high']],
    ['a failed addition that counts', [...add(0, 5, 'fail'), ...read(0, 5)], 'violation', ['too-high']],
    ['a failed addition that does not', [...add(0, 5, 'fail'), ...read(0, 0)], 'pass', []],
    ['an unknown addition may count', [...add(0, 5, 'info'), ...read(1, 5)], 'pass', []],
    ['an unknown addition may not count', [...add(0, 5, 'info'), ...read(1, 0), ...read(1, 5)], 'pass', []],
    ['an unknown subtraction may count', [...add(0, -5, 'info'), ...read(1, -5)], 'pass', []],
    ['an unknown subtraction counts once', [...add(0, -5, 'info'), ...read(1, -6)], 'violation', ['too-low']],
    ['a counter never written to reads null', read(0, null), 'pass', []],
    ['the total that an add returns contains it', add(0, 5, 'ok', 5), 'pass', []],
    ['a returned total without its own addition', add(0, 5, 'ok', 4), 'violation', ['too-low']],
    ['a returned total without its own subtraction', add(0, -5, 'ok', 0), 'violation', ['too-high']],
    ['nothing was shown', add(0, 5, 'ok'), 'undecided', []],
    ['beyond what doubles count', [...add(0, 2 ** 53 - 1, 'ok'), ...add(0, 9, 'ok'), ...read(0, 1)], 'undecided', []],
    [
      'a total that is no number',
      [
        [0, 'invoke', 'read'],
        [0, 'ok', 'read', { value: 'x' }],
      ],
      'undecided',
      [],
    ],
    ['an addition of no number', [[0, 'invoke', 'add', { value: 'x' }], ...read(1, 0)], 'undecided', []],
    ['another operation', [[0, 'invoke', 'reset'], ...read(1, 0)], 'undecided', []],
  ])('%s', (_name, shorts, verdict, kinds) => {
    const finding = judgeShorts(counterBounds(), shorts);
    expect(finding.verdict.kind).toBe(verdict);
    expect(kindsOf(finding)).toEqual(kinds);
  });

  test('keys are separate, the initial total counts, and the reason says what would be possible', () => {
    const finding = judgeShorts(counterBounds({ initial: 10 }), [
      [0, 'invoke', 'add', { key: 'a', value: 1 }],
      [0, 'ok', 'add', { key: 'a', value: 1 }],
      [0, 'invoke', 'read', { key: 'b' }],
      [0, 'ok', 'read', { key: 'b', value: 11 }],
    ]);
    expect(finding.verdict).toEqual({
      kind: 'violation',
      why: 'a read of key "b" shows 11, and only 10 to 10 is possible',
      operations: [2],
    });
  });
});

/** SYSTEMS 9c word by word, for every total on its own. */
function outOfBounds(calls: readonly Call[]): ('too-low' | 'too-high')[] {
  const kinds: ('too-low' | 'too-high')[] = [];
  for (const shown of calls.filter(({ outcome }) => outcome === 'ok')) {
    const total = shown.f === 'read' ? (shown.answer as number) : (shown.result as number | undefined);
    if (total === undefined) continue;
    let low = 0;
    let high = 0;
    for (const call of calls) {
      if (call.f !== 'add' || call.key !== shown.key || call.outcome === 'fail') continue;
      const delta = call.value as number;
      const surely = call === shown || (call.outcome === 'ok' && before(call, shown));
      const maybe = call.invoked < shown.completed;
      if (delta > 0 ? surely : maybe) low += delta;
      if (delta > 0 ? maybe : surely) high += delta;
    }
    if (total < low) kinds.push('too-low');
    if (total > high) kinds.push('too-high');
  }
  return kinds;
}

test('agrees with the bounds by definition', () => {
  const outcome = fc.constantFrom('ok', 'ok', 'fail', 'info' as const);
  const key = fc.constantFrom('a', 'b');
  const content: fc.Arbitrary<Content> = fc.oneof(
    fc.record({ f: fc.constant('read'), key, answer: fc.integer({ min: -6, max: 6 }), outcome }),
    fc.record({ f: fc.constant('add'), key, value: fc.integer({ min: -4, max: 4 }), outcome }),
    fc.record({
      f: fc.constant('add'),
      key,
      value: fc.integer({ min: -4, max: 4 }),
      result: fc.integer({ min: -6, max: 6 }),
      outcome,
    }),
  );
  const seen = { pass: 0, violation: 0, undecided: 0 };
  fc.assert(
    fc.property(layOut(content, 9), (calls) => {
      const finding = judgeEvents(counterBounds(), eventsOfCalls(calls));
      const expected = outOfBounds(calls);
      seen[finding.verdict.kind]++;
      if (expected.length > 0) expect(finding.verdict.kind).toBe('violation');
      else expect(finding.verdict.kind).not.toBe('violation');
      expect(kindsOf(finding)).toEqual([...new Set(expected)].sort());
    }),
    { seed: 12, numRuns: sweep(3000) },
  );
  expect(Math.min(seen.pass, seen.violation, seen.undecided)).toBeGreaterThan(50);
});
