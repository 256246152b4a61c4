import { ABSENT, FAILED, type History, OK, UNKNOWN } from '../../history/history.ts';
import type { Outcome } from '../../history/operation.ts';
import { type AnyModel, type Recorded, type Refusal, refused } from '../../models/model.ts';
import { outcomeIn, type Part } from '../part.ts';
import { EffectColumns } from './effects.ts';
import { all, type Reductions } from './reductions.ts';
import { TupleTable } from './tuple-table.ts';
import { dropUnobservable } from './unobservable.ts';

/** In place of a letter: nobody could tell whether the operation happened. */
export const DROPPED = -1;

const outcomes: readonly Outcome[] = ['ok', 'failed', 'unknown'];
const operationsPerCheckpoint = 2 ** 13;

/**
 * The operations of a history in the model's terms. Operations with the same input and the same answer are the same
 * letter, so that the search steps numbers and memoises them. One alphabet serves all parts of a history.
 */
export class Alphabet {
  readonly model: AnyModel;
  readonly inputs: unknown[] = [];
  /** What the client saw; `undefined` if it learned nothing. */
  readonly seen: unknown[] = [];
  /** 1 for a pure observer: no step with this letter ever changes a state (the law of `Model.observes`). */
  readonly observer: number[] = [];
  /** What each letter needs and makes, where the model says so. */
  readonly effects = new EffectColumns();
  private readonly history: History;
  private readonly recordings: TupleTable;
  private readonly letterOfRecording: number[] = [];
  private readonly silent = new TupleTable(2);
  private readonly letterOfSilent: number[] = [];

  constructor(model: AnyModel, history: History) {
    this.model = model;
    this.history = history;
    this.recordings = new TupleTable(model.timed ? 6 : 5);
  }

  /**
   * The letter of each operation of a part, or which operation the model cannot judge and why. Dropped are observers of
   * unknown outcome: they changed nothing and nobody saw what they found, so whatever order explains the others
   * explains them too. So are unknown operations that nobody can have noticed (`unobservable.ts`).
   *
   * `checkpoint` is called now and then, and may throw: a long history of different operations is a lot of letters.
   */
  spell(part: Part, reductions: Reductions = all, checkpoint?: () => void): Int32Array | Refusal {
    const letters = new Int32Array(part.ops.length);
    for (let own = 0; own < letters.length; own++) {
      if (own % operationsPerCheckpoint === 0) checkpoint?.();
      const outcome = outcomeIn(this.history, part, own);
      const recording = this.recordingOf(part.ops[own]!, outcome);
      let letter = this.letterOfRecording[recording];
      if (letter === undefined) {
        const understood = this.understand(part.ops[own]!, outcome);
        if (typeof understood === 'object') return understood;
        letter = understood;
        this.letterOfRecording.push(letter);
      }
      letters[own] = letter;
    }
    if (reductions.unobservable) dropUnobservable(part, letters, this.effects);
    return letters;
  }

  private recordingOf(op: number, outcome: number): number {
    const { history } = this;
    const { probe } = this.recordings;
    probe[0] = history.f[op]!;
    probe[1] = history.input[op]!;
    probe[2] = outcome === UNKNOWN ? ABSENT : history.output[op]!;
    probe[3] = outcome === UNKNOWN ? ABSENT : history.result[op]!;
    probe[4] = outcome;
    if (this.model.timed) probe[5] = op;
    return this.recordings.intern();
  }

  private understand(op: number, outcome: number): number | Refusal {
    const { model, history } = this;
    const understood = model.understand(recorded(history, op, outcome));
    if (understood.kind === 'refused') return refused(complaint(history, op, understood.why));
    const { input, seen } = understood;
    const observes = model.observes(input, seen);
    if (observes && outcome === UNKNOWN) return DROPPED;
    if (seen !== undefined || model.timed) return this.append(input, seen, observes);
    // An input depends on f and value alone, so an acknowledged write and an unknown one are the same letter.
    this.silent.probe[0] = history.f[op]!;
    this.silent.probe[1] = history.input[op]!;
    const id = this.silent.intern();
    this.letterOfSilent[id] ??= this.append(input, seen, observes);
    return this.letterOfSilent[id]!;
  }

  private append(input: unknown, seen: unknown, observes: boolean): number {
    this.inputs.push(input);
    this.seen.push(seen);
    this.effects.push(this.model.effect?.(input, seen));
    return this.observer.push(observes ? 1 : 0) - 1;
  }
}

/**
 * Whether the model knows the names of the operations that failed: they are in no part, and a history with an operation
 * that the model has never heard of was not made for it.
 */
export function refusalOfFailed(model: AnyModel, history: History): Refusal | undefined {
  const asked = new Uint8Array(history.names.size);
  for (let op = 0; op < history.length; op++) {
    if (history.outcome[op] !== FAILED || asked[history.f[op]!] === 1) continue;
    asked[history.f[op]!] = 1;
    const understood = model.understand({ ...recorded(history, op, UNKNOWN), outcome: 'failed' });
    if (understood.kind === 'refused') return refused(complaint(history, op, understood.why));
  }
  return undefined;
}

/** A failed compare-and-set is in a part only when it asserts a mismatch: then it reads as an ok with result false. */
function recorded(history: History, op: number, outcome: number): Recorded {
  const value = (id: number) => (id === ABSENT ? undefined : history.values.get(id));
  const asserts = outcome === FAILED;
  return {
    f: history.names.get(history.f[op]!),
    outcome: asserts ? 'ok' : outcomes[outcome]!,
    input: value(history.input[op]!),
    output: outcome === OK ? value(history.output[op]!) : undefined,
    result: asserts ? false : outcome === OK ? value(history.result[op]!) : undefined,
    invokedNs: history.timed ? history.invokedNs[op]! : Number.NEGATIVE_INFINITY,
    returnedNs: history.timed && outcome !== UNKNOWN ? history.completedNs[op]! : Number.POSITIVE_INFINITY,
  };
}

function complaint(history: History, op: number, why: string): string {
  const f = history.names.get(history.f[op]!);
  return `${why}; but the operation at index ${history.index(op)} is "${f}" by process ${history.process[op]}`;
}
