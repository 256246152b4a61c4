import { describe, expect, test } from 'vitest';
import type { LooseEvent } from '../../../checkers/history/event.ts';
import type { EventScan } from '../../../checkers/history/event-scan.ts';
import { type EventSink, JsonLinesReader, serializeEvent, writeJsonLines } from '../../../checkers/history/jsonl.ts';
import { JsonBytesReader } from '../../../checkers/history/jsonl-bytes.ts';
import { Pairing, type PairingOptions } from '../../../checkers/history/pairing.ts';
import type { Problem } from '../../../checkers/history/problem.ts';
import { Random } from '../linearizability/random.ts';
import { dumpPaired } from './dump.ts';
import { pick, recorded } from './recorded.ts';

const encoder = new TextEncoder();
const rounds = 800;

/** Writes down what a reader says, in order. */
class Log implements EventSink {
  readonly said: [string, LooseEvent | Problem, number?][] = [];
  take(event: LooseEvent, line: number): void {
    this.said.push(['event', event, line]);
  }
  refuse(problem: Problem): void {
    this.said.push(['refused', problem]);
  }
  warn(problem: Problem): void {
    this.said.push(['warned', problem]);
  }
}

/** Pairs, and counts which way events came. */
class Counting extends Pairing {
  short = 0;
  long = 0;
  override take(event: LooseEvent, line: number): void {
    this.long++;
    super.take(event, line);
  }
  override takeScanned(scan: EventScan): boolean {
    const taken = super.takeScanned(scan);
    if (taken) this.short++;
    return taken;
  }
}

function pushText(reader: JsonLinesReader, text: string): void {
  reader.push(text);
  reader.end();
}

/** In pieces of random lengths that all lie in the same buffer, as pieces of a file do. */
function pushBytes(reader: JsonBytesReader, bytes: Uint8Array, random: Random): void {
  const buffer = new Uint8Array(1000);
  const longest = pick(random, [1, 3, 20, 100, 1000]);
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(bytes.length - at, 1 + random.below(longest));
    buffer.fill(0xff);
    buffer.set(bytes.subarray(at, at + length));
    reader.push(buffer.subarray(0, length));
    at += length;
  }
  reader.end();
}

/** Changes the text of some lines: most of what comes out is no event, or one that is written in another way. */
function mutated(random: Random, text: string): string {
  const lines = text.split('\n');
  const changes: ((line: string) => string)[] = [
    (line) => line.replace(/,/g, ', '),
    (line) => line.replace(/^(.)"index":(\d+),"time":(\d+)/, '$1"time":$3,"index":$2'),
    (line) => line.replace(/,"time":\d+/, ''),
    (line) => line.replace(/"index":\d+,/, ''),
    (line) => line.replace(/}$/, ',"extra":1}'),
    (line) => line.replace(/"node":"n/, '"node":"\\u006e'),
    (line) => line.replace(/:(\d)/, ':0$1'),
    (line) => line.replace(/:(\d)/, ':-$1'),
    (line) => line.replace(/(\d),/, '$1.0,'),
    (line) => line.replace(/(\d),/, '$1e1,'),
    (line) => `${line}\r`,
    (line) => ` ${line}`,
    (line) => `${line} `,
    () => '',
    () => '  ',
    (line) => line + line,
    (line) => `\uFEFF${line}`,
    (line) => line.slice(0, random.below(line.length + 1)),
    (line) => splice(line, random.below(line.length + 1), 0, pick(random, [...'{}[]",:0- \\\u0001ä'])),
    (line) => splice(line, random.below(line.length + 1), 1, pick(random, [...'{}[]",:019-ntfk'])),
    (line) => splice(line, random.below(line.length + 1), 1, ''),
  ];
  for (let i = 1 + random.below(3); i > 0; i--) {
    const at = random.below(lines.length);
    lines[at] = pick(random, changes)(lines[at]!);
  }
  return lines.join('\n');
}

const splice = (line: string, at: number, remove: number, insert: string): string =>
  line.slice(0, at) + insert + line.slice(at + remove);

describe('bytes are read as their text is', () => {
  test.each([
    ['as recorded', 0, 0],
    ['with wrong events', 0.05, 0],
    ['with lines that were changed', 0, 1],
    ['with both', 0.02, 0.7],
  ])('into the same history, with the same words: %s', (_, wrong, mutating) => {
    let histories = 0;
    const ways = { short: 0, long: 0 };
    for (let seed = 1; seed <= rounds; seed++) {
      const random = new Random(seed);
      const options: PairingOptions = { reuse: random.chance(0.5) ? 'accept' : 'refuse' };
      let text = writeJsonLines(recorded(random, random.below(40), { wrong }));
      if (random.chance(mutating)) text = mutated(random, text);
      if (random.chance(0.1)) text = text.slice(0, -1);
      const [slow, fast] = [new Pairing(options), new Counting(options)];
      pushText(new JsonLinesReader(slow), text.replace(/^\uFEFF/, ''));
      pushBytes(new JsonBytesReader(fast), encoder.encode(text), random);
      const expected = slow.finish();
      expect(dumpPaired(fast.finish()), `seed ${seed}`).toEqual(dumpPaired(expected));
      if (expected.kind === 'history') histories++;
      ways.short += fast.short;
      ways.long += fast.long;
    }
    expect(histories).toBeGreaterThan(rounds / 20);
    expect(ways.short).toBeGreaterThan(3 * rounds);
    expect(ways.long).toBeGreaterThan(rounds);
  });

  test('into the same events, where no history is built', () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const random = new Random(seed);
      let text = writeJsonLines(recorded(random, random.below(20), { wrong: 0.05 }));
      if (random.chance(0.5)) text = mutated(random, text);
      const [slow, fast] = [new Log(), new Log()];
      pushText(new JsonLinesReader(slow), text.replace(/^\uFEFF/, ''));
      pushBytes(new JsonBytesReader(fast), encoder.encode(text), random);
      expect(fast.said, `seed ${seed}`).toEqual(slow.said);
    }
  });
});

test('what our recorder writes of plain clients takes the short way, all of it', () => {
  const plain = { process: 1, f: 'cas', key: 'k', node: 'n1', phase: 'final' };
  const lines = [
    { index: 0, time: 0, type: 'invoke', ...plain, value: [1, null] },
    { index: 1, time: 123_456_789_012_345, type: 'ok', ...plain, value: [1, null], result: false },
    { index: 2, time: 2 ** 53 - 1, type: 'invoke', ...plain, value: -12_345_678_901 },
    { index: 3, time: 2 ** 53 - 1, type: 'info', ...plain, error: ['timeout', 5, true, ''] },
  ] as const;
  const pairing = new Counting();
  const reader = new JsonBytesReader(pairing);
  reader.push(encoder.encode(writeJsonLines(lines)));
  reader.end();
  expect(pairing).toMatchObject({ short: 4, long: 0 });
});

test('a line is read as soon as its newline has come', () => {
  const log = new Log();
  const reader = new JsonBytesReader(log);
  const event = { index: 0, time: 0, process: 0, type: 'invoke', f: 'read' } as const;
  reader.push(encoder.encode(serializeEvent(event)));
  expect(log.said).toEqual([]);
  reader.push(encoder.encode('\n'));
  expect(log.said).toEqual([['event', event, 1]]);
});

describe('bytes that are not UTF-8', () => {
  const good = '{"index":0,"time":0,"process":0,"type":"invoke","f":"read"}\n';
  test.each([
    ['in a text', [0xff]],
    ['half a character before a newline', [0xc3, 0x0a]],
    ['a surrogate', [0xed, 0xa0, 0x80, 0x0a]],
  ])('%s end the file with a complaint', (_, bad) => {
    const log = new Log();
    const reader = new JsonBytesReader(log);
    const line = encoder.encode('{"index":1,"time":0,"process":0,"type":"ok","f":"');
    reader.push(new Uint8Array([...encoder.encode(good), ...line, ...bad, ...encoder.encode(`"}\n${good}`)]));
    reader.push(encoder.encode(good));
    reader.end();
    expect(log.said.map(([kind]) => kind)).toEqual(['event', 'refused']);
    expect(log.said[1]![1]).toMatchObject({ line: 2, what: 'the file has bytes that are not UTF-8' });
  });

  test('half a character at the end is a line that was not written whole', () => {
    const log = new Log();
    const reader = new JsonBytesReader(log);
    reader.push(new Uint8Array([...encoder.encode(good.trimEnd()), 0xc3]));
    reader.end();
    expect(log.said).toEqual([['warned', { line: 1, what: 'the last line is incomplete', right: 'it is dropped' }]]);
  });
});
