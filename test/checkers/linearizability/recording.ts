import { type History, HistoryBuilder } from '../../../checkers/history/history.ts';
import type { HistoryEvent, Value } from '../../../checkers/history/operation.ts';

/** A call with its place in the sequence of events: what the generator makes, mutates, and the brute force reads. */
export interface Call {
  readonly f: string;
  readonly key?: Value;
  readonly input?: Value;
  readonly output?: Value;
  readonly result?: Value;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** Any number: only the order of all these numbers counts. */
  readonly invokedAt: number;
  readonly returnedAt: number;
}

/** Between two events that follow each other. */
export const nsPerEvent = 1e6;

/** The calls as a recorder would have written them: one process each, times a millisecond apart. */
export function events(calls: readonly Call[]): HistoryEvent[] {
  const moments = calls.flatMap((call, process) => {
    const common = { process, f: call.f, ...(call.key === undefined ? {} : { key: call.key }) };
    const invoke = { ...common, type: 'invoke', ...(call.input === undefined ? {} : { value: call.input }) } as const;
    if (call.outcome === 'unknown') return [{ at: call.invokedAt, event: invoke }];
    const type = call.outcome === 'ok' ? ('ok' as const) : ('fail' as const);
    const value = call.output === undefined ? call.input : call.output;
    const answer = {
      ...common,
      type,
      ...(value === undefined ? {} : { value }),
      ...(call.result === undefined ? {} : { result: call.result }),
    };
    return [
      { at: call.invokedAt, event: invoke },
      { at: call.returnedAt, event: answer },
    ];
  });
  moments.sort((a, b) => a.at - b.at);
  return moments.map(({ event }, index) => ({ index, time: index * nsPerEvent, ...event }));
}

/** Operation number i of the history is the i-th call in order of invocation. */
export function record(calls: readonly Call[], timed = true): History {
  const builder = new HistoryBuilder();
  const open = new Map<HistoryEvent['process'], number>();
  for (const event of events(calls)) {
    if (event.type === 'invoke') open.set(event.process, builder.invoke(event));
    else builder.complete(open.get(event.process)!, event);
  }
  return builder.build(timed);
}

export const inOrder = (calls: readonly Call[]): Call[] => calls.toSorted((a, b) => a.invokedAt - b.invokedAt);
