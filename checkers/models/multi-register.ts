import type { Value } from '../history/operation.ts';
import { canonical, isList } from '../history/values.ts';
import {
  illegal,
  legal,
  type Model,
  operation,
  type Recorded,
  type Refusal,
  refused,
  type Understanding,
} from './model.ts';
import { same, show } from './value.ts';

/** `fresh` is what a register holds before its first write; `written` has only what differs from it. */
interface Registers {
  readonly fresh: Value;
  readonly written: ReadonlyMap<string, Value>;
}

/** One step of a transaction; `register` is the canonical text of its name. A read of an ok knows its value. */
type Micro =
  | { readonly kind: 'read'; readonly register: string }
  | { readonly kind: 'write'; readonly register: string; readonly value: Value };

/**
 * Registers with transactions over them. `txn`: a list of `["r", register, null]` and `["w", register, value]` (or
 * `"read"` and `"write"`); the value of the ok is the same list with the reads filled in. A transaction is atomic and
 * sees its own writes. `--initial VALUE` is what every register holds at first.
 */
export const multiRegister: Model<Registers, readonly Micro[], readonly Value[]> = {
  name: 'multi-register',
  summary: 'txn of reads and writes over several registers at once; strict serializability by search',
  partition: 'whole',
  timed: false,
  initial: { fresh: null, written: new Map() },
  startingFrom: (value) => ({ kind: 'state', state: { fresh: value, written: new Map() } }),
  understand(recorded) {
    if (recorded.f !== 'txn') return refused('the model multi-register knows txn');
    return understandTransaction(recorded);
  },
  step(before, micros, seen) {
    const written = new Map(before.written);
    for (const [i, micro] of micros.entries()) {
      if (micro.kind === 'write') {
        if (same(micro.value, before.fresh)) written.delete(micro.register);
        else written.set(micro.register, micro.value);
        continue;
      }
      const held = written.get(micro.register) ?? before.fresh;
      const read = seen?.[i];
      if (read === undefined || same(read, held)) continue;
      return illegal(() => `it read ${show(read)} from ${micro.register}, which held ${show(held)}`);
    }
    return legal({ fresh: before.fresh, written });
  },
  key: ({ written }) => canonical([...written].sort(([a], [b]) => (a < b ? -1 : 1))),
  show: ({ fresh, written }) =>
    [...[...written].sort().map(([name, value]) => `${name} = ${show(value)}`), `any other = ${show(fresh)}`].join(
      ', ',
    ),
  observes: (micros) => micros.every((micro) => micro.kind === 'read'),
};

function understandTransaction({
  outcome,
  input,
  output,
}: Recorded): Understanding<readonly Micro[], readonly Value[]> {
  const asked = micros(input);
  if ('why' in asked) return asked;
  if (outcome !== 'ok') return operation(asked.micros, undefined);
  const answered = micros(output);
  if ('why' in answered) return refused(`the ok of a txn: ${answered.why}`);
  const alike =
    asked.micros.length === answered.micros.length &&
    asked.micros.every((micro, i) => canonical(withoutValue(micro)) === canonical(withoutValue(answered.micros[i]!)));
  if (!alike) return refused(`the ok of a txn must repeat its list; asked ${show(input)}, answered ${show(output)}`);
  if (asked.micros.every((micro) => micro.kind === 'write')) return operation(asked.micros, undefined);
  return operation(asked.micros, answered.values);
}

function micros(value: Value | undefined): { micros: readonly Micro[]; values: readonly Value[] } | Refusal {
  const bad = refused('a txn is a list of ["r", register, null] and ["w", register, value]');
  if (!isList(value)) return bad;
  const micros: Micro[] = [];
  const values: Value[] = [];
  for (const step of value) {
    if (!isList(step) || step.length < 2) return bad;
    const [kind, name, held] = step as readonly [Value, Value, Value | undefined];
    const register = canonical(name);
    if (kind === 'r' || kind === 'read') micros.push({ kind: 'read', register });
    else if ((kind === 'w' || kind === 'write') && held !== undefined)
      micros.push({ kind: 'write', register, value: held });
    else return bad;
    values.push(held ?? null);
  }
  return { micros, values };
}

const withoutValue = (micro: Micro): Value =>
  micro.kind === 'read' ? ['r', micro.register] : ['w', micro.register, micro.value];
