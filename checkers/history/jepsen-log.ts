import type { ImportOptions } from './edn.ts';
import { naturalise } from './edn.ts';
import { EdnError, EdnForms } from './edn-reader.ts';
import { asEvent, Complaint, type LooseEvent } from './event.ts';
import { type EventReader, type EventSink, Lines } from './jsonl.ts';
import type { EventType, Value } from './operation.ts';

/** Process, type and the rest of an operation, at the start of the line or behind Jepsen's logging prefix. */
const operation =
  /^(?:.*\bjepsen\.util(?: -|:)\s+|\s*)(\d+|:[\w-]+)\s+:(invoke|ok|fail|info)\s+:(\S+)(?:\s+(.*?))?\s*$/;

/**
 * Reads Jepsen's text logs: `INFO  jepsen.util - 0 :invoke :write 3`, with or without the prefix, values in EDN. Lines
 * that log something else are skipped. A completion that is not ok may carry its error in place of the value
 * (`:info :cas :timed-out`) or after it.
 */
export class JepsenLogReader implements EventReader {
  private readonly sink: EventSink;
  private readonly keyed: boolean;
  private readonly lines = new Lines((text, line) => this.read(text, line));
  private found = 0;

  constructor(sink: EventSink, options: ImportOptions = {}) {
    this.sink = sink;
    this.keyed = options.keyed ?? false;
  }

  push(text: string): void {
    this.lines.push(text);
  }

  end(): void {
    this.lines.end();
    if (this.found > 0) return;
    this.sink.refuse({ line: 1, what: 'no line is an operation', right: 'such as: 0 :invoke :write 3' });
  }

  private read(text: string, line: number): void {
    const parts = operation.exec(text);
    if (parts === null) return;
    this.found++;
    try {
      const event = asEvent(record(parts, line), () => {});
      if (event instanceof Complaint) this.sink.refuse({ line, what: event.what, right: event.right });
      else
        this.sink.take(
          naturalise(event, (value) => this.isPair(value)),
          line,
        );
    } catch (error) {
      if (!(error instanceof EdnError)) throw error;
      this.sink.refuse({ line, what: error.message, right: error.right });
    }
  }

  private isPair(value: Value): boolean {
    return this.keyed && Array.isArray(value) && value.length === 2;
  }
}

function record([, process, type, f, rest]: RegExpExecArray, line: number): LooseEvent {
  const isClient = !process!.startsWith(':');
  const base = { process: isClient ? Number(process) : process!.slice(1), type: type as EventType, f: f! };
  const forms = new EdnForms(rest ?? '', line);
  if (!forms.more()) return base;
  const isError = (type === 'info' || type === 'fail') && isClient && forms.peek() === ':';
  const first = forms.next();
  if (isError) return { ...base, error: first };
  return forms.more() ? { ...base, value: first, error: forms.next() } : { ...base, value: first };
}
