import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HistoryEvent, Value } from '../../checkers/history/operation.ts';
import { historyOf } from '../../checkers/history/pairing.ts';
import { bandsOf } from '../../harness/report/data/bands.ts';
import { decodeColumn, encodeColumn, pack, unpack } from '../../harness/report/data/container.ts';
import { explanationsOf } from '../../harness/report/data/explanation.ts';
import {
  collect,
  columnNames,
  none,
  originOf,
  outcomes,
  rowOf,
  rowOfIndex,
  rowOfNumber,
  textOf,
} from '../../harness/report/data/operations.ts';
import { search } from '../../harness/report/data/search.ts';
import { latencyOf, rateOf } from '../../harness/report/data/series.ts';
import { duration, inShort, operationInWords, shellCommand } from '../../harness/report/data/words.ts';
import { eventsOf } from '../../harness/report/history-events.ts';
import { sampleHistory } from './sample-history.ts';

const ms = 1_000_000;

/** Two clients: a write, a read that sees it, a cas that mismatches, a failed write, a lost write, and one cut off. */
const small: readonly HistoryEvent[] = [
  { index: 0, time: 0, process: 0, type: 'invoke', f: 'write', key: 'x', value: 17 },
  { index: 1, time: 2 * ms, process: 1, type: 'invoke', f: 'read', key: 'x' },
  { index: 2, time: 4 * ms, process: 0, type: 'ok', f: 'write', key: 'x', value: 17, node: 'n1' },
  { index: 3, time: 5 * ms, process: 'nemesis', type: 'info', f: 'partition-start', value: { cut: [['n1', 'n2']] } },
  { index: 4, time: 6 * ms, process: 1, type: 'ok', f: 'read', key: 'x', value: 17, node: 'n2' },
  { index: 5, time: 7 * ms, process: 0, type: 'invoke', f: 'cas', key: 'x', value: [1, 2] },
  { index: 6, time: 8 * ms, process: 0, type: 'ok', f: 'cas', key: 'x', value: [1, 2], result: false },
  { index: 7, time: 8 * ms, process: 1, type: 'invoke', f: 'write', key: 'y', value: 'a' },
  { index: 8, time: 9 * ms, process: 1, type: 'fail', f: 'write', key: 'y', value: 'a', error: 'refused' },
  { index: 9, time: 9 * ms, process: 0, type: 'invoke', f: 'write', key: 'y', value: 'b' },
  { index: 10, time: 19 * ms, process: 0, type: 'info', f: 'write', key: 'y', value: 'b', error: 'timeout' },
  { index: 11, time: 20 * ms, process: 'nemesis', type: 'info', f: 'partition-stop' },
  { index: 12, time: 20 * ms, process: 1, type: 'invoke', f: 'read', key: 'y' },
];

const involving = (...indexes: number[]) => new Set(indexes);

describe('operations', () => {
  const { operations, counts, total, notes, endNs } = collect(small, { phaseAt: () => 'load' });

  test('are paired, with what the client saw', () => {
    expect(total).toBe(6);
    expect(endNs).toBe(20 * ms);
    expect(notes.map((note) => note.f)).toEqual(['partition-start', 'partition-stop']);
    expect(rowOf(operations, 1)).toEqual({
      row: 1,
      index: 1,
      completionIndex: 4,
      invokedNs: 2 * ms,
      completedNs: 6 * ms,
      process: 1,
      outcome: 'ok',
      f: 'read',
      key: 'x',
      input: undefined,
      output: '17',
      result: undefined,
      node: 'n2',
      phase: 'load',
      error: undefined,
    });
    expect(rowOf(operations, 2)).toMatchObject({ outcome: 'ok', result: 'false' });
    expect(rowOf(operations, 3)).toMatchObject({ outcome: 'failed', error: 'refused' });
    expect(rowOf(operations, 4)).toMatchObject({ outcome: 'unknown', completedNs: 19 * ms, error: 'timeout' });
    expect(rowOf(operations, 5)).toMatchObject({ outcome: 'unknown', completedNs: undefined });
  });

  test('are counted by phase, kind and outcome', () => {
    expect(counts).toEqual({
      load: {
        write: { ok: 1, failed: 1, unknown: 1 },
        read: { ok: 1, failed: 0, unknown: 1 },
        cas: { ok: 1, failed: 0, unknown: 0 },
      },
    });
  });

  test('are found by event index and by number', () => {
    expect(rowOfIndex(operations, 5)).toBe(2);
    expect(rowOfIndex(operations, 6)).toBe(none); // a completion
    expect(rowOfIndex(operations, 999)).toBe(none);
    expect(rowOfNumber(operations, 5)).toBe(5);
    expect(rowOfNumber(operations, 6)).toBe(none);
  });

  test('past the limit are counted, and kept only if a finding names them', () => {
    const cut = collect(small, { operationsMax: 2, involved: involving(9) });
    expect(cut.total).toBe(6);
    expect(cut.counts).toEqual({ '': counts.load });
    expect([...cut.operations.columns.index]).toEqual([0, 1, 9]);
    expect(rowOfNumber(cut.operations, 4)).toBe(2);
    expect(rowOfNumber(cut.operations, 3)).toBe(none);
  });

  test('long values are cut, except where a finding names the operation', () => {
    const value = Array.from({ length: 500 }, (_, i) => i);
    const events: HistoryEvent[] = [{ index: 0, time: 0, process: 0, type: 'invoke', f: 'write', value }];
    expect(rowOf(collect(events).operations, 0).input).toMatch(/^\[0,1,.*… \(1891 characters\)$/);
    expect(rowOf(collect(events, { involved: involving(0) }).operations, 0).input).toBe(JSON.stringify(value));
  });

  test('a string that looks like another value keeps its quotes', () => {
    expect(textOf('x')).toBe('x');
    expect(textOf('17')).toBe('"17"');
    expect(textOf(17)).toBe('17');
    expect(textOf('null')).toBe('"null"');
    expect(textOf('')).toBe('""');
  });

  test('the origin of what a read saw is the last write of it before', () => {
    expect(originOf(operations, 1)).toBe(0);
    expect(originOf(operations, 5)).toBe(none);
  });

  test('a cas that matched may be the origin; one that did not, or that failed, may not', () => {
    const call = (index: number, type: 'ok' | 'fail', f: string, more: object): HistoryEvent[] => [
      { index, time: index, process: 0, type: 'invoke', f, key: 'x', ...more, ...(f === 'cas' ? {} : { value: null }) },
      { index: index + 1, time: index + 1, process: 0, type, f, key: 'x', ...more },
    ];
    const history = [
      ...call(0, 'ok', 'cas', { value: [1, 30], result: true }),
      ...call(2, 'ok', 'cas', { value: [2, 30], result: false }),
      ...call(4, 'fail', 'cas', { value: [3, 30] }),
      ...call(6, 'ok', 'read', { value: 30 }),
    ];
    expect(originOf(collect(history).operations, 3)).toBe(0);
  });

  test('come out of a history in memory as out of its events', () => {
    const { events } = sampleHistory({ operations: 300, seed: 5 });
    const direct = collect(events);
    const indirect = collect(eventsOf(historyOf(events)));
    expect(indirect.counts).toEqual(direct.counts);
    expect(indirect.notes).toEqual(direct.notes);
    const forgotten = ['completionIndex', 'completedNs', 'error', 'node']; // of unknown outcomes, in memory
    for (let row = 0; row < direct.operations.length; row++) {
      const [from, to] = [rowOf(direct.operations, row), rowOf(indirect.operations, row)];
      const kept =
        from.outcome === 'unknown'
          ? Object.fromEntries(Object.entries(from).filter(([name]) => !forgotten.includes(name)))
          : from;
      expect(to).toMatchObject(kept);
    }
  });
});

describe('the container', () => {
  test('gives back any column of whole numbers', () => {
    const number = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
    fc.assert(
      fc.property(fc.array(fc.oneof(number, fc.integer({ min: -3, max: 300 }))), (numbers) => {
        const column = Float64Array.from(numbers);
        expect(decodeColumn(encodeColumn(column), column.length)).toEqual(column);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('refuses what it could not give back', () => {
    expect(() => encodeColumn(Float64Array.of(0.5))).toThrow(RangeError);
    expect(() => encodeColumn(Float64Array.of(Number.NaN))).toThrow(RangeError);
    expect(() => encodeColumn(Float64Array.of(2 ** 53 - 1, -(2 ** 53 - 1)))).toThrow(RangeError);
  });

  test('keeps header and columns of a whole history', () => {
    const { columns, texts } = collect(sampleHistory({ operations: 500, seed: 1 }).events).operations;
    const packed = pack({ meta: { texts, odd: '\u2028 </script> é' }, columns });
    const copy = unpack<{ texts: string[]; odd: string }>(packed);
    expect(copy.meta).toEqual({ texts, odd: '\u2028 </script> é' });
    for (const name of columnNames) expect(copy.columns[name]).toEqual(columns[name]);
    expect(packed.length).toBeLessThan(500 * 60);
  });
});

describe('bands of faults', () => {
  const note = (f: string, time: number, value?: Value): HistoryEvent => ({
    index: 0,
    time,
    process: 'nemesis',
    type: 'info',
    f,
    ...(value === undefined ? {} : { value }),
  });
  const evidence = { proven: true, what: 'n1 is gone', measured: {} };

  test('go from start to stop, and to the end of the run when nothing healed', () => {
    const notes = [
      note('kill-stop', 0),
      note('partition-start', 5),
      note('clock-start', 7),
      note('partition-stop', 9),
      note('leader', 10),
      note('partition-stop', 15),
    ];
    const { bands, marks } = bandsOf(notes, 20);
    expect(bands.map(({ fault, startNs, endNs, healed }) => [fault, startNs, endNs, healed])).toEqual([
      ['partition', 5, 9, true],
      ['clock', 7, 20, false],
    ]);
    expect(marks.map((mark) => mark.name)).toEqual(['leader']);
  });

  test('take all four events of an injection, the first to the last', () => {
    const notes = [
      note('kill-start', 1, { target: 'n1' }),
      note('kill-start', 2, { target: 'n1', evidence }),
      note('kill-stop', 3, { target: 'n1' }),
      note('kill-stop', 4, { target: 'n1', evidence }),
      note('kill-start', 6, { target: 'n2' }),
      note('kill-stop', 8, { target: 'n2' }),
    ];
    expect(bandsOf(notes, 9).bands).toEqual([
      { fault: 'kill', startNs: 1, endNs: 4, detail: 'n1: n1 is gone', healed: true },
      { fault: 'kill', startNs: 6, endNs: 8, detail: 'n2', healed: true },
    ]);
  });
});

describe('series', () => {
  const { operations } = collect(small);
  const window = { fromNs: 0, toNs: 20 * ms, buckets: 2 };

  test('rate counts every operation in the bucket where it ended, per second', () => {
    const { perSecond, atNs } = rateOf(operations, window);
    expect([...atNs]).toEqual([5 * ms, 15 * ms]);
    expect([...perSecond.ok]).toEqual([300, 0]);
    expect([...perSecond.failed]).toEqual([100, 0]);
    expect([...perSecond.unknown]).toEqual([0, 200]); // gave up at 19 ms; the one without an end counts where it began
  });

  test('every operation is counted once, whatever the window is cut into', () => {
    const sample = collect(sampleHistory({ operations: 400, seed: 9 }).events);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (buckets) => {
        const whole = { fromNs: 0, toNs: sample.endNs, buckets };
        const width = sample.endNs / buckets / 1e9;
        const { perSecond } = rateOf(sample.operations, whole);
        const sum = outcomes.reduce((all, outcome) => all + perSecond[outcome].reduce((a, b) => a + b, 0), 0);
        expect(sum * width).toBeCloseTo(400, 6);
      }),
      { seed: 3 },
    );
  });

  test('latency quantiles are exact, of successes only, and null where there are none', () => {
    const { quantiles } = latencyOf(operations, window);
    expect(quantiles.map(({ quantile, ms }) => [quantile, ms])).toEqual([
      [0.5, [4, null]],
      [0.95, [4, null]],
      [0.99, [4, null]],
      [1, [4, null]],
    ]);
    const f = operations.texts.indexOf('cas');
    const ofCas = latencyOf(operations, window, (row) => operations.columns.f[row] === f);
    expect(ofCas.quantiles[0]!.ms).toEqual([1, null]);
  });
});

describe('search', () => {
  const { operations } = collect(small);
  test.each([
    ['', []],
    ['f:write', [0, 3, 4]],
    ['f:writ', []],
    ['writ', [0, 3, 4]],
    ['f:write key:y outcome:unknown', [4]],
    ['process:1', [1, 3, 5]],
    ['index:4', [1]],
    ['value:17', [0, 1]],
    ['outcome:failed', [3]],
    ['node:n2', [1]],
    ['TIMEOUT', [4]],
    ['error:timeout', [4]],
    ['nothing-like-this', []],
  ])('%j', (query, rows) => {
    expect([...search(operations, query)]).toEqual(rows);
  });
});

describe('words', () => {
  const { operations } = collect(small);
  test.each([
    [0, 'write x 17'],
    [1, 'read x → 17'],
    [2, 'cas x [1,2] → false'],
    [3, 'write y a ✗ failed'],
    [4, 'write y b → ?'],
    [5, 'read y → ?'],
  ])('operation %i is %s', (row, words) => {
    expect(operationInWords(rowOf(operations, row))).toBe(words);
  });

  test('a read of nothing says so, also in histories that write null as its argument', () => {
    const events: HistoryEvent[] = [
      { index: 0, time: 0, process: 0, type: 'invoke', f: 'read', value: null },
      { index: 1, time: 1, process: 0, type: 'ok', f: 'read', value: null },
    ];
    expect(operationInWords(rowOf(collect(events).operations, 0))).toBe('read → null');
  });

  test('durations keep three digits', () => {
    expect([0, 999, 1234, 875_000, 1_782_000, 1e9, 150e9].map(duration)).toEqual([
      '0 ns',
      '999 ns',
      '1.23 µs',
      '875 µs',
      '1.78 ms',
      '1.00 s',
      '2 min 30 s',
    ]);
  });

  test('a command survives the shell', () => {
    expect(shellCommand(['faultline', 'run', '--option', "a b'c", ''])).toBe("faultline run --option 'a b'\\''c' ''");
  });
});

test('a target in short', () => {
  const target = {
    shape: 'leader-alone',
    cut: [
      ['n1', 'n2'],
      ['n1', 'n3'],
    ],
    leaking: [],
    ms: [2.4, 6.2],
    on: null,
  };
  expect(inShort(target)).toBe('shape leader-alone · cut n1→n2, n1→n3 · ms 2.4, 6.2 · on null');
  expect(inShort(['n1'])).toBe('n1');
  expect(inShort(undefined)).toBe('null');
});

describe('explanations', () => {
  const { operations } = collect(small);

  test('name rows, group refusals by state', () => {
    const explanation = {
      operation: 1,
      pending: [1, 4],
      involved: [0, 1],
      prefix: [0],
      states: ['17'],
      attempts: [
        { operation: 1, state: '17', refusal: 'read 3 while the value was 17' },
        { operation: 4, state: '17' },
      ],
      why: 'no order explains it',
      paragraph: 'It cannot be.',
      shrunk: { core: [1, 0], maybe: [4], before: 900, after: 3, minimal: true },
    };
    expect(explanationsOf({ keysExplained: [{ key: 'x', kind: 'violation', explanation }] }, operations)).toEqual([
      {
        key: 'x',
        why: 'no order explains it',
        paragraph: 'It cannot be.',
        shrunk: { core: [0, 1], maybe: [4], before: 900, after: 3, minimal: true },
        blocked: 1,
        involved: [0, 1, 4],
        prefixLength: 1,
        states: [
          {
            state: '17',
            attempts: [
              { row: 1, refusal: 'read 3 while the value was 17' },
              { row: 4, refusal: undefined },
            ],
          },
        ],
      },
    ]);
  });

  test('whatever the details are, nothing is thrown', () => {
    const anything = fc.record(
      {
        keysExplained: fc.oneof(
          fc.array(fc.record({ key: fc.jsonValue(), explanation: fc.jsonValue() })),
          fc.jsonValue(),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue(), fc.constant(undefined)), (details) => {
        expect(Array.isArray(explanationsOf(details, operations))).toBe(true);
      }),
      { seed: 4 },
    );
  });
});
