import type { Value } from '../../../history/operation.ts';
import { isList } from '../../../history/values.ts';
import { same } from '../../../models/value.ts';
import { spareMakers } from './cells.ts';
import { operationsOf, type Spelled } from './laws.ts';

/** What `models/kv.ts` makes of an operation, as far as it matters here. */
interface KvInput {
  readonly kind: 'read' | 'write' | 'cas' | 'delete' | 'append' | 'add';
  readonly value?: Value;
}

/**
 * Where a key is only read and appended to, every read finds what the key held at first and then what was appended. An
 * unknown append of something that is in no such rest comes after all definite reads; and if a read finds no such rest,
 * no order is legal with or without it.
 */
export function spareInKv(spelled: Spelled): number[] {
  const { definite, unknown } = operationsOf(spelled);
  const inputOf = (op: number) => spelled.inputs[spelled.letters[op]!] as KvInput;
  const kinds = new Set([...definite, ...unknown].map((op) => inputOf(op).kind));
  if (!kinds.has('append')) return spareMakers(spelled);
  if ([...kinds].some((kind) => kind !== 'read' && kind !== 'append')) return [];
  const held = spelled.question.initial as Value;
  const reads = definite.filter((op) => inputOf(op).kind === 'read');
  const rests = reads.map((op) => restOf(spelled.seen[spelled.letters[op]!] as Value, held));
  return unknown.filter((op) => !rests.some((rest) => includes(rest, inputOf(op).value!)));
}

/** What was appended to `held` if it became `found`; nothing if it cannot have. */
function restOf(found: Value, held: Value): string | readonly Value[] {
  if (typeof found === 'string' && typeof held === 'string')
    return found.startsWith(held) ? found.slice(held.length) : '';
  const before = held === null ? [] : held;
  if (!isList(found) || !isList(before)) return [];
  return before.every((value, i) => i < found.length && same(value, found[i]!)) ? found.slice(before.length) : [];
}

const includes = (rest: string | readonly Value[], value: Value): boolean =>
  typeof rest === 'string' ? typeof value === 'string' && rest.includes(value) : rest.some((item) => same(item, value));
