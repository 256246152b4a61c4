import fc from 'fast-check';
import type { HistoryEvent, Value } from '../../../checkers/history/operation.ts';

/** One call as an oracle sees it: plain numbers, no pairing, no columns. */
export interface Call {
  readonly process: number;
  readonly f: string;
  readonly key?: Value;
  readonly value?: Value;
  readonly answer?: Value;
  readonly result?: Value;
  readonly outcome: 'ok' | 'fail' | 'info';
  /** Places of the events in the history; `Infinity` for an unknown outcome. */
  invoked: number;
  completed: number;
}

/** What a call asks and hears, before it has its place in time. */
export type Content = Omit<Call, 'process' | 'invoked' | 'completed'>;

/**
 * Lays calls out in time: each begins at a place chosen at random and takes a random while, so that some overlap and
 * some do not. Every call has a process of its own unless it names one.
 */
export const layOut = (contents: fc.Arbitrary<Content>, max: number): fc.Arbitrary<Call[]> =>
  fc.array(fc.tuple(contents, fc.nat({ max: 30 }), fc.nat({ max: 12 })), { maxLength: max }).map((placed) => {
    const ends: { readonly at: number; readonly call: number; readonly isEnd: boolean }[] = [];
    for (const [call, [, start, length]] of placed.entries()) {
      ends.push({ at: start, call, isEnd: false }, { at: start + length + 0.5, call, isEnd: true });
    }
    ends.sort((a, b) => a.at - b.at || a.call - b.call);
    const calls = placed.map(([content], process): Call => ({ ...content, process, invoked: 0, completed: 0 }));
    for (const [place, { call, isEnd }] of ends.entries()) {
      if (isEnd) calls[call]!.completed = place;
      else calls[call]!.invoked = place;
    }
    return calls;
  });

/** The history of the calls, one event per place. */
export function eventsOfCalls(calls: readonly Call[]): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const { process, f, key, value, answer, result, outcome, invoked, completed } of calls) {
    const base = { process, f, ...(key === undefined ? {} : { key }) };
    const asked = value === undefined ? {} : { value };
    events[invoked] = { ...base, index: invoked, time: invoked * 1e6, type: 'invoke', ...asked };
    const seen = outcome !== 'ok' ? asked : answer === undefined ? asked : { value: answer };
    const told = outcome === 'ok' && result !== undefined ? { result } : {};
    events[completed] = { ...base, index: completed, time: completed * 1e6, type: outcome, ...seen, ...told };
  }
  return events;
}

/** a was over before b began; an unknown call is never over. */
export const before = (a: Call, b: Call): boolean => a.outcome !== 'info' && a.completed < b.invoked;
