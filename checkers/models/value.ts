import type { Value } from '../history/operation.ts';
import { canonical } from '../history/values.ts';
import type { Key } from './model.ts';

/**
 * Two values have the same key exactly when they are equal by structure. Lists and objects become text behind a NUL;
 * a string that itself begins with a NUL is written the same way, so that nothing else can look like it.
 */
export function keyOf(value: Value): Key {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string' && value.charCodeAt(0) !== 0) return value;
  return `\u0000${canonical(value)}`;
}

/** Equal by structure. */
export const same = (a: Value, b: Value): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && keyOf(a) === keyOf(b));

const shownLengthMax = 120;

/** A value in a message: JSON, shortened in the middle when it is long. */
export function show(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  if (text.length <= shownLengthMax) return text;
  const half = shownLengthMax / 2;
  return `${text.slice(0, half)}…${text.slice(-half)} (${text.length} characters)`;
}

/** A field of an object, or `undefined` if the value is no object or has no such field. */
export function field(value: Value | undefined, name: string): Value | undefined {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as { readonly [name: string]: Value })[name] : undefined;
}
