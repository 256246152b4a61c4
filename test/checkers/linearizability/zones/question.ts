import type { History } from '../../../../checkers/history/history.ts';
import type { Value } from '../../../../checkers/history/operation.ts';
import { type FailedCas, keyOfPart, split } from '../../../../checkers/linearizability/part.ts';
import type { Decision, Question } from '../../../../checkers/linearizability/procedure.ts';
import { zones } from '../../../../checkers/linearizability/zones/zones.ts';
import { models } from '../../../../checkers/models/models.ts';
import { type Call, record } from '../recording.ts';

/** A model that nobody may ask: zones read the columns. */
export const untouchable = {
  ...models.get('cas-register')!,
  understand: () => expectUntouched(),
  step: () => expectUntouched(),
};

function expectUntouched(): never {
  throw new Error('the model was asked');
}

export const none = (): void => {};

export interface Asked {
  readonly question: Question;
  readonly key: Value | undefined;
}

export function questions(history: History, failedCas: FailedCas, initial: Value = null): Asked[] {
  return split(history, 'key', failedCas).map((part) => ({
    question: { history, part, model: untouchable, initial },
    key: keyOfPart(history, part),
  }));
}

/** The decision on calls on one object. */
export function decided(
  calls: readonly Call[],
  failedCas: FailedCas = 'assert',
  initial?: Value,
): Decision | undefined {
  return zones.decide(questions(record(calls), failedCas, initial)[0]!.question, none);
}

let clock = 0;

/** A call with its interval; an interval without end is an unknown outcome. */
const call = (f: string, fields: Partial<Call>, from: number, to?: number): Call => ({
  f,
  ...fields,
  outcome: to === undefined ? 'unknown' : 'ok',
  invokedAt: from + ++clock * 1e-9,
  returnedAt: to ?? Number.POSITIVE_INFINITY,
});

export const read = (output: Value, from: number, to: number): Call => call('read', { output }, from, to);
export const write = (input: Value, from: number, to?: number): Call => call('write', { input }, from, to);
export const cas = (from: Value, to: Value, result: boolean, begin: number, end?: number): Call =>
  call('cas', { input: [from, to], ...(end === undefined ? {} : { result }) }, begin, end);
