import type { Outcome, ProcessId, Value } from '../history/operation.ts';
import { type Letter, NOTHING } from './letter.ts';

/** The return of a call that has none yet, or never will. */
export const NEVER = Number.POSITIVE_INFINITY;

/** One client's call, as far as the history has told of it. */
export class Call {
  readonly process: ProcessId;
  readonly f: string;
  readonly input: Value | undefined;
  /** `index` of the invocation as the file has it: what messages name. */
  readonly index: number;
  /** Place of the invocation among all events. */
  readonly invokedAt: number;
  readonly invokedNs: number;
  outcome: Outcome | 'open' = 'open';
  /** `value` and `result` of the `ok`. */
  output: Value | undefined = undefined;
  result: Value | undefined = undefined;
  /** Place of the `ok` or `fail` among all events. */
  returnedAt: number = NEVER;
  returnedNs: number = NEVER;
  /** How the model reads it; set when it is no longer open. */
  letter: Letter | typeof NOTHING = NOTHING;

  constructor(invocation: Invocation) {
    this.process = invocation.process;
    this.f = invocation.f;
    this.input = invocation.value;
    this.index = invocation.index;
    this.invokedAt = invocation.position;
    this.invokedNs = invocation.time;
  }
}

/** The `invoke` event that begins a call, with its place among all events. */
export interface Invocation {
  readonly process: ProcessId;
  readonly f: string;
  readonly value?: Value;
  readonly index: number;
  readonly position: number;
  readonly time: number;
}
