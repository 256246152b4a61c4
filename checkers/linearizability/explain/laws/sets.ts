import type { Value } from '../../../history/operation.ts';
import type { AnyModel } from '../../../models/model.ts';
import { GONE, KEPT, weakened } from '../../part.ts';
import type { Question } from '../../procedure.ts';
import { operationsOf, type Spelled } from './laws.ts';
import { restricted } from './restricted.ts';

// What `models/set.ts` makes of operations: elements are canonical texts, in ascending order.
type SetInput = { readonly kind: 'read' } | { readonly kind: 'add'; readonly element: string };
interface SetRead {
  readonly elements: readonly string[];
  readonly twice: string | undefined;
}

const inputOf = ({ inputs, letters }: Spelled, op: number): SetInput | undefined =>
  inputs[letters[op]!] as SetInput | undefined;

const readOf = ({ seen, letters }: Spelled, op: number): SetRead | undefined =>
  seen[letters[op]!] as SetRead | undefined;

/**
 * An element that no definite read found has not been added before any of them. Of several unknown additions of one
 * element, the one invoked first can stand for all.
 */
export function spareAdditions(spelled: Spelled): number[] {
  const { definite, unknown } = operationsOf(spelled);
  const found = new Set(definite.flatMap((op) => readOf(spelled, op)?.elements ?? []));
  return unknown.filter((op) => {
    const input = inputOf(spelled, op)!;
    return input.kind === 'add' && !found.delete(input.element); // true once, for the first addition
  });
}

/** All elements that were added or read. */
export function elements(spelled: Spelled): string[] {
  const all = new Set<string>();
  for (let op = 0; op < spelled.letters.length; op++) {
    const input = inputOf(spelled, op);
    if (input?.kind === 'add') all.add(input.element);
    for (const element of readOf(spelled, op)?.elements ?? []) all.add(element);
  }
  return [...all];
}

/** So many are worth a try. */
const suspectsMax = 8;

/** An element that was added, alone; of two reads an element that only the one found and one that only the other did. */
export function suspects(spelled: Spelled): string[][] {
  const { definite } = operationsOf(spelled);
  const inputs = definite.map((op) => inputOf(spelled, op)!);
  const added = inputs.flatMap((input) => (input.kind === 'add' ? [[input.element]] : []));
  const [first, second] = definite.flatMap((op) => readOf(spelled, op) ?? []);
  const parting = first === undefined || second === undefined ? [] : [missing(first, second), missing(second, first)];
  return [...(parting.length === 0 ? [] : [parting.flat()]), ...added].slice(0, suspectsMax);
}

/** The first element of a read that another lacks. */
function missing(from: SetRead, other: SetRead): string[] {
  const found = new Set(other.elements);
  return from.elements.filter((element) => !found.has(element)).slice(0, 1);
}

/** Only some elements: a set is the sum of its elements, so what a legal order says of a few of them is legal too. */
export function onlyElements(spelled: Spelled, wanted: ReadonlySet<string>, whole: AnyModel): Question {
  const { question } = spelled;
  const fate = Uint8Array.from(spelled.letters, (_, op) => {
    const input = inputOf(spelled, op);
    return input === undefined || (input.kind === 'add' && !wanted.has(input.element)) ? GONE : KEPT;
  });
  const model = restricted<SetInput, SetRead>(whole, (input, seen) => ({
    input,
    seen: seen && {
      elements: seen.elements.filter((element) => wanted.has(element)),
      twice: seen.twice !== undefined && wanted.has(seen.twice) ? seen.twice : undefined,
    },
  }));
  const initial = (question.initial as readonly string[]).filter((element) => wanted.has(element));
  return { ...question, part: weakened(question.part, fate), model, initial };
}

/** A read tells the set, unless it is wrong by itself. */
export function setStart(_input: unknown, seen: unknown, { model }: Question): { readonly state: unknown } | undefined {
  const read = seen as SetRead | undefined;
  if (read === undefined || read.twice !== undefined) return undefined;
  const start = model.startingFrom(read.elements.map((element) => JSON.parse(element) as Value));
  return start.kind === 'state' ? { state: start.state } : undefined;
}
