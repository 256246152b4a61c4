import { EdnError, EdnForms } from './edn-reader.ts';
import { asEvent, Complaint, type LooseEvent } from './event.ts';
import { type EventReader, type EventSink, Strangers } from './jsonl.ts';
import type { HistoryEvent, Value } from './operation.ts';
import { isList } from './values.ts';

export interface ImportOptions {
  /** Values are `[key value]` pairs, as in Jepsen's independent workloads. Tagged tuples are always taken apart. */
  readonly keyed?: boolean;
}

/** What other tools call the operations that a model knows by another name. */
const aliases: Readonly<Record<string, string>> = { get: 'read', put: 'write' };

/** The event as faultline says it: names of operations, and the key beside the value. */
export function naturalise(event: LooseEvent, isPair: (value: Value) => boolean): LooseEvent {
  const f = Object.hasOwn(aliases, event.f) ? aliases[event.f]! : event.f;
  const { value } = event;
  if (typeof event.process !== 'string' && event.key === undefined && isList(value) && isPair(value)) {
    return { ...event, f, key: value[0]!, value: value[1]! };
  }
  return f === event.f ? event : { ...event, f };
}

/**
 * Reads a Jepsen history in EDN: maps like `{:type :invoke, :f :read, :process 0, :value nil}`, one after the other, or
 * in one vector or list. EDN has no lines to begin anew at, so the whole text is held until the end.
 */
export class EdnReader implements EventReader {
  private readonly sink: EventSink;
  private readonly keyed: boolean;
  private readonly strangers: Strangers;
  private text = '';

  constructor(sink: EventSink, options: ImportOptions = {}) {
    this.sink = sink;
    this.keyed = options.keyed ?? false;
    this.strangers = new Strangers(sink);
  }

  push(text: string): void {
    this.text += text;
  }

  end(): void {
    const forms = new EdnForms(this.text);
    this.text = '';
    try {
      this.read(forms);
    } catch (error) {
      if (!(error instanceof EdnError)) throw error;
      this.sink.refuse({ line: error.line, column: error.column, what: error.message, right: error.right });
    }
  }

  private read(forms: EdnForms): void {
    while (forms.more()) {
      const open = forms.peek();
      if (open === '[' || open === '(') this.readAll(forms, open === '[' ? ']' : ')');
      else this.readOne(forms);
    }
  }

  /** The events in one collection, read one by one so that each keeps its line. */
  private readAll(forms: EdnForms, close: string): void {
    forms.step();
    while (forms.more() && forms.peek() !== close) this.readOne(forms);
    if (!forms.more()) throw forms.fail('the text ends inside the collection of events', `it ends with ${close}`);
    forms.step();
  }

  private readOne(forms: EdnForms): void {
    const line = forms.currentLine;
    const event = asEvent(forms.next(), this.strangers.onField(line));
    if (event instanceof Complaint) this.sink.refuse({ line, what: event.what, right: event.right });
    else
      this.sink.take(
        naturalise(event, (value) => this.isPair(forms, value)),
        line,
      );
  }

  private isPair(forms: EdnForms, value: Value): boolean {
    return isList(value) && value.length === 2 && (this.keyed || forms.tuples.has(value));
  }
}

/** One event as an EDN map, in Jepsen's order of fields. */
export function serializeEdnEvent(event: HistoryEvent): string {
  const fields = [
    `:index ${event.index}`,
    `:time ${number(event.time)}`,
    `:type :${event.type}`,
    `:process ${typeof event.process === 'number' ? event.process : keyword(event.process)}`,
    `:f ${keyword(event.f)}`,
  ];
  if (event.key !== undefined) fields.push(`:key ${write(event.key)}`);
  if (event.value !== undefined)
    fields.push(`:value ${event.f === 'txn' ? writeTransaction(event.value) : write(event.value)}`);
  if (event.result !== undefined) fields.push(`:result ${write(event.result)}`);
  if (event.node !== undefined) fields.push(`:node ${text(event.node)}`);
  if (event.error !== undefined) fields.push(`:error ${write(event.error)}`);
  if (event.phase !== undefined) fields.push(`:phase ${text(event.phase)}`);
  return `{${fields.join(', ')}}`;
}

/** A whole history as EDN, one map per line. */
export function writeEdn(events: Iterable<HistoryEvent>): string {
  let written = '';
  for (const event of events) written += `${serializeEdnEvent(event)}\n`;
  return written;
}

function write(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return String(value);
  if (isList(value)) return `[${value.map(write).join(' ')}]`;
  return `{${Object.entries(value)
    .map(([name, content]) => `${keyword(name)} ${write(content)}`)
    .join(', ')}}`;
}

/** Micro-operations are named by keywords there: `[[:r 1 nil] [:append 1 2]]`. */
function writeTransaction(value: Value): string {
  if (!isList(value)) return write(value);
  return `[${value.map(writeMicroOperation).join(' ')}]`;
}

function writeMicroOperation(value: Value): string {
  if (!isList(value) || typeof value[0] !== 'string') return write(value);
  return `[${[keyword(value[0]), ...value.slice(1).map(write)].join(' ')}]`;
}

/** A number that reads back as the same number: 1e21 and beyond are written with an exponent in both notations. */
const number = (value: number): string => String(value);

/** A keyword where the text can be one, or else a string, which reads back as the same text. */
const keyword = (name: string): string => (/^[A-Za-z*!_?][\w*!?.-]*$/.test(name) ? `:${name}` : text(name));

/** JSON's escapes are EDN's, but for control characters, which JSON writes as \u anyway. */
const text = (value: string): string => JSON.stringify(value);
