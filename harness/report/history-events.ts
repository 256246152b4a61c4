import { type History, NEVER } from '../../checkers/history/history.ts';
import type { HistoryEvent } from '../../checkers/history/operation.ts';

/**
 * The events of a history that was read from any format, in order. What the history in memory forgot (when a client gave
 * up on an unknown outcome) is not there: such an operation has an invocation only.
 */
export function eventsOf(history: History): HistoryEvent[] {
  const events: HistoryEvent[] = new Array(history.eventCount);
  for (let op = 0; op < history.length; op++) {
    const { index, process, f, key, input, output, result, outcome, node, phase, error, ...times } =
      history.operation(op);
    const common = { process, f, ...defined({ key, node, phase }) };
    events[history.invokedAt[op]!] = {
      index,
      time: times.invokedNs,
      type: 'invoke',
      ...common,
      ...defined({ value: input }),
    };
    const at = history.completedAt[op]!;
    if (at === NEVER) continue;
    const seen = outcome === 'ok' ? { value: output, result } : { error };
    const type = outcome === 'ok' ? 'ok' : 'fail';
    events[at] = { index: at, time: times.completedNs, type, ...common, ...defined(seen) };
  }
  for (const { position, ...note } of history.named) events[position] = note;
  return events.filter(() => true); // positions of forgotten completions are holes
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
const defined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
