import type { Value } from '../../../history/operation.ts';
import { canonical } from '../../../history/values.ts';
import type { QueueInput } from '../../../models/fifo-queue.ts';
import { GONE, KEPT, weakened } from '../../part.ts';
import type { Question } from '../../procedure.ts';
import { DROPPED } from '../../search/letters.ts';
import { operationsOf, type Spelled } from './laws.ts';

/** The value that an operation puts in or takes out; `undefined` for a dequeue that found nothing, or is unknown. */
function valueMoved({ inputs, seen, letters }: Spelled, op: number): string | undefined {
  const letter = letters[op]!;
  if (letter === DROPPED) return undefined;
  const input = inputs[letter] as QueueInput;
  if (input.kind === 'enqueue') return canonical(input.value);
  const taken = seen[letter] as Value | undefined;
  return taken === undefined || taken === null ? undefined : canonical(taken);
}

const isDequeue = ({ inputs, letters }: Spelled, op: number): boolean =>
  (inputs[letters[op]!] as QueueInput).kind === 'dequeue';

/** The texts of what waits at first; the two models keep lists of values and of texts. */
const waiting = ({ model, initial }: Question): readonly string[] =>
  model.name === 'fifo-queue' ? (initial as readonly Value[]).map(canonical) : (initial as readonly string[]);

/**
 * A value that no definite dequeue took: take its enqueue out of a legal order, and the unknown dequeue that took it if
 * one did. The queue is shorter by that value, in every state; what others took, and that they found nothing, stands.
 * Unknown dequeues take at most as many values as there are, and those invoked first can stand for all others.
 */
export function spareInQueue(spelled: Spelled): number[] {
  const { definite, unknown } = operationsOf(spelled);
  const taken = new Set(definite.filter((op) => isDequeue(spelled, op)).map((op) => valueMoved(spelled, op)));
  const enqueues = unknown.filter((op) => !isDequeue(spelled, op));
  const spare = enqueues.filter((op) => !taken.has(valueMoved(spelled, op)));
  const put = definite.filter((op) => !isDequeue(spelled, op)).length + enqueues.length - spare.length;
  const takers = unknown.filter((op) => isDequeue(spelled, op));
  return [...spare, ...takers.slice(put + waiting(spelled.question).length)];
}

/** The values that move through the queue, without those that it held at first. */
export function valuesInQueue(spelled: Spelled): string[] {
  const values = new Set<string>();
  for (let op = 0; op < spelled.letters.length; op++) {
    const value = valueMoved(spelled, op);
    if (value !== undefined) values.add(value);
  }
  for (const value of waiting(spelled.question)) values.delete(value);
  return [...values];
}

/**
 * Only some values: take all enqueues and dequeues of the others out of a legal order, and the unknown dequeues that
 * took one of them. In every state the queue holds what it held, without those values, in the same order.
 */
export function onlyValues(spelled: Spelled, values: ReadonlySet<string>): Question {
  const { question } = spelled;
  const kept = new Set([...values, ...waiting(question)]);
  const fate = Uint8Array.from(spelled.letters, (_, op) => {
    const value = valueMoved(spelled, op);
    return value === undefined || kept.has(value) ? KEPT : GONE;
  });
  return { ...question, part: weakened(question.part, fate) };
}
