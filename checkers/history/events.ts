import type { History, Operation } from './history.ts';
import type { HistoryEvent } from './operation.ts';
import { NEVER } from './outcome-codes.ts';
import { NOTHING, timeline } from './timeline.ts';

/**
 * The events that a history was made of, in order: paired again they give an equal history (`pair`, and with
 * `reuse: 'accept'` if this one was read so). Node and phase stand on both events of an operation, the error on its
 * completion, or on its invocation if it has none. Not known any more, and left out: the value of a `fail` or an `info`,
 * and a result of theirs; `index` of a completion is its position; times that the file did not have are positions, so
 * that a history that was not `timed` for want of times is when read again.
 *
 * Takes 4 bytes an event, and one event at a time.
 */
export function* events(history: History): Generator<HistoryEvent, void, undefined> {
  const { givenUp, named } = history;
  const moments = timeline(history);
  const abandoned = new Set(givenUp.op);
  let nextGivenUp = 0;
  let nextNamed = 0;
  for (let at = 0; at < moments.length; at++) {
    const moment = moments[at]!;
    if (moment < 0) yield completion(history.operation(~moment), at);
    else if (moment !== NOTHING) yield invocation(history, moment, abandoned.has(moment));
    else if (givenUp.at[nextGivenUp] === at) {
      yield abandonment(history.operation(givenUp.op[nextGivenUp]!), at, givenUp.ns[nextGivenUp]!);
      nextGivenUp++;
    } else {
      const { position, ...event } = named[nextNamed++]!;
      yield event;
    }
  }
}

function invocation(history: History, op: number, isGivenUp: boolean): HistoryEvent {
  const operation = history.operation(op);
  const { index, invokedNs, input } = operation;
  const hasEnd = isGivenUp || history.completedAt[op] !== NEVER;
  const error = hasEnd ? undefined : operation.error;
  return { index, time: invokedNs, type: 'invoke', ...common(operation), ...present({ value: input, error }) };
}

function completion(operation: Operation, at: number): HistoryEvent {
  const { outcome, output, result, error, completedNs } = operation;
  const type = outcome === 'ok' ? 'ok' : 'fail';
  return { index: at, time: completedNs, type, ...common(operation), ...present({ value: output, result, error }) };
}

const abandonment = (operation: Operation, at: number, ns: number): HistoryEvent => ({
  index: at,
  time: ns,
  type: 'info',
  ...common(operation),
  ...present({ error: operation.error }),
});

const common = ({ process, f, key, node, phase }: Pick<Operation, 'process' | 'f' | 'key' | 'node' | 'phase'>) => ({
  process,
  f,
  ...present({ key, node, phase }),
});

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, content]) => content !== undefined)) as Present<T>;
