import { ABSENT, type History } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import { isList } from '../history/values.ts';

/**
 * A fencing token. Beyond 2^53 tokens travel as decimal text (SYSTEMS 0.2) and become bigints; the two kinds compare
 * with `<`, and equal tokens are the same value because the small ones are always numbers.
 */
export type Token = number | bigint;

/** The token that a value is, if it is one. */
export function tokenOf(value: Value | undefined): Token | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value !== 'string' || !/^-?\d+$/.test(value)) return undefined;
  const token = BigInt(value);
  return Number.isSafeInteger(Number(value)) ? Number(token) : token;
}

/** The field of the invocation's value, if that is an object which has it. */
export function argument(history: History, op: number, name: string): Value | undefined {
  const id = history.input[op]!;
  return id === ABSENT ? undefined : field(history.values.get(id), name);
}

/** The field of a value, if that is an object which has it. */
export function field(value: Value, name: string): Value | undefined {
  if (typeof value !== 'object' || value === null || isList(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The `result` of an operation that is ok, if it has one. */
export function resultOf(history: History, op: number): Value | undefined {
  const id = history.result[op]!;
  return id === ABSENT ? undefined : history.values.get(id);
}

/**
 * Who asks: the owner that the value names, or else the process. The two kinds cannot be confused, one being text that
 * begins with `process`.
 */
export function ownerOf(history: History, op: number): string {
  const owner = argument(history, op, 'owner');
  return owner === undefined ? `process ${history.process[op]}` : `owner ${JSON.stringify(owner)}`;
}
