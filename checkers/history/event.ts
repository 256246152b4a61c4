import type { EventType, HistoryEvent, Value } from './operation.ts';
import { isList } from './values.ts';

/** An event as a file has it: foreign files number and time their events, or they do not. */
export type LooseEvent = Omit<HistoryEvent, 'index' | 'time'> & { readonly index?: number; readonly time?: number };

/** What is wrong with a record, and what would be right. */
export class Complaint {
  readonly what: string;
  readonly right: string;

  constructor(what: string, right: string) {
    this.what = what;
    this.right = right;
  }
}

/** Process numbers and event numbers live in 32-bit columns. */
export const NUMBER_MAX = 0x7ffffffe;
const DEPTH_MAX = 500;

/**
 * Checks one record of a history by hand: the reader's hot path. The record itself is the event when it is sound;
 * otherwise the first complaint. Fields that are not part of an event are left alone and named to `onStranger`.
 */
export function asEvent(record: unknown, onStranger: (field: string) => void): LooseEvent | Complaint {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return new Complaint(`${show(record)} is not an event`, 'an event is an object with process, type and f');
  }
  const fields = record as Record<string, unknown>;
  for (const field in fields) {
    const complaint = complaintAbout(field, fields[field], onStranger);
    if (complaint !== undefined) return complaint;
  }
  for (const field of ['process', 'type', 'f']) {
    if (fields[field] === undefined) {
      return new Complaint(`the event has no ${field}`, 'every event has process, type and f');
    }
  }
  return record as LooseEvent;
}

function complaintAbout(field: string, content: unknown, onStranger: (field: string) => void): Complaint | undefined {
  switch (field) {
    case 'process':
      return isCount(content) || (typeof content === 'string' && content !== '')
        ? undefined
        : wrong(field, content, `a client is an integer from 0 to ${NUMBER_MAX}, anyone else a name`);
    case 'type':
      return isEventType(content) ? undefined : wrong(field, content, 'it is one of invoke, ok, fail, info');
    case 'f':
      return typeof content === 'string' && content !== ''
        ? undefined
        : wrong(field, content, 'it is the name of what was asked, such as read');
    case 'index':
      return isCount(content) ? undefined : wrong(field, content, `it is an integer from 0 to ${NUMBER_MAX}`);
    case 'time':
      return typeof content === 'number' && content >= 0 && content <= Number.MAX_SAFE_INTEGER
        ? undefined
        : wrong(field, content, 'it is nanoseconds since the run began, from 0 to 2^53 - 1');
    case 'node':
    case 'phase':
      return typeof content === 'string' ? undefined : wrong(field, content, 'it is text');
    case 'key':
    case 'value':
    case 'result':
    case 'error':
      return complaintAboutValue(field, content as Value, 0);
    default:
      onStranger(field);
      return undefined;
  }
}

const wrong = (field: string, content: unknown, right: string): Complaint =>
  new Complaint(`${field} is ${show(content)}`, right);

const isCount = (content: unknown): boolean =>
  typeof content === 'number' && Number.isInteger(content) && content >= 0 && content <= NUMBER_MAX;

const isEventType = (content: unknown): content is EventType =>
  content === 'invoke' || content === 'ok' || content === 'fail' || content === 'info';

/**
 * A double cannot tell 2^53 from 2^53 + 1, so an integer beyond is refused: two different values must never look equal
 * to a checker.
 */
function complaintAboutValue(field: string, value: Value, depth: number): Complaint | undefined {
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value)
      ? new Complaint(`${field} has the integer ${value}`, 'integers beyond 2^53 - 1 are written as decimal strings')
      : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === DEPTH_MAX)
    return new Complaint(`${field} is nested too deeply`, `values have at most ${DEPTH_MAX} levels`);
  const parts = isList(value) ? value : Object.values(value);
  for (const part of parts) {
    const complaint = complaintAboutValue(field, part, depth + 1);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

/** The content in a message: JSON, cut to a readable length. */
function show(content: unknown): string {
  const text = JSON.stringify(content) ?? String(content);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
