import type { Json } from '../system.ts';

/** Whether two values are the same JSON, whatever the order of their fields. */
export function equalJson(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (isList(left) || isList(right)) {
    if (!isList(left) || !isList(right) || left.length !== right.length) return false;
    return left.every((element, at) => equalJson(element, right[at] as Json));
  }
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && equalJson(left[name] as Json, right[name] as Json));
}

export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);
