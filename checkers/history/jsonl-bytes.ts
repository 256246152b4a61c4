import { ABSENT } from './absent.ts';
import { EventScan, SLACK } from './event-scan.ts';
import { type EventSink, JsonLine } from './jsonl.ts';
import { notUtf8 } from './problem.ts';
import { scannedEvent } from './scanned-event.ts';

/** Who takes events as numbers, before any object is made of them. */
export interface ScanSink {
  /**
   * The event that `scan` holds now, and only during the call. False: not taken, and nothing has changed; the event
   * then comes again by `EventSink.take`.
   */
  takeScanned(scan: EventScan, line: number): boolean;
}

const NEWLINE = 10;

/**
 * Reads JSON lines (DESIGN 5.1) from UTF-8 bytes that come in pieces, cut anywhere: for files of millions of lines, and
 * for files that are still being written. Takes, complains and warns exactly as `JsonLinesReader` does of the same text.
 *
 * Lines as our recorder writes them are scanned where they stand, and cost no string and no object if the sink takes
 * them as numbers (`ScanSink`). Every other line is decoded and goes the long way by `JSON.parse`. Bytes that are not UTF-8 are refused, and
 * all that comes behind them is ignored. Memory: one line.
 */
export class JsonBytesReader {
  private readonly sink: EventSink;
  private readonly scanned: ScanSink;
  private readonly long: JsonLine;
  private readonly scan = new EventScan();
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** What has come of a line whose newline has not; lines at the end of a piece are read here, too. */
  private rest = new Uint8Array(1024);
  private restLength = 0;
  private line = 0;
  private stopped = false;

  constructor(sink: EventSink & Partial<ScanSink>) {
    this.sink = sink;
    this.long = new JsonLine(sink);
    this.scanned = takesScanned(sink) ? sink : new AsObjects(sink);
  }

  /** The next bytes. The caller may use their buffer again as soon as this returns. */
  push(chunk: Uint8Array): void {
    if (this.stopped) return;
    let from = this.restLength === 0 ? 0 : this.keepLine(chunk, 0);
    // A scan may look a few bytes past its line, so the last lines of a piece are read from a copy.
    const last = chunk.length > SLACK ? chunk.lastIndexOf(NEWLINE, chunk.length - 1 - SLACK) : -1;
    if (from <= last) from = this.readLines(chunk, from, last);
    while (from < chunk.length && !this.stopped) from = this.keepLine(chunk, from);
  }

  /** The bytes are over: what has come of a last line is read without its newline. */
  end(): void {
    if (this.restLength > 0 && !this.stopped) this.readKept(false);
  }

  /** Reads where they stand the lines from `from` to the newline at `last`; returns where the next line begins. */
  private readLines(chunk: Uint8Array, from: number, last: number): number {
    const { scan, scanned } = this;
    scan.over(chunk);
    let at = from;
    while (at <= last) {
      this.line++;
      const next = scan.scan(at);
      if (next !== ABSENT && scanned.takeScanned(scan, this.line)) at = next;
      else {
        const newline = chunk.indexOf(NEWLINE, at);
        this.readLong(chunk.subarray(at, newline), true);
        at = this.stopped ? chunk.length : newline + 1;
      }
    }
    return at;
  }

  /** Keeps the bytes up to the next newline, and reads the line if that is there; returns where the next line begins. */
  private keepLine(chunk: Uint8Array, from: number): number {
    const newline = chunk.indexOf(NEWLINE, from);
    const to = newline === -1 ? chunk.length : newline;
    this.keep(chunk, from, to);
    if (newline === -1) return to;
    this.readKept(true);
    return to + 1;
  }

  private keep(chunk: Uint8Array, from: number, to: number): void {
    const length = this.restLength + to - from;
    if (length + 1 + SLACK > this.rest.length) {
      const rest = new Uint8Array(2 * length + 1 + SLACK);
      rest.set(this.rest.subarray(0, this.restLength));
      this.rest = rest;
    }
    for (let i = from, end = this.restLength; i < to; i++, end++) this.rest[end] = chunk[i]!;
    this.restLength = length;
  }

  /** Reads the line that was kept. `ended`: it had a newline. */
  private readKept(ended: boolean): void {
    const { scan, rest, restLength } = this;
    this.restLength = 0;
    this.line++;
    rest[restLength] = NEWLINE;
    scan.over(rest);
    if (scan.scan(0) !== ABSENT && this.scanned.takeScanned(scan, this.line)) return;
    this.readLong(rest.subarray(0, restLength), ended);
  }

  /** Any line, as text. */
  private readLong(bytes: Uint8Array, ended: boolean): void {
    const text = ended ? this.decode(bytes) : this.decodeCut(bytes);
    if (text !== undefined) this.long.read(this.line === 1 ? text.replace(/^\uFEFF/, '') : text, this.line, ended);
  }

  private decode(bytes: Uint8Array, stream = false): string | undefined {
    try {
      return this.decoder.decode(bytes, { stream });
    } catch {
      this.sink.refuse({ line: this.line, ...notUtf8 });
      this.stopped = true;
      return undefined;
    }
  }

  /** A last line may end in the middle of a character, as one that was being written may. */
  private decodeCut(bytes: Uint8Array): string | undefined {
    const text = this.decode(bytes, true);
    try {
      return text === undefined ? undefined : text + this.decoder.decode();
    } catch {
      return `${text}\uFFFD`;
    }
  }
}

const takesScanned = (sink: EventSink & Partial<ScanSink>): sink is EventSink & ScanSink =>
  sink.takeScanned !== undefined;

/** For a sink that knows objects only. */
class AsObjects implements ScanSink {
  private readonly sink: EventSink;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  takeScanned(scan: EventScan, line: number): boolean {
    this.sink.take(scannedEvent(scan), line);
    return true;
  }
}
