import { ABSENT, FAILED, type History } from '../../../history/history.ts';
import { isList } from '../../../history/values.ts';
import { GONE, KEPT, MAYBE } from '../../part.ts';
import type { Question } from '../../procedure.ts';

type Kind = 'read' | 'write' | 'cas' | undefined;

/**
 * What of a long part bears on a few of its operations (by number in the history) when all others are unknown, told
 * from the columns of the history alone: those few, writes of a value that one of them or a compare-and-set needs, and
 * all compare-and-sets. It is the law of `spareMakers`, as far as it goes without asking the model. O(operations).
 *
 * `undefined` for objects that are no cells, and where one of the few denies a value: any write may then matter.
 */
export function bearingOn(core: ReadonlySet<number>, { history, part, model }: Question): Uint8Array | undefined {
  if (model.cell === undefined) return undefined;
  const kinds: Kind[] = Array.from({ length: history.names.size }, (_, f) => model.cell?.[history.names.get(f)]);
  const needed = new Set<number>();
  for (const op of part.ops) {
    const kind = kinds[history.f[op]!];
    if (kind === undefined || (core.has(op) && denies(history, op))) return undefined;
    if (kind === 'cas') needed.add(expected(history, op));
    else if (kind === 'read' && core.has(op)) needed.add(history.output[op]!);
  }
  return Uint8Array.from(part.ops, (op) => {
    if (core.has(op)) return KEPT;
    const kind = kinds[history.f[op]!];
    return kind === 'cas' || (kind === 'write' && needed.has(history.input[op]!)) ? MAYBE : GONE;
  });
}

function denies(history: History, op: number): boolean {
  const result = history.result[op]!;
  return history.outcome[op] === FAILED || (result !== ABSENT && history.values.get(result) === false);
}

/** The number of the value that a compare-and-set replaces. */
function expected(history: History, op: number): number {
  const input = history.input[op]!;
  const pair = input === ABSENT ? undefined : history.values.get(input);
  return isList(pair) && pair.length === 2 ? history.values.find(pair[0]!) : ABSENT;
}
