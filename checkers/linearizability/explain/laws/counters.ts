import { operationsOf, type Spelled } from './laws.ts';

/** What `models/counter.ts` makes of an operation. */
type CounterInput = { readonly kind: 'read' } | { readonly kind: 'add'; readonly delta: number };

/**
 * While no addition goes down, the counter never passes through more than the largest total that somebody was told:
 * beyond it no unknown addition is of use, and of one delta only as many as fit below it. Those invoked first can stand
 * for all. The same upside down.
 */
export function spareSums(spelled: Spelled): number[] {
  const { definite, unknown } = operationsOf(spelled);
  const deltas = [...definite, ...unknown].map((op) => deltaOf(spelled, op));
  const sign = deltas.every((delta) => delta >= 0) ? 1 : -1;
  if (deltas.some((delta) => delta * sign < 0)) return [];
  let farthest = 0;
  for (const op of definite) {
    const told = spelled.seen[spelled.letters[op]!];
    if (typeof told === 'number') farthest = Math.max(farthest, sign * (told - (spelled.question.initial as number)));
  }
  const used = new Map<number, number>();
  return unknown.filter((op) => {
    const delta = sign * deltaOf(spelled, op);
    const sum = (used.get(delta) ?? 0) + delta;
    used.set(delta, sum);
    return sum > farthest;
  });
}

function deltaOf({ inputs, letters }: Spelled, op: number): number {
  const input = inputs[letters[op]!] as CounterInput;
  return input.kind === 'add' ? input.delta : 0;
}
