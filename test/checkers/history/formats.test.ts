import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EdnReader, writeEdn } from '../../../checkers/history/edn.ts';
import { EdnForms } from '../../../checkers/history/edn-reader.ts';
import type { LooseEvent } from '../../../checkers/history/event.ts';
import { detectFormat, HistoryReader, readHistory } from '../../../checkers/history/format.ts';
import type { History } from '../../../checkers/history/history.ts';
import { JepsenLogReader } from '../../../checkers/history/jepsen-log.ts';
import { type EventSink, JsonLinesReader, serializeEvent, writeJsonLines } from '../../../checkers/history/jsonl.ts';
import type { Paired } from '../../../checkers/history/pairing.ts';
import type { Problem } from '../../../checkers/history/problem.ts';
import { anyHistory, anyValue, eventsOf } from './events.ts';

class Collector implements EventSink {
  readonly events: LooseEvent[] = [];
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  take(event: LooseEvent): void {
    this.events.push(event);
  }
  refuse(problem: Problem): void {
    this.problems.push(problem);
  }
  warn(problem: Problem): void {
    this.warnings.push(problem);
  }
}

const readers = { jsonl: JsonLinesReader, edn: EdnReader, 'jepsen-log': JepsenLogReader };

function read(format: keyof typeof readers, text: string, pieces = 1, options = {}): Collector {
  const collector = new Collector();
  const reader = new readers[format](collector, options);
  const size = Math.max(1, Math.ceil(text.length / pieces));
  for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
  reader.end();
  return collector;
}

const history = (paired: Paired): History => {
  if (paired.kind === 'history') return paired.history;
  throw new Error(`malformed: ${JSON.stringify(paired.problems)}`);
};

describe('what is written is read back', () => {
  test('as JSON lines, in any pieces', () => {
    fc.assert(
      fc.property(anyHistory, fc.integer({ min: 1, max: 50 }), (events, pieces) => {
        expect(read('jsonl', writeJsonLines(events), pieces)).toMatchObject({ events, problems: [], warnings: [] });
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test('as EDN, in any pieces', () => {
    fc.assert(
      fc.property(anyHistory, fc.integer({ min: 1, max: 50 }), (events, pieces) => {
        expect(read('edn', writeEdn(events), pieces)).toMatchObject({ events, problems: [], warnings: [] });
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test('as UTF-8 bytes cut anywhere', () => {
    fc.assert(
      fc.property(anyHistory, fc.integer({ min: 1, max: 7 }), (events, size) => {
        const bytes = new TextEncoder().encode(writeJsonLines(events));
        const reader = new HistoryReader({ format: 'jsonl' });
        for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
        const again = history(reader.end());
        // Lone surrogates are escaped by JSON, so bytes lose nothing.
        expect(again.eventCount).toBe(events.length);
        const first = events.find(({ type }) => type === 'invoke');
        if (again.length > 0) expect(again.operation(0)).toMatchObject({ f: first!.f, process: first!.process });
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  test('every value in EDN', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const [event] = eventsOf([[0, 'invoke', 'write', { value }]]);
        expect(read('edn', writeEdn([event!])).events[0]?.value).toEqual(value);
      }),
      { seed: 6, numRuns: 1000 },
    );
  });
});

test('one event is one line with its fields in order', () => {
  const event = {
    phase: 'final',
    error: 'e',
    node: 'n1',
    result: true,
    value: [1, 'a\n'],
    key: 'x',
    f: 'cas',
    type: 'ok',
    process: 3,
    time: 7,
    index: 2,
  } as const;
  expect(serializeEvent(event)).toBe(
    '{"index":2,"time":7,"process":3,"type":"ok","f":"cas","key":"x","value":[1,"a\\n"],"result":true,"node":"n1","error":"e","phase":"final"}',
  );
  expect(serializeEvent({ index: 0, time: 1, process: 'nemesis', type: 'info', f: 'kill' })).toBe(
    '{"index":0,"time":1,"process":"nemesis","type":"info","f":"kill"}',
  );
});

describe('JSON lines: complaints', () => {
  const good = '{"process":0,"type":"invoke","f":"read"}\n';
  const cases: readonly [text: string, line: number, what: RegExp, right: RegExp][] = [
    [`${good}{"process":0,\n`, 2, /^not JSON/, /one JSON object/],
    [`${good}\n\nnonsense\n${good}`, 4, /^not JSON/, /one JSON object/],
    ['[1]\n', 1, /^\[1\] is not an event/, /process, type and f/],
    ['null\n', 1, /^null is not an event/, /process, type and f/],
    ['{"type":"ok","f":"read"}\n', 1, /no process/, /process, type and f/],
    ['{"process":0,"f":"read"}\n', 1, /no type/, /process, type and f/],
    ['{"process":0,"type":"ok"}\n', 1, /no f/, /process, type and f/],
    ['{"process":0,"type":"done","f":"read"}\n', 1, /type is "done"/, /invoke, ok, fail, info/],
    ['{"process":-1,"type":"ok","f":"read"}\n', 1, /process is -1/, /an integer from 0/],
    ['{"process":1.5,"type":"ok","f":"read"}\n', 1, /process is 1.5/, /an integer from 0/],
    ['{"process":null,"type":"ok","f":"read"}\n', 1, /process is null/, /a name/],
    ['{"process":0,"type":"ok","f":7}\n', 1, /f is 7/, /the name/],
    ['{"process":0,"type":"ok","f":"read","time":-1}\n', 1, /time is -1/, /nanoseconds/],
    ['{"process":0,"type":"ok","f":"read","index":"3"}\n', 1, /index is "3"/, /integer/],
    ['{"process":0,"type":"ok","f":"read","node":3}\n', 1, /node is 3/, /text/],
    ['{"process":0,"type":"ok","f":"read","value":9007199254740993}\n', 1, /value has the integer/, /decimal strings/],
    ['{"process":0,"type":"ok","f":"read","key":[{"a":-9007199254740993}]}\n', 1, /key has the integer/, /decimal/],
    [`{"process":0,"type":"ok","f":"read","value":${'['.repeat(600)}${']'.repeat(600)}}\n`, 1, /nested/, /levels/],
  ];
  test.each(cases)('%j', (text, line, what, right) => {
    const { problems } = read('jsonl', text);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.line).toBe(line);
    expect(problems[0]!.what).toMatch(what);
    expect(problems[0]!.right).toMatch(right);
  });

  test('every cut of a file is read up to its last whole line, and says so if a piece was dropped', () => {
    const events = eventsOf([
      [0, 'invoke', 'write', { value: 'ä"}{' }],
      [1, 'invoke', 'read'],
      [0, 'ok', 'write', { value: 'ä"}{' }],
    ]);
    const bytes = new TextEncoder().encode(writeJsonLines(events));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const paired = readHistory(bytes.subarray(0, cut), { format: 'jsonl' });
      const whole = new TextDecoder().decode(bytes.subarray(0, cut)).split('\n');
      const last = whole.pop()!;
      const dropped = last !== '' && !isJson(last);
      expect(paired, `cut at ${cut}`).toMatchObject({ kind: 'history' });
      expect(history(paired).eventCount).toBe(whole.length + (last !== '' && !dropped ? 1 : 0));
      expect(paired.kind === 'history' && paired.warnings.length).toBe(dropped ? 1 : 0);
    }
  });

  test('fields that are not read are named once each', () => {
    const line = '{"process":0,"type":"info","f":"x","vlaue":1,"process2":3}\n';
    expect(read('jsonl', line + line).warnings.map(({ line, what }) => [line, what])).toEqual([
      [1, 'the field "vlaue" is not read'],
      [1, 'the field "process2" is not read'],
    ]);
  });

  test('bytes that are not UTF-8', () => {
    const bytes = new Uint8Array([...new TextEncoder().encode('{"process":0,"f":"'), 0xff, 0xfe, 0x0a]);
    expect(readHistory(bytes)).toMatchObject({ kind: 'malformed', problems: [{ what: /UTF-8/ }] });
  });

  test('bytes that are not UTF-8, in EDN', () => {
    const bytes = new Uint8Array([...new TextEncoder().encode('{:process 0, :type :invoke, :f "'), 0xff, 0x22, 0x7d]);
    expect(readHistory(bytes)).toMatchObject({ kind: 'malformed', count: 1, problems: [{ what: /UTF-8/ }] });
  });

  test('bytes that are not UTF-8, in a file that is no history', () => {
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect(readHistory(png)).toMatchObject({ kind: 'malformed', count: 1, problems: [{ what: /UTF-8/ }] });
  });

  test('text and bytes of one file are a mistake of the caller', () => {
    const reader = new HistoryReader();
    reader.push('{');
    expect(() => reader.push(new Uint8Array([0x22]))).toThrow('text or bytes');
    const other = new HistoryReader({ format: 'jsonl' });
    other.push(new Uint8Array([0x7b]));
    expect(() => other.push('"')).toThrow('text or bytes');
  });

  test('a byte order mark and carriage returns are no matter', () => {
    const text = '\uFEFF{"process":0,"type":"invoke","f":"read"}\r\n{"process":0,"type":"ok","f":"read"}\r\n';
    expect(history(readHistory(text)).length).toBe(1);
    expect(history(readHistory(new TextEncoder().encode(text))).length).toBe(1);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('EDN', () => {
  const forms: readonly [text: string, value: unknown][] = [
    ['nil', null],
    ['true false', true],
    ['42', 42],
    ['-42', -42],
    ['+7', 7],
    ['0', 0],
    ['17N', 17],
    ['9007199254740993', '9007199254740993'],
    ['9007199254740993N', '9007199254740993'],
    ['1.5', 1.5],
    ['-1e3', -1000],
    ['1.5M', 1.5],
    ['0.1000000000000000055M', '0.1000000000000000055'],
    ['"a\\n\\"\\\\\\u00e9 ;x"', 'a\n"\\é ;x'],
    [':timed-out', 'timed-out'],
    [':a.b/c', 'a.b/c'],
    ['symbol', 'symbol'],
    ['-', '-'],
    ['\\a', 'a'],
    ['\\newline', '\n'],
    ['\\u00e9', 'é'],
    ['\\(', '('],
    ['[1,2 ,, 3]', [1, 2, 3]],
    ['(1 (2) [])', [1, [2], []]],
    ['#{3 1 2}', [1, 2, 3]],
    ['#{:b "a"}', ['a', 'b']],
    ['{:a 1, "b" {2 [3]}}', { a: 1, b: { 2: [3] } }],
    ['{}', {}],
    ['#inst "2020-01-01"', '2020-01-01'],
    ['#jepsen.history.Op{:index 0}', { index: 0 }],
    ['[1 #_2 #_ #_ 3 4 5]', [1, 5]],
    ['[1 ; one\n 2]', [1, 2]],
    ['{"__proto__" 1}', JSON.parse('{"__proto__":1}')],
  ];
  test.each(forms)('%s', (text, value) => {
    const reader = new EdnForms(text);
    expect(reader.more()).toBe(true);
    expect(reader.next()).toEqual(value);
  });

  const wrong: readonly [text: string, line: number, column: number, what: RegExp][] = [
    ['[{:f :read\n  :type :ok', 2, 12, /ends inside/],
    ['{:process 0\n :type ]', 2, 8, /unexpected \]/],
    ['{:process 0 :type}', 1, 19, /no value/],
    ['{:a 1 :a 2}', 1, 12, /two entries for a/],
    ['{:value "abc', 1, 13, /inside a string/],
    ['{:value "a\\q"}', 1, 12, /\\q is no escape/],
    ['{:value "\\u12"}', 1, 11, /without four digits/],
    ['{:value 1/2}', 1, 9, /1\/2 is not EDN/],
    ['{:value 012}', 1, 9, /012 is not EDN/],
    ['{:value ##NaN}', 1, 10, /NaN/],
    ['{:value ::a}', 1, 9, /::a is not EDN/],
    ['{:value \\nope}', 1, 14, /no character/],
    ['{:value #"x"}', 1, 10, /is not EDN/],
    [`{:value ${'['.repeat(600)}`, 1, 509, /nested/],
    ['[{:f :read}\n {:f 1', 2, 7, /ends inside/],
  ];
  test.each(wrong)('%s', (text, line, column, what) => {
    const { problems } = read('edn', text);
    const last = problems.at(-1)!;
    expect(last.what).toMatch(what);
    expect([last.line, last.column]).toEqual([line, column]);
  });

  test('an event that is no event is named by the line it begins in', () => {
    const { problems } = read(
      'edn',
      '[{:process 0, :type :invoke, :f :read}\n\n {:process 0,\n :type :okay, :f :read}]',
    );
    expect(problems).toEqual([{ line: 3, what: 'type is "okay"', right: 'it is one of invoke, ok, fail, info' }]);
  });

  test('events one after the other, in a vector, in a list, and with comments', () => {
    const one = '{:process 0, :type :invoke, :f :get, :key "x", :value nil} ; a read\n';
    const two = '#_{:process 0 :type :ok} {:process :nemesis, :type :info, :f :start}';
    const events = [
      { process: 0, type: 'invoke', f: 'read', key: 'x', value: null },
      { process: 'nemesis', type: 'info', f: 'start' },
    ];
    for (const text of [one + two, `[${one}${two}]`, `; history\n(${one}${two})\n`]) {
      expect(read('edn', text)).toMatchObject({ events, problems: [], warnings: [] });
    }
  });

  test('pairs are keyed values where the caller or a tag says so', () => {
    const text = '{:process 0, :type :invoke, :f :cas, :value [3 [1 2]]}';
    const tagged = '{:process 0, :type :invoke, :f :cas, :value #jepsen.independent/tuple [3 [1 2]]}';
    expect(read('edn', text).events[0]).toMatchObject({ value: [3, [1, 2]] });
    expect(read('edn', text, 1, { keyed: true }).events[0]).toMatchObject({ key: 3, value: [1, 2] });
    expect(read('edn', tagged).events[0]).toMatchObject({ key: 3, value: [1, 2] });
  });

  test('transactions are written as Jepsen writes them', () => {
    const [event] = eventsOf([
      [
        0,
        'ok',
        'txn',
        {
          value: [
            ['append', 'x', 1],
            ['r', 'y', [1, null]],
          ],
        },
      ],
    ]);
    expect(writeEdn([event!])).toBe(
      '{:index 0, :time 0, :type :ok, :process 0, :f :txn, :value [[:append "x" 1] [:r "y" [1 nil]]]}\n',
    );
  });
});

describe('Jepsen logs', () => {
  test('with every kind of prefix, other lines skipped', () => {
    const text = [
      'INFO  jepsen.core - Worker 3 starting',
      'INFO  jepsen.util - 0\t:invoke\t:read\tnil',
      '2026-01-02 03:04:05,678{GMT}\tINFO\t[jepsen worker 1] jepsen.util: 1\t:invoke\t:cas\t[0 4]',
      '0  :ok  :read  3',
      'INFO  jepsen.util - 1\t:info\t:cas\t:timed-out',
      'INFO  jepsen.util - 2\t:invoke\t:put\t3',
      'INFO  jepsen.util - 2\t:fail\t:put\t3\t[:refused "n1"]',
      'INFO  jepsen.util - :nemesis\t:info\t:start\t"cut off {:n1 #{:n2}}"',
      'java.net.SocketTimeoutException: 0 :invoke :read nil',
    ].join('\n');
    expect(read('jepsen-log', text, 9)).toMatchObject({
      problems: [],
      events: [
        { process: 0, type: 'invoke', f: 'read', value: null },
        { process: 1, type: 'invoke', f: 'cas', value: [0, 4] },
        { process: 0, type: 'ok', f: 'read', value: 3 },
        { process: 1, type: 'info', f: 'cas', error: 'timed-out' },
        { process: 2, type: 'invoke', f: 'write', value: 3 },
        { process: 2, type: 'fail', f: 'write', value: 3, error: ['refused', 'n1'] },
        { process: 'nemesis', type: 'info', f: 'start', value: 'cut off {:n1 #{:n2}}' },
      ],
    });
  });

  test('a value that is no EDN is a complaint, as is a file without operations', () => {
    expect(read('jepsen-log', 'x\n0 :invoke :write [1\n').problems).toMatchObject([{ line: 2, what: /ends inside/ }]);
    expect(read('jepsen-log', 'nothing here\n').problems).toMatchObject([{ what: 'no line is an operation' }]);
  });
});

describe('the format is seen from the content, then from the name', () => {
  test.each([
    ['{"process":0', '', 'jsonl'],
    ['\n { "process":0', 'x.log', 'jsonl'],
    ['{:process 0', 'x.jsonl', 'edn'],
    ['[{:process 0', '', 'edn'],
    ['; comment {"a":1}\n({:process 0', '', 'edn'],
    ['#jepsen.history.Op{:index 0', '', 'edn'],
    ['[#jepsen.history.Op{:index 0', '', 'edn'],
    ['INFO  jepsen.util - 0\t:invoke\t:read\tnil', '', 'jepsen-log'],
    ['Starting\n0 :invoke :read nil\n', 'x.edn', 'jepsen-log'],
    ['', 'history.jsonl', 'jsonl'],
    ['', 'history.EDN', 'edn'],
    ['', 'x.log', 'jepsen-log'],
    ['hello', 'x.doc', undefined],
    ['', '', undefined],
  ])('%j named %j is %s', (beginning, name, format) => {
    expect(detectFormat(beginning, name)).toBe(format);
  });

  test('where neither tells, the formats are named', () => {
    expect(readHistory('hello')).toMatchObject({ kind: 'malformed', problems: [{ right: /jsonl, edn, jepsen-log/ }] });
  });

  test('a file that begins with a lot of other text, in pieces', () => {
    const reader = new HistoryReader();
    reader.push('x'.repeat(40_000));
    reader.push(`\n0 :invoke :write 1\n${'y'.repeat(40_000)}`);
    reader.push('\n0 :ok :write 1\n');
    expect(history(reader.end()).length).toBe(1);
  });
});
