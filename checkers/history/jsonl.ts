import { asEvent, Complaint, type LooseEvent } from './event.ts';
import type { HistoryEvent } from './operation.ts';
import type { Problem } from './problem.ts';

/** Who takes what a reader finds; `Pairing` does. */
export interface EventSink {
  take(event: LooseEvent, line: number): void;
  refuse(problem: Problem): void;
  warn(problem: Problem): void;
}

/** A reader of one format: feed it the text piece by piece, then end it. */
export interface EventReader {
  push(text: string): void;
  end(): void;
}

/**
 * Reads JSON lines, the format of `history.jsonl` (DESIGN 5.1), from text; `JsonBytesReader` reads the same from bytes.
 * Blank lines are skipped; every other line is one event. A last line without an end of line that is no JSON is what a
 * killed harness leaves behind: it is dropped with a warning, because its event cannot have been acted upon.
 */
export class JsonLinesReader implements EventReader {
  private readonly lines: Lines;

  constructor(sink: EventSink) {
    const line = new JsonLine(sink);
    this.lines = new Lines((text, number, ended) => line.read(text, number, ended));
  }

  push(text: string): void {
    this.lines.push(text);
  }

  end(): void {
    this.lines.end();
  }
}

/** What to make of one line of text: an event, a complaint, or nothing. */
export class JsonLine {
  private readonly sink: EventSink;
  private readonly strangers: Strangers;

  constructor(sink: EventSink) {
    this.sink = sink;
    this.strangers = new Strangers(sink);
  }

  /** `ended` is false for a last line without its newline. */
  read(text: string, line: number, ended: boolean): void {
    if (text.trim() === '') return;
    let record: unknown;
    try {
      record = JSON.parse(text);
    } catch (error) {
      const what = `not JSON (${(error as Error).message})`;
      if (ended) this.sink.refuse({ line, what, right: 'every line is one JSON object' });
      else this.sink.warn({ line, what: 'the last line is incomplete', right: 'it is dropped' });
      return;
    }
    const event = asEvent(record, this.strangers.onField(line));
    if (event instanceof Complaint) this.sink.refuse({ line, what: event.what, right: event.right });
    else this.sink.take(event, line);
  }
}

/** Warns of each field that is not part of an event, once per name. */
export class Strangers {
  private readonly sink: EventSink;
  private readonly seen = new Set<string>();
  private line = 0;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  /** To be called with every such field of the event in this line. */
  onField(line: number): (field: string) => void {
    this.line = line;
    return this.note;
  }

  private readonly note = (field: string): void => {
    if (this.seen.has(field)) return;
    this.seen.add(field);
    const right = 'fields are index, time, process, type, f, key, value, result, node, error, phase';
    this.sink.warn({ line: this.line, what: `the field ${JSON.stringify(field)} is not read`, right });
  };
}

/** Cuts text that comes in pieces into lines; `ended` is false for a last line without its newline. */
export class Lines {
  private readonly onLine: (text: string, line: number, ended: boolean) => void;
  private rest = '';
  private line = 0;

  constructor(onLine: (text: string, line: number, ended: boolean) => void) {
    this.onLine = onLine;
  }

  push(text: string): void {
    let from = 0;
    for (;;) {
      const to = text.indexOf('\n', from);
      if (to === -1) break;
      const line = this.rest === '' ? text.slice(from, to) : this.rest + text.slice(from, to);
      this.rest = '';
      this.onLine(line, ++this.line, true);
      from = to + 1;
    }
    this.rest += text.slice(from);
  }

  end(): void {
    if (this.rest !== '') this.onLine(this.rest, ++this.line, false);
    this.rest = '';
  }
}

/**
 * One event as one line of JSON, without the newline; fields always stand in the same order, so equal histories are
 * equal bytes. On the recorder's hot path.
 */
export function serializeEvent(event: HistoryEvent): string {
  const process = typeof event.process === 'number' ? event.process : JSON.stringify(event.process);
  let line = `{"index":${event.index},"time":${event.time},"process":${process},"type":"${event.type}","f":${JSON.stringify(event.f)}`;
  if (event.key !== undefined) line += `,"key":${JSON.stringify(event.key)}`;
  if (event.value !== undefined) line += `,"value":${JSON.stringify(event.value)}`;
  if (event.result !== undefined) line += `,"result":${JSON.stringify(event.result)}`;
  if (event.node !== undefined) line += `,"node":${JSON.stringify(event.node)}`;
  if (event.error !== undefined) line += `,"error":${JSON.stringify(event.error)}`;
  if (event.phase !== undefined) line += `,"phase":${JSON.stringify(event.phase)}`;
  return `${line}}`;
}

/** A whole history as JSON lines. */
export function writeJsonLines(events: Iterable<HistoryEvent>): string {
  let text = '';
  for (const event of events) text += `${serializeEvent(event)}\n`;
  return text;
}
