import { ABSENT } from './absent.ts';
import { ERROR, KEY, RESULT, VALUE } from './cells.ts';
import type { LooseEvent } from './event.ts';
import type { EventScan } from './event-scan.ts';
import type { EventType, Value } from './operation.ts';

/** By the numbers of `EventScan.type`. */
const types: readonly EventType[] = ['invoke', 'ok', 'fail', 'info'];

/** The scanned event as the object that `JSON.parse` would have made of its line. */
export function scannedEvent(scan: EventScan): LooseEvent {
  const { cells, strings } = scan;
  const event: { -readonly [Field in keyof LooseEvent]: LooseEvent[Field] } = {
    index: scan.index,
    time: scan.time,
    process: scan.process,
    type: types[scan.type]!,
    f: strings.text(scan.f),
  };
  const key = cells.field(KEY);
  const value = cells.field(VALUE);
  const result = cells.field(RESULT);
  const error: Value | undefined = cells.field(ERROR);
  if (key !== undefined) event.key = key;
  if (value !== undefined) event.value = value;
  if (result !== undefined) event.result = result;
  if (scan.node !== ABSENT) event.node = strings.text(scan.node);
  if (error !== undefined) event.error = error;
  if (scan.phase !== ABSENT) event.phase = strings.text(scan.phase);
  return event;
}
