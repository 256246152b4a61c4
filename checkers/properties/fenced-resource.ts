import { ABSENT, FAILED, type History, OK, UNKNOWN } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import { ValueTable } from '../history/values.ts';
import { argument, field, resultOf, type Token, tokenOf } from './lock-operations.ts';
import { CannotJudge } from './property.ts';

/** One `fenced-read` or `fenced-write` that may have reached its resource. */
export interface Access {
  readonly op: number;
  readonly isWrite: boolean;
  readonly token: Token;
  /** What the resource did with it, as far as the client knows. */
  readonly fate: 'accepted' | 'refused' | 'unknown';
  /** Number in the resource's `values` of what was written or seen; `ABSENT` for a read that saw nothing for sure. */
  readonly value: number;
}

/** What a history says of one resource behind fencing tokens. */
export interface Resource {
  readonly key: number;
  /** In order of invocation; those that failed are left out, for they never happened. */
  readonly accesses: readonly Access[];
  /** Writes that failed. */
  readonly failedWrites: readonly Access[];
  readonly values: ValueTable;
  /** The resource was also touched by operations that carry no token. */
  readonly hasOthers: boolean;
}

/** The resource of one key, or undefined if nothing there is fenced. */
export function resourceOf(history: History, key: number, operations: Int32Array): Resource | undefined {
  const read = history.names.find('fenced-read');
  const write = history.names.find('fenced-write');
  const values = new ValueTable();
  const accesses: Access[] = [];
  const failedWrites: Access[] = [];
  let hasOthers = false;
  for (const op of operations) {
    const isWrite = history.f[op] === write;
    if (!isWrite && history.f[op] !== read) {
      hasOthers = true;
      continue;
    }
    const access = accessOf(history, op, isWrite, values);
    if (history.outcome[op] !== FAILED) accesses.push(access);
    else if (isWrite) failedWrites.push(access);
  }
  if (accesses.length + failedWrites.length === 0) return undefined;
  return { key, accesses, failedWrites, values, hasOthers };
}

function accessOf(history: History, op: number, isWrite: boolean, values: ValueTable): Access {
  const token = tokenOf(argument(history, op, 'token'));
  if (token === undefined) {
    const f = history.names.get(history.f[op]!);
    throw new CannotJudge(`${f} at index ${history.index(op)} carries no integer token`);
  }
  const fate = fateOf(history, op);
  const seen = isWrite ? argument(history, op, 'value') : fate === 'accepted' ? answer(history, op) : undefined;
  return { op, isWrite, token, fate, value: seen === undefined ? ABSENT : values.intern(seen) };
}

function fateOf(history: History, op: number): Access['fate'] {
  if (history.outcome[op] === UNKNOWN) return 'unknown';
  return history.outcome[op] === OK && resultOf(history, op) !== false ? 'accepted' : 'refused';
}

/** What an accepted read saw. */
function answer(history: History, op: number): Value | undefined {
  const id = history.output[op]!;
  return id === ABSENT ? undefined : field(history.values.get(id), 'value');
}

/**
 * Each access with the greatest of those that were complete before it began. Two pointers over the accesses by
 * invocation and by completion.
 */
export function* followers(
  history: History,
  accesses: readonly Access[],
  rank: (access: Access) => Token,
): Generator<{ readonly earlier: Access; readonly later: Access }> {
  const byCompletion = [...accesses].sort((a, b) => history.completedAt[a.op]! - history.completedAt[b.op]!);
  let done = 0;
  let greatest: Access | undefined;
  for (const later of accesses) {
    while (done < byCompletion.length && history.precedes(byCompletion[done]!.op, later.op)) {
      const next = byCompletion[done++]!;
      if (greatest === undefined || rank(next) > rank(greatest)) greatest = next;
    }
    if (greatest !== undefined) yield { earlier: greatest, later };
  }
}
