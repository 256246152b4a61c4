import { ABSENT, FAILED, type History, OK, UNKNOWN } from '../history/history.ts';
import type { Outcome } from '../history/operation.ts';
import type { AnyModel, Recorded, Refusal } from '../models/model.ts';
import { refused } from '../models/model.ts';
import { TupleTable } from './tuple-table.ts';

/** What a `fail` of a compare-and-set means: it was not executed, or it was and found that the value differed. */
export type FailedCas = 'ignore' | 'assert';

/** In place of a letter: the operation did not happen, or nobody could tell. */
export const DROPPED = -1;

/**
 * A history in the model's alphabet. Operations with the same input and the same answer are the same letter, so that
 * the search steps numbers and memoises them.
 */
export interface Letters {
  /** The letter of each operation of the history, or `DROPPED`. */
  readonly of: Int32Array;
  readonly inputs: readonly unknown[];
  /** What the client saw; `undefined` if it learned nothing. */
  readonly seen: readonly unknown[];
  /** 1 for a pure observer: no step with this letter ever changes a state (the law of `Model.observes`). */
  readonly observer: Uint8Array;
}

const outcomes: readonly Outcome[] = ['ok', 'failed', 'unknown'];

/**
 * Reads every operation of a history as the model understands it, or says which one it cannot judge and why. Dropped
 * are operations that failed (they never take effect), and observers of unknown outcome: they changed nothing and
 * nobody saw what they found, so whatever order explains the others explains them too.
 */
export function spell(model: AnyModel, history: History, failedCas: FailedCas): Letters | Refusal {
  const of = new Int32Array(history.length).fill(DROPPED);
  const inputs: unknown[] = [];
  const seen: unknown[] = [];
  const observer: number[] = [];
  const recordings = new TupleTable(model.timed ? 6 : 5);
  const letterOfRecording: number[] = [];
  const silent = new TupleTable(2);
  const letterOfSilent: number[] = [];
  const cas = history.names.find('cas');

  for (let op = 0; op < history.length; op++) {
    const asserts = history.outcome[op] === FAILED && failedCas === 'assert' && history.f[op] === cas;
    const recording = recordingOf(op, asserts);
    let letter = letterOfRecording[recording];
    if (letter === undefined) {
      const understood = model.understand(recorded(history, op, asserts));
      if (understood.kind === 'refused') return refused(complaint(history, op, understood.why));
      letter = letterFor(op, asserts, understood.input, understood.seen);
      letterOfRecording.push(letter);
    }
    of[op] = letter;
  }
  return { of, inputs, seen, observer: Uint8Array.from(observer) };

  function recordingOf(op: number, asserts: boolean): number {
    const probe = recordings.probe;
    probe[0] = history.f[op]!;
    probe[1] = history.input[op]!;
    probe[2] = history.output[op]!;
    probe[3] = history.result[op]!;
    probe[4] = asserts ? -1 : history.outcome[op]!;
    if (model.timed) probe[5] = op;
    return recordings.intern();
  }

  function letterFor(op: number, asserts: boolean, input: unknown, answer: unknown): number {
    if (history.outcome[op] === FAILED && !asserts) return DROPPED;
    const observes = model.observes(input, answer);
    if (observes && history.outcome[op] === UNKNOWN) return DROPPED;
    if (answer !== undefined || model.timed) return append(input, answer, observes);
    // An input depends on f and value alone, so an acknowledged write and an unknown one are the same letter.
    silent.probe[0] = history.f[op]!;
    silent.probe[1] = history.input[op]!;
    const id = silent.intern();
    letterOfSilent[id] ??= append(input, answer, observes);
    return letterOfSilent[id]!;
  }

  function append(input: unknown, answer: unknown, observes: boolean): number {
    inputs.push(input);
    seen.push(answer);
    return observer.push(observes ? 1 : 0) - 1;
  }
}

function recorded(history: History, op: number, asserts: boolean): Recorded {
  const value = (id: number) => (id === ABSENT ? undefined : history.values.get(id));
  return {
    f: history.names.get(history.f[op]!),
    outcome: asserts ? 'ok' : outcomes[history.outcome[op]!]!,
    input: value(history.input[op]!),
    output: history.outcome[op] === OK ? value(history.output[op]!) : undefined,
    result: asserts ? false : history.outcome[op] === OK ? value(history.result[op]!) : undefined,
    invokedNs: history.timed ? history.invokedNs[op]! : Number.NEGATIVE_INFINITY,
    returnedNs: history.timed ? history.completedNs[op]! : Number.POSITIVE_INFINITY,
  };
}

function complaint(history: History, op: number, why: string): string {
  const f = history.names.get(history.f[op]!);
  return `${why}; but the operation at index ${history.index(op)} is "${f}" by process ${history.process[op]}`;
}
