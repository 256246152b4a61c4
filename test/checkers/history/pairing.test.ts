import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAILED, type History, NEVER, OK, UNKNOWN } from '../../../checkers/history/history.ts';
import type { HistoryEvent } from '../../../checkers/history/operation.ts';
import { historyOf, pair } from '../../../checkers/history/pairing.ts';
import { NOTHING, timeline } from '../../../checkers/history/timeline.ts';
import { anyHistory, eventsOf, type Short } from './events.ts';

const example: readonly Short[] = [
  [0, 'invoke', 'write', { key: 'x', value: 1 }],
  ['nemesis', 'info', 'partition-start', { value: { cut: [['n1', 'n2']] } }],
  [1, 'invoke', 'cas', { key: 'x', value: [1, 2] }],
  [0, 'ok', 'write', { key: 'x', value: 1, node: 'n2' }],
  [1, 'ok', 'cas', { key: 'x', value: [1, 2], result: false }],
  [2, 'invoke', 'read', { key: 'y', phase: 'final' }],
  [2, 'fail', 'read', { key: 'y', error: 'refused' }],
  [0, 'invoke', 'write', { key: 'y', value: 3 }],
  [0, 'info', 'write', { error: { code: 'timeout' } }],
  [3, 'invoke', 'read', { key: 'y' }],
];

test('operations stand in order of invocation, with what their clients saw', () => {
  const history = historyOf(eventsOf(example));
  expect(history.length).toBe(5);
  expect(history.eventCount).toBe(10);
  expect(history.timed).toBe(true);
  expect([...history.invokedAt]).toEqual([0, 2, 5, 7, 9]);
  expect([...history.completedAt]).toEqual([3, 4, 6, NEVER, NEVER]);
  expect([...history.outcome]).toEqual([OK, OK, FAILED, UNKNOWN, UNKNOWN]);
  expect(history.operation(0)).toEqual({
    op: 0,
    index: 0,
    process: 0,
    f: 'write',
    key: 'x',
    input: 1,
    output: 1,
    outcome: 'ok',
    node: 'n2',
    invokedNs: 0,
    completedNs: 3_000_000,
  });
  expect(history.operation(1)).toMatchObject({ input: [1, 2], result: false, outcome: 'ok' });
  expect(history.operation(2)).toMatchObject({ outcome: 'failed', error: 'refused', phase: 'final' });
  expect(history.operation(3)).toMatchObject({ error: { code: 'timeout' }, completedNs: Number.POSITIVE_INFINITY });
  expect(() => history.operation(5)).toThrow(RangeError);
  expect(history.named.map(({ position, f }) => [position, f])).toEqual([[1, 'partition-start']]);
});

test('only a completion that stands before the invocation makes an order', () => {
  const history = historyOf(eventsOf(example));
  expect(history.precedes(0, 2)).toBe(true);
  expect(history.precedes(0, 1)).toBe(false);
  expect(history.precedes(3, 4)).toBe(false);
});

test('the timeline has every invocation and every definite completion at its position', () => {
  expect([...timeline(historyOf(eventsOf(example)))]).toEqual([0, NOTHING, 1, ~0, ~1, 2, ~2, 3, NOTHING, 4]);
});

describe('what cannot be a history is refused with its line, what is wrong and what would be right', () => {
  const cases: readonly [name: string, events: readonly Short[], line: number, what: string][] = [
    ['completion without invocation', [[0, 'ok', 'read']], 1, 'ok of read by process 0, which has no open call'],
    [
      'second completion',
      [
        [0, 'invoke', 'read'],
        [0, 'ok', 'read'],
        [0, 'ok', 'read'],
      ],
      3,
      'ok of read by process 0, which has no open call',
    ],
    [
      'second invocation',
      [
        [7, 'invoke', 'write'],
        [7, 'invoke', 'read'],
      ],
      2,
      'process 7 invokes read while its write is open',
    ],
    [
      'another f',
      [
        [1, 'invoke', 'write'],
        [1, 'ok', 'read'],
      ],
      2,
      'process 1 invoked write, and read completes',
    ],
    [
      'another key',
      [
        [1, 'invoke', 'read', { key: 'x' }],
        [1, 'ok', 'read', { key: 'y' }],
      ],
      2,
      'process 1 invoked read on key "x", and one on key "y" completes',
    ],
    [
      'a key out of nowhere',
      [
        [1, 'invoke', 'read'],
        [1, 'fail', 'read', { key: ['y'] }],
      ],
      2,
      'process 1 invoked read on no key, and one on key ["y"] completes',
    ],
    [
      'life after info',
      [
        [1, 'invoke', 'read'],
        [1, 'info', 'read'],
        [1, 'invoke', 'read'],
      ],
      3,
      'process 1 goes on after an unknown outcome',
    ],
    [
      'late completion',
      [
        [1, 'invoke', 'read'],
        [1, 'info', 'read'],
        [1, 'ok', 'read'],
      ],
      3,
      'ok of read by process 1, which has no open call',
    ],
  ];
  test.each(cases)('%s', (_name, events, line, what) => {
    const paired = pair(eventsOf(events));
    expect(paired).toMatchObject({ kind: 'malformed', count: 1, problems: [{ line, what }] });
    expect(paired.kind === 'malformed' && paired.problems[0]!.right.length).toBeGreaterThan(10);
    expect(() => historyOf(eventsOf(events))).toThrow(what);
  });

  test('times on some events only', () => {
    const events = [
      { process: 0, type: 'invoke', f: 'read', time: 5 },
      { process: 0, type: 'ok', f: 'read' },
    ] as const;
    expect(pair(events)).toMatchObject({
      problems: [{ line: 2, what: 'the event has no time, earlier ones have one' }],
    });
  });

  test('only the first problems are kept, all are counted', () => {
    const paired = pair(eventsOf(Array.from({ length: 100 }, (): Short => [0, 'ok', 'read'])));
    expect(paired).toMatchObject({ kind: 'malformed', count: 100, problems: { length: 20 } });
  });
});

describe('what is odd and changes no order is a warning', () => {
  test('time that goes back: durations are not to be judged', () => {
    const events = eventsOf([
      [0, 'invoke', 'read'],
      [0, 'ok', 'read', { time: -0 }],
      [1, 'invoke', 'read', { time: 9 }],
    ]);
    const paired = pair([{ ...events[0]!, time: 8 }, { ...events[1]!, time: 7 }, events[2]!]);
    expect(paired).toMatchObject({ kind: 'history', warnings: [{ line: 2, what: 'time goes back from 8 to 7' }] });
    expect(paired.kind === 'history' && paired.history.timed).toBe(false);
  });

  test('indexes that do not count the events are kept for messages', () => {
    const paired = pair(
      eventsOf([
        [0, 'invoke', 'read', { index: 40 }],
        [0, 'ok', 'read', { index: 41 }],
      ]),
    );
    expect(paired).toMatchObject({ kind: 'history', warnings: [{ line: 1 }] });
    const history = (paired as { history: History }).history;
    expect(history.index(0)).toBe(40);
    expect(history.invokedAt[0]).toBe(0);
  });

  test('life after info, where that is accepted', () => {
    const events = eventsOf([
      [1, 'invoke', 'write', { value: 1 }],
      [1, 'info', 'write'],
      [1, 'invoke', 'read'],
      [1, 'ok', 'read', { value: 1 }],
    ]);
    const paired = pair(events, { reuse: 'accept' });
    expect(paired).toMatchObject({ kind: 'history', warnings: [{ line: 3 }] });
    expect([...(paired as { history: History }).history.outcome]).toEqual([UNKNOWN, OK]);
  });

  test('no times at all: none is invented', () => {
    const paired = pair([{ process: 0, type: 'invoke', f: 'read' }]);
    expect(paired).toMatchObject({ kind: 'history', warnings: [] });
    expect((paired as { history: History }).history.timed).toBe(false);
  });
});

test('every random history is paired as a plain reading of its events says', () => {
  fc.assert(
    fc.property(anyHistory, (events) => {
      const history = historyOf(events);
      const invocations = events.filter(({ type, process }) => type === 'invoke' && process !== 'nemesis');
      expect(history.length).toBe(invocations.length);
      expect(history.named.length).toBe(events.filter(({ process }) => process === 'nemesis').length);
      for (const [op, invocation] of invocations.entries()) {
        expect(history.operation(op)).toMatchObject(expectation(events, invocation));
      }
    }),
    { seed: 2, numRuns: 300 },
  );
});

/** The operation by definition: the next event of the same process, if it is definite, ends it. */
function expectation(events: readonly HistoryEvent[], invocation: HistoryEvent): object {
  const end = events.slice(invocation.index + 1).find(({ process }) => process === invocation.process);
  const definite = end !== undefined && end.type !== 'info';
  return {
    index: invocation.index,
    process: invocation.process,
    f: invocation.f,
    ...('key' in invocation ? { key: invocation.key } : {}),
    ...('value' in invocation ? { input: invocation.value } : {}),
    ...(end?.type === 'ok' && 'value' in end ? { output: end.value } : {}),
    ...(end?.type === 'ok' && 'result' in end ? { result: end.result } : {}),
    outcome: end?.type === 'ok' ? 'ok' : end?.type === 'fail' ? 'failed' : 'unknown',
    invokedNs: invocation.time,
    completedNs: definite ? end.time : Number.POSITIVE_INFINITY,
  };
}

test('columns grow past their first size', () => {
  const events = Array.from({ length: 20_000 }, (_, i) => ({
    process: 0,
    type: i % 2 === 0 ? ('invoke' as const) : ('ok' as const),
    f: 'write',
    value: i >> 1,
    ...(i === 19_998 ? { node: 'n1' } : {}),
  }));
  const history = historyOf(events);
  expect(history.length).toBe(10_000);
  for (const op of [0, 1023, 1024, 9999])
    expect(history.operation(op)).toMatchObject({ input: op, output: op, index: 2 * op });
  expect(history.node(9999)).toBe('n1');
  expect(history.node(9998)).toBeUndefined();
});
