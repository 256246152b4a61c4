import type { Value } from '../../../../checkers/history/operation.ts';
import { Judge } from '../../../../checkers/linearizability/explain/judge.ts';
import { Limits } from '../../../../checkers/linearizability/limits.ts';
import { type FailedCas, split } from '../../../../checkers/linearizability/part.ts';
import type { Question } from '../../../../checkers/linearizability/procedure.ts';
import { models } from '../../../../checkers/models/models.ts';
import type { SequentialObject } from '../objects.ts';
import { type Call, inOrder, record } from '../recording.ts';

/** One question for each key of a history. */
export function questionsOf(name: string, calls: readonly Call[], failedCas: FailedCas = 'ignore'): Question[] {
  const model = models.get(name)!;
  const history = record(calls);
  return split(history, model.partition, failedCas).map((part) => ({ history, part, model, initial: model.initial }));
}

/** A judge with an allowance that small questions do not use up. */
export const judgeOf = (question: Question, steps = 1e7): Judge =>
  new Judge(question, [], new Limits({}), { steps, ms: Number.POSITIVE_INFINITY });

/** What is left of the calls in a smaller question: the unknown ones have forgotten their answers. */
export function callsOf({ part }: Question, calls: readonly Call[]): Call[] {
  const numbered = inOrder(calls);
  return Array.from(part.ops, (op, own) => {
    const call = numbered[op]!;
    if (part.definite[own] === 1) return call;
    const { output: _, result: __, ...rest } = call;
    return { ...rest, outcome: 'unknown', returnedAt: Number.POSITIVE_INFINITY };
  });
}

/** The object that a smaller question starts from. Of a set or registers, the state is told for all its facets. */
export function objectOf(object: SequentialObject, { model, initial }: Question): SequentialObject {
  if (initial === models.get(model.name)!.initial) return object;
  return { ...object, fresh: freshOf(object, initial) };
}

/** The state of a model as the state of the object of `objects.ts`. Locks start from nothing but their own beginning. */
function freshOf({ model, fresh }: SequentialObject, initial: unknown): Value {
  if (model === 'set') return (initial as readonly string[]).map((element) => JSON.parse(element) as Value).sort();
  return model.endsWith('-mutex') ? fresh : (initial as Value);
}

/** The calls as far as they are about some elements or registers. */
export function projected(model: string, calls: readonly Call[], facets: readonly string[] | undefined): Call[] {
  if (facets === undefined) return [...calls];
  const within = (value: Value): boolean => facets.includes(JSON.stringify(value));
  return calls.map((call) => {
    if (model === 'set') {
      return call.output === undefined ? call : { ...call, output: (call.output as Value[]).filter(within) };
    }
    const steps = (list: Value) => (list as [string, string, Value][]).filter(([, name]) => within(name));
    const asked = { ...call, input: steps(call.input!) };
    return call.output === undefined ? asked : { ...asked, output: steps(call.output) };
  });
}
