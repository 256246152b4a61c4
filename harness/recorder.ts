import { serializeEvent } from '../checkers/history/jsonl.ts';
import type { HistoryEvent, Value } from '../checkers/history/operation.ts';
import type { Ending } from './client/client.ts';
import type { Planned } from './generator/generator.ts';
import type { Time } from './time.ts';

/** Where lines of history go; a file that survives the harness, in a real run. */
export interface HistorySink {
  append(line: string): void;
}

/**
 * The one sequencer of a run: every event of every client and of the nemesis gets its index and its time here, from one
 * monotonic clock (SYSTEMS 15.3). An invocation is stamped before its first byte leaves and a completion after its answer
 * was parsed: the recorded interval contains the true one, which can hide a violation but never invent one.
 */
export class Recorder {
  readonly #time: Time;
  readonly #sink: HistorySink;
  #index = 0;
  #closed = false;
  #phase: string | undefined;
  readonly onEvent: ((event: HistoryEvent) => void) | undefined;

  constructor(time: Time, sink: HistorySink, onEvent?: (event: HistoryEvent) => void) {
    this.#time = time;
    this.#sink = sink;
    this.onEvent = onEvent;
  }

  /** Events recorded so far. */
  get count(): number {
    return this.#index;
  }

  set phase(name: string) {
    this.#phase = name;
  }

  invoke(process: number, planned: Planned): void {
    this.#record({ process, type: 'invoke', f: planned.f, ...optional(planned.key, planned.value, undefined) });
  }

  /** An answer that comes after the run has ended is not recorded: the operation stays unknown, which is sound. */
  complete(process: number, planned: Planned, ending: Ending): void {
    const { type, node } = ending;
    const value = ending.type === 'ok' && ending.value !== undefined ? ending.value : planned.value;
    const result = ending.type === 'ok' ? ending.result : undefined;
    const error = ending.type === 'ok' ? {} : { error: ending.error };
    this.#record({ process, type, f: planned.f, ...optional(planned.key, value, result), node, ...error });
  }

  note(f: string, value: Value): void {
    this.#record({ process: 'nemesis', type: 'info', f, value });
  }

  /** Nothing is recorded from here on. */
  close(): void {
    this.#closed = true;
  }

  #record(fields: Omit<HistoryEvent, 'index' | 'time'>): void {
    if (this.#closed) return;
    const phase = this.#phase === undefined ? {} : { phase: this.#phase };
    const event: HistoryEvent = { index: this.#index++, time: Math.round(this.#time.nowNs()), ...fields, ...phase };
    this.#sink.append(serializeEvent(event));
    this.onEvent?.(event);
  }
}

function optional(key: Value | undefined, value: Value | undefined, result: Value | undefined) {
  return {
    ...(key === undefined ? {} : { key }),
    ...(value === undefined ? {} : { value }),
    ...(result === undefined ? {} : { result }),
  };
}
