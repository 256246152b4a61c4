import type { Value } from '../../../history/operation.ts';
import { canonical } from '../../../history/values.ts';
import type { AnyModel } from '../../../models/model.ts';
import { GONE, KEPT, weakened } from '../../part.ts';
import type { Question } from '../../procedure.ts';
import { operationsOf, type Spelled } from './laws.ts';
import { restricted } from './restricted.ts';

/** What `models/multi-register.ts` makes of one step of a transaction. */
interface Micro {
  readonly kind: 'read' | 'write';
  readonly register: string;
  readonly value?: Value;
}
type Micros = readonly Micro[];

const inputOf = ({ inputs, letters }: Spelled, op: number): Micros =>
  (inputs[letters[op]!] as Micros | undefined) ?? [];
const seenOf = ({ seen, letters }: Spelled, op: number): readonly Value[] | undefined =>
  seen[letters[op]!] as readonly Value[] | undefined;

/**
 * A transaction of whose writes no definite read found any: between it and the next writes of its registers, nobody
 * read those.
 */
export function spareTransactions(spelled: Spelled): number[] {
  const { definite, unknown } = operationsOf(spelled);
  const found = new Set<string>();
  for (const op of definite) {
    for (const [i, { kind, register }] of inputOf(spelled, op).entries()) {
      if (kind === 'read') found.add(cell(register, seenOf(spelled, op)?.[i] ?? null));
    }
  }
  const noticed = ({ kind, register, value }: Micro) => kind === 'write' && found.has(cell(register, value!));
  return unknown.filter((op) => !inputOf(spelled, op).some(noticed));
}

const cell = (register: string, value: Value): string => `${register} ${canonical(value)}`;

export function registers(spelled: Spelled): string[] {
  const names = new Set<string>();
  for (let op = 0; op < spelled.letters.length; op++) {
    for (const { register } of inputOf(spelled, op)) names.add(register);
  }
  return [...names];
}

/** Only some registers: each holds what it held, and says what it said, whatever is done to the others. */
export function onlyRegisters(spelled: Spelled, wanted: ReadonlySet<string>, whole: AnyModel): Question {
  const { question } = spelled;
  const concerned = (op: number) => inputOf(spelled, op).some(({ register }) => wanted.has(register));
  const fate = Uint8Array.from(spelled.letters, (_, op) => (concerned(op) ? KEPT : GONE));
  const model = restricted<Micros, readonly Value[]>(whole, (micros, seen) => ({
    input: micros.filter(({ register }) => wanted.has(register)),
    seen: seen?.filter((_, i) => wanted.has(micros[i]!.register)),
  }));
  return { ...question, part: weakened(question.part, fate), model };
}
