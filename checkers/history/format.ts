import { EdnReader, type ImportOptions } from './edn.ts';
import { JepsenLogReader } from './jepsen-log.ts';
import { type EventReader, JsonLinesReader } from './jsonl.ts';
import { type Paired, Pairing, type PairingOptions } from './pairing.ts';

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

/** Characters looked at before a format is settled. */
const beginningMax = 64 * 1024;

/**
 * Reads a history from a file that comes in pieces: push them, then `end` for the history or the complaints. The caller
 * does the I/O. Bytes that are not UTF-8 are refused, since replacing them could make two different values equal.
 */
export class HistoryReader {
  private readonly pairing: Pairing;
  private readonly options: ReadOptions;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private reader: EventReader | undefined;
  /** What came before the format was settled. */
  private beginning = '';
  private given = false;
  private refused = false;

  constructor(options: ReadOptions = {}) {
    this.options = options;
    this.pairing = new Pairing(options);
    if (options.format !== undefined) this.reader = this.open(options.format);
  }

  push(chunk: string | Uint8Array): void {
    if (this.refused) return;
    let text = typeof chunk === 'string' ? chunk : this.decode(chunk);
    if (!this.given) text = text.replace(/^\uFEFF/, '');
    this.given ||= text !== '';
    if (this.reader !== undefined) {
      this.reader.push(text);
      return;
    }
    this.beginning += text;
    if (this.beginning.length >= beginningMax) this.settle();
  }

  end(): Paired {
    if (!this.refused && this.cutInsideCharacter()) this.push('\uFFFD');
    if (!this.refused && this.reader === undefined) this.settle();
    if (!this.refused) this.reader?.end();
    return this.pairing.finish();
  }

  private decode(bytes: Uint8Array): string {
    try {
      return this.decoder.decode(bytes, { stream: true });
    } catch {
      this.refuse('the file has bytes that are not UTF-8', 'histories are text in UTF-8');
      return '';
    }
  }

  /** The file ends in the middle of a character, as one that was being written may. */
  private cutInsideCharacter(): boolean {
    try {
      this.decoder.decode();
      return false;
    } catch {
      return true;
    }
  }

  private settle(): void {
    const format = detectFormat(this.beginning, this.options.name);
    if (format === undefined) {
      const what = 'the format of the history cannot be told from its beginning';
      this.refuse(what, `name it: one of ${formats.join(', ')}`);
      return;
    }
    this.reader = this.open(format);
    this.reader.push(this.beginning);
    this.beginning = '';
  }

  private refuse(what: string, right: string): void {
    this.refused = true;
    this.pairing.refuse({ line: 1, what, right });
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

/** Reads a history that is in memory as text or as UTF-8 bytes. */
export function readHistory(content: string | Uint8Array, options: ReadOptions = {}): Paired {
  const reader = new HistoryReader(options);
  reader.push(content);
  return reader.end();
}
