import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../../checkers/history/operation.ts';
import { setFull } from '../../../checkers/properties/set-full.ts';
import type { Short } from '../history/events.ts';
import { judgeEvents, judgeShorts, kindsOf, sweep } from './judging.ts';
import { before, type Call, type Content, eventsOfCalls, layOut } from './random-operations.ts';

const add = (process: number, value: Value, type: 'ok' | 'fail' | 'info' = 'ok'): Short[] => [
  [process, 'invoke', 'add', { value }],
  [process, type, 'add', { value }],
];
const read = (process: number, value: Value): Short[] => [
  [process, 'invoke', 'read'],
  [process, 'ok', 'read', { value }],
];

describe('elements', () => {
  test.each<[name: string, shorts: Short[], verdict: string, kinds: string[]]>([
    ['all there', [...add(0, 1), ...add(0, 2), ...read(0, [2, 1])], 'pass', []],
    ['lost after its acknowledgement', [...add(0, 1), ...read(0, [])], 'violation', ['lost']],
    [
      'lost after it was seen',
      [...add(0, 9), ...add(1, 1, 'info'), ...read(0, [9, 1]), ...read(0, [9])],
      'violation',
      ['lost'],
    ],
    ['back again: stale', [...add(0, 1), ...read(0, []), ...read(0, [1])], 'violation', ['stale']],
    ['unknown, shows late', [...add(0, 9), ...add(1, 1, 'info'), ...read(0, [9]), ...read(0, [9, 1])], 'pass', []],
    ['twice in one read', [...add(0, 1), ...read(0, [1, 1])], 'violation', ['duplicated']],
    ['never added', [...add(0, 1), ...read(0, [1, 7])], 'violation', ['unexpected']],
    ['never added, of another type', [...add(0, 1), ...read(0, [1, '1'])], 'violation', ['unexpected']],
    [
      'read before it was added',
      [...add(0, 1), ...read(0, [1, 2]), ...add(0, 2), ...read(0, [1, 2])],
      'violation',
      ['unexpected'],
    ],
    ['seen though it failed', [...add(0, 9), ...add(0, 1, 'fail'), ...read(0, [9, 1])], 'violation', ['phantom']],
    ['failed, then added', [...add(0, 1, 'fail'), ...add(0, 1), ...read(0, [1])], 'pass', []],
    ['acknowledged and never read', [...read(0, []), ...add(0, 1)], 'undecided', []],
    ['one never read among others', [...add(0, 1), ...read(0, [1]), ...add(0, 2)], 'undecided', []],
    [
      'a read that overlaps the add may miss it',
      [
        [0, 'invoke', 'add', { value: 1 }],
        [1, 'invoke', 'read'],
        [0, 'ok', 'add', { value: 1 }],
        [1, 'ok', 'read', { value: [] }],
        ...read(1, [1]),
      ],
      'pass',
      [],
    ],
    [
      'reads that overlap may disagree',
      [
        ...add(0, 9),
        [2, 'invoke', 'add', { value: 1 }],
        [0, 'invoke', 'read'],
        [1, 'invoke', 'read'],
        [0, 'ok', 'read', { value: [9, 1] }],
        [1, 'ok', 'read', { value: [9] }],
      ],
      'pass',
      [],
    ],
    ['null is the empty set', [...read(0, null), ...add(0, 1), ...read(0, [1])], 'pass', []],
    ['only reads', read(0, []), 'undecided', []],
    ['a read that is no list', [...add(0, 1), ...read(0, 5)], 'undecided', []],
    [
      'an operation sets do not have',
      [[0, 'invoke', 'remove', { value: 1 }], ...add(1, 1), ...read(1, [1])],
      'undecided',
      [],
    ],
  ])('%s', (_name, shorts, verdict, kinds) => {
    const finding = judgeShorts(setFull(), shorts);
    expect([finding.verdict.kind, kindsOf(finding)]).toEqual([verdict, kinds]);
  });

  test('stale reads are tolerated where the set is not said to be linearizable; lost elements are not', () => {
    const weak = setFull({ linearizable: false });
    const stale = judgeShorts(weak, [...add(0, 1), ...read(0, []), ...read(0, [1])]);
    expect(stale).toMatchObject({ verdict: { kind: 'pass' }, details: { stale: 1 } });
    expect(judgeShorts(weak, [...add(0, 1), ...read(0, [1]), ...read(0, [])]).verdict.kind).toBe('violation');
  });

  test('sets of different keys are apart, and the reason names element, key and witnesses', () => {
    const finding = judgeShorts(setFull(), [
      [0, 'invoke', 'add', { key: 'a', value: 'e' }],
      [0, 'ok', 'add', { key: 'a', value: 'e' }],
      [0, 'invoke', 'read', { key: 'b' }],
      [0, 'ok', 'read', { key: 'b', value: [] }],
      [0, 'invoke', 'read', { key: 'a' }],
      [0, 'ok', 'read', { key: 'a', value: [] }],
    ]);
    expect(finding.verdict).toEqual({
      kind: 'violation',
      why: 'element "e" of key "a" was acknowledged, and the last read misses it',
      operations: [0, 4],
    });
  });
});

/** Every pair of element and read, by the definition in the checker's header. */
function breachesOf(calls: readonly Call[]): { kinds: string[]; neverRead: number } {
  const kinds = new Set<string>();
  let neverRead = 0;
  for (const key of ['a', 'b']) {
    const adds = calls.filter((call) => call.f === 'add' && call.key === key);
    const reads = calls.filter((call) => call.f === 'read' && call.key === key && call.outcome === 'ok');
    const sees = (r: Call, e: Value) => (r.answer as Value[]).includes(e);
    const last = reads.toSorted((a, b) => a.invoked - b.invoked).at(-1);
    for (const e of [0, 1, 2, 3]) {
      const [mine, seen] = [adds.filter(({ value }) => value === e), reads.filter((r) => sees(r, e))];
      const possible = mine.filter(({ outcome }) => outcome !== 'fail');
      const sure = [...mine.filter(({ outcome }) => outcome === 'ok'), ...seen];
      const missedBy = reads.filter((r) => !sees(r, e) && sure.some((known) => before(known, r)));
      if (missedBy.length > 0) kinds.add(sees(last!, e) ? 'stale' : 'lost');
      if (reads.some((r) => (r.answer as Value[]).filter((x) => x === e).length > 1)) kinds.add('duplicated');
      for (const r of seen) {
        if (mine.length > 0 && possible.length === 0) kinds.add('phantom');
        else if (!possible.some((call) => call.invoked < r.completed)) kinds.add('unexpected');
      }
      const acknowledged = mine.filter(({ outcome }) => outcome === 'ok');
      const judged = reads.some((r) => acknowledged.some((call) => before(call, r)));
      if (acknowledged.length > 0 && seen.length === 0 && !judged) neverRead++;
    }
  }
  return { kinds: [...kinds].sort(), neverRead };
}

/** The same calls on a set that lets every addition and read take effect as it is invoked. */
const keptRightly = (calls: readonly Call[]): Call[] =>
  calls.map((call) => {
    if (call.f === 'add') return call;
    const there = calls.filter(
      ({ f, key, outcome, invoked }) => f === 'add' && key === call.key && outcome !== 'fail' && invoked < call.invoked,
    );
    return { ...call, answer: [...new Set(there.map(({ value }) => value!))] };
  });

test('agrees with the definition, element by element and read by read', () => {
  const outcome = fc.constantFrom('ok', 'ok', 'ok', 'fail', 'info' as const);
  const key = fc.constantFrom('a', 'a', 'b');
  const content: fc.Arbitrary<Content> = fc.oneof(
    fc.record({ f: fc.constant('add'), key, value: fc.nat({ max: 3 }), outcome }),
    fc.record({ f: fc.constant('read'), key, answer: fc.subarray([0, 1, 2, 3, 1]), outcome }),
    fc.record({ f: fc.constant('read'), key, answer: fc.constantFrom([0, 1, 2, 3], [0, 1]), outcome }),
  );
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(fc.oneof(layOut(content, 10), layOut(content, 10).map(keptRightly)), (calls) => {
      const finding = judgeEvents(setFull(), eventsOfCalls(calls));
      const { kinds, neverRead } = breachesOf(calls);
      expect(kindsOf(finding)).toEqual(kinds);
      expect(finding.details).toMatchObject({ neverRead });
      if (kinds.length > 0) expect(finding.verdict.kind).toBe('violation');
      else if (neverRead > 0) expect(finding.verdict.kind).toBe('undecided');
      for (const kind of [...kinds, finding.verdict.kind]) seen[kind] = (seen[kind] ?? 0) + 1;
    }),
    { seed: 13, numRuns: sweep(5000) },
  );
  for (const kind of ['lost', 'stale', 'duplicated', 'unexpected', 'phantom', 'pass', 'undecided', 'violation']) {
    expect(seen[kind], kind).toBeGreaterThan(30);
  }
});

test('a set that was kept rightly is never accused', () => {
  const outcome = fc.constantFrom('ok', 'ok', 'fail', 'info' as const);
  const content: fc.Arbitrary<Content> = fc.oneof(
    fc.record({ f: fc.constant('add'), key: fc.constant('a'), value: fc.nat({ max: 9 }), outcome }),
    fc.record({ f: fc.constant('read'), key: fc.constant('a'), outcome }),
  );
  fc.assert(
    fc.property(layOut(content, 25), (calls) => {
      expect(kindsOf(judgeEvents(setFull(), eventsOfCalls(keptRightly(calls))))).toEqual([]);
    }),
    { seed: 14, numRuns: sweep(500) },
  );
});
