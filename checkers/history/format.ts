import { type ByteReader, DecodedBytes } from './decoded-bytes.ts';
import { EdnReader, type ImportOptions } from './edn.ts';
import { JepsenLogReader } from './jepsen-log.ts';
import { type EventReader, JsonLinesReader } from './jsonl.ts';
import { JsonBytesReader } from './jsonl-bytes.ts';
import { type Paired, Pairing, type PairingOptions } from './pairing.ts';
import { notUtf8 } from './problem.ts';

export const formats = ['jsonl', 'edn', 'jepsen-log'] as const;
export type Format = (typeof formats)[number];

export interface ReadOptions extends ImportOptions, PairingOptions {
  /** Told rather than detected. */
  readonly format?: Format;
  /** The file's name, a hint where the content alone does not tell. */
  readonly name?: string;
}

/**
 * The format of a history, from how it begins, or else from the file's name; undefined if neither tells. Content comes
 * first: a wrong guess from a name would only produce complaints about every line.
 */
export function detectFormat(beginning: string, name = ''): Format | undefined {
  const text = beginning.replace(/^(?:\s|,|;.*(?:\n|$))+/, '');
  if (/^\{\s*"/.test(text)) return 'jsonl';
  if (/^(?:[[(]\s*(?:;.*\n\s*)*)?(?:#[\w./-]+\s*)?\{\s*:/.test(text) || /^#_/.test(text)) return 'edn';
  if (/^.*(?:^|\s)(?:\d+|:[\w-]+)\s+:(?:invoke|ok|fail|info)\s+:/m.test(text)) return 'jepsen-log';
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase();
  switch (extension) {
    case 'jsonl':
    case 'ndjson':
    case 'json':
      return 'jsonl';
    case 'edn':
      return 'edn';
    case 'log':
    case 'txt':
      return 'jepsen-log';
    default:
      return undefined;
  }
}

const formatless = {
  what: 'the format of the history cannot be told from its beginning',
  right: `name it: one of ${formats.join(', ')}`,
};

/** Characters looked at before a format is settled. */
const beginningMax = 64 * 1024;

/**
 * Reads a history from a file that comes in pieces, all of them text or all of them UTF-8 bytes: push them, then `end`
 * for the history or the complaints. The caller does the I/O, and may use its buffer again after each push. Bytes that
 * are not UTF-8 are refused, since replacing them could make two different values equal. JSON lines are quickest as
 * bytes.
 */
export class HistoryReader {
  private readonly pairing: Pairing;
  private readonly options: ReadOptions;
  private text: EventReader | undefined;
  private bytes: ByteReader | undefined;
  /** What came before the format was settled. */
  private firstText = '';
  private firstBytes = new Uint8Array(0);
  /** Characters or bytes to wait for before the format is settled. */
  private readonly beginningMin: number;
  private given = false;
  private refused = false;

  constructor(options: ReadOptions = {}) {
    this.options = options;
    this.pairing = new Pairing(options);
    this.beginningMin = options.format === undefined ? beginningMax : 1;
  }

  push(chunk: string | Uint8Array): void {
    if (this.refused || chunk.length === 0) return;
    if (typeof chunk === 'string') this.pushText(chunk);
    else this.pushBytes(chunk);
  }

  end(): Paired {
    if (this.firstBytes.length > 0) this.settleBytes();
    else if (this.text === undefined && this.bytes === undefined) this.settleText();
    if (!this.refused) (this.bytes ?? this.text)?.end();
    return this.pairing.finish();
  }

  private pushText(chunk: string): void {
    if (this.bytes !== undefined || this.firstBytes.length > 0)
      throw new TypeError('a history is text or bytes, not both');
    const text = this.given ? chunk : chunk.replace(/^\uFEFF/, '');
    this.given = true;
    if (this.text !== undefined) {
      this.text.push(text);
      return;
    }
    this.firstText += text;
    if (this.firstText.length >= this.beginningMin) this.settleText();
  }

  private pushBytes(chunk: Uint8Array): void {
    if (this.given) throw new TypeError('a history is text or bytes, not both');
    if (this.bytes !== undefined) {
      this.bytes.push(chunk);
      return;
    }
    this.firstBytes = joined(this.firstBytes, chunk);
    if (this.firstBytes.length >= this.beginningMin) this.settleBytes();
  }

  private settleText(): void {
    const format = this.format(this.firstText);
    if (format === undefined) return;
    this.text = this.open(format);
    this.text.push(this.firstText);
    this.firstText = '';
  }

  private settleBytes(): void {
    const beginning = this.firstBytes;
    this.firstBytes = new Uint8Array(0);
    const format = this.format(new TextDecoder().decode(beginning.subarray(0, beginningMax), { stream: true }));
    if (format === undefined) return;
    if (format === 'jsonl') this.bytes = new JsonBytesReader(this.pairing);
    else this.bytes = new DecodedBytes(this.open(format), (problem) => this.pairing.refuse(problem));
    this.bytes.push(beginning);
  }

  /** As told or as seen in the beginning; undefined, and the file refused, if neither says. */
  private format(beginning: string): Format | undefined {
    const format = this.options.format ?? detectFormat(beginning, this.options.name);
    if (format !== undefined) return format;
    const isText = !beginning.includes('\uFFFD');
    this.pairing.refuse({ line: 1, ...(isText ? formatless : notUtf8) });
    this.refused = true;
    return undefined;
  }

  private open(format: Format): EventReader {
    switch (format) {
      case 'jsonl':
        return new JsonLinesReader(this.pairing);
      case 'edn':
        return new EdnReader(this.pairing, this.options);
      case 'jepsen-log':
        return new JepsenLogReader(this.pairing, this.options);
      default:
        return format satisfies never;
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Reads a history that is in memory as text or as UTF-8 bytes. */
export function readHistory(content: string | Uint8Array, options: ReadOptions = {}): Paired {
  const reader = new HistoryReader(options);
  reader.push(content);
  return reader.end();
}
