import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uniqueIds } from '../../../checkers/properties/unique-ids.ts';
import { judgeEvents, judgeShorts, kindsOf, sweep } from './judging.ts';
import { type Content, eventsOfCalls, layOut } from './random-operations.ts';

test('an id handed out twice is named, with both calls', () => {
  const finding = judgeShorts(uniqueIds(), [
    [0, 'invoke', 'generate'],
    [1, 'invoke', 'generate'],
    [0, 'ok', 'generate', { value: { node: 1, seq: 2 } }],
    [1, 'ok', 'generate', { value: { seq: 2, node: 1 } }],
  ]);
  expect(finding.verdict).toEqual({
    kind: 'violation',
    why: 'id {"node":1,"seq":2} was handed out twice',
    operations: [0, 1],
  });
  expect(finding.details).toMatchObject({ acknowledged: 2, violations: { duplicate: 1 } });
});

test('1 and "1" are different ids; ids of calls without an answer claim nothing', () => {
  const finding = judgeShorts(uniqueIds(), [
    [0, 'invoke', 'generate'],
    [0, 'ok', 'generate', { value: 1 }],
    [0, 'invoke', 'generate'],
    [0, 'ok', 'generate', { value: '1' }],
    [0, 'invoke', 'generate'],
    [0, 'fail', 'generate', { value: 1 }],
    [0, 'invoke', 'generate'],
    [0, 'info', 'generate', { value: 1 }],
  ]);
  expect(finding.verdict.kind).toBe('pass');
});

test('nothing acknowledged proves nothing, and an ok without an id cannot be judged', () => {
  expect(judgeShorts(uniqueIds(), []).verdict.kind).toBe('undecided');
  expect(
    judgeShorts(uniqueIds(), [
      [0, 'invoke', 'generate'],
      [0, 'info', 'generate'],
    ]).verdict.kind,
  ).toBe('undecided');
  const nameless = judgeShorts(uniqueIds(), [
    [0, 'invoke', 'generate'],
    [0, 'ok', 'generate'],
  ]);
  expect(nameless.verdict).toEqual({ kind: 'undecided', why: 'generate at index 0 is ok and names no id' });
});

test('agrees with comparing every pair', () => {
  const content: fc.Arbitrary<Content> = fc.record({
    f: fc.constant('generate'),
    answer: fc.oneof(fc.nat({ max: 40 }), fc.constantFrom('1', '2', null, [1], [1, 2])),
    outcome: fc.constantFrom('ok', 'ok', 'fail', 'info'),
  });
  fc.assert(
    fc.property(layOut(content, 8), (calls) => {
      const ids = calls.filter(({ outcome }) => outcome === 'ok').map(({ answer }) => JSON.stringify(answer));
      const twice = ids.some((id, i) => ids.indexOf(id) < i);
      const finding = judgeEvents(uniqueIds(), eventsOfCalls(calls));
      expect(finding.verdict.kind).toBe(twice ? 'violation' : ids.length === 0 ? 'undecided' : 'pass');
      expect(kindsOf(finding)).toEqual(twice ? ['duplicate'] : []);
    }),
    { seed: 11, numRuns: sweep(1000) },
  );
});
