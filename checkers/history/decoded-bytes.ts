import type { EventReader } from './jsonl.ts';
import { notUtf8, type Problem } from './problem.ts';

/** A reader of one format that takes UTF-8 bytes in pieces, cut anywhere. */
export interface ByteReader {
  push(bytes: Uint8Array): void;
  end(): void;
}

/**
 * Gives a reader of text the text of UTF-8 bytes. Bytes that are not UTF-8 are refused, since replacing them could make
 * two different values equal; what comes behind them is ignored.
 */
export class DecodedBytes implements ByteReader {
  private readonly reader: EventReader;
  private readonly refuse: (problem: Problem) => void;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private refused = false;

  constructor(reader: EventReader, refuse: (problem: Problem) => void) {
    this.reader = reader;
    this.refuse = refuse;
  }

  push(bytes: Uint8Array): void {
    const text = this.refused ? '' : this.decode(bytes);
    if (text !== '') this.reader.push(text);
  }

  end(): void {
    if (this.refused) return;
    if (this.cutInsideCharacter()) this.reader.push('\uFFFD');
    this.reader.end();
  }

  private decode(bytes: Uint8Array): string {
    try {
      return this.decoder.decode(bytes, { stream: true });
    } catch {
      this.refused = true;
      this.refuse({ line: 1, ...notUtf8 });
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
}
