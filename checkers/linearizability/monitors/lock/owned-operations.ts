import { ABSENT, type History } from '../../../history/history.ts';
import type { Value } from '../../../history/operation.ts';
import { field, keyOf } from '../../../models/value.ts';
import type { Question } from '../../procedure.ts';
import { checkpointMask } from '../evidence.ts';
import { indexFor, NONE } from '../id-index.ts';
import type { Intervals } from '../intervals.ts';

export const ACQUIRES = 0;
export const RENEWS = 1;
export const RELEASES = 2;

/** The operations of a lock with owners, all of them granted or of unknown outcome. */
export interface OwnedOperations {
  /** One of the three above. */
  readonly kind: Uint8Array;
  /** Owners are numbered from 0, in order of first sight. */
  readonly owner: Int32Array;
  readonly owners: number;
  /** Who holds the lock from the beginning, or `NONE`. */
  readonly holder: number;
}

/**
 * `undefined` if there is a lease or a denial, if an owner begins an operation before the last definite one
 * returned, or if an
 * operation is none of a lock's. O(operations).
 */
export function ownedOperations(
  question: Question,
  intervals: Intervals,
  checkpoint: () => void,
): OwnedOperations | undefined {
  const { history, part } = question;
  const kinds = ['acquire', 'renew', 'release'].map((name) => history.names.find(name));
  const ownerOfInput = indexFor(history.input, part.ops);
  const owners = new Map<unknown, number>();
  const numberOf = (name: Value): number => {
    const known = owners.get(keyOf(name));
    if (known === undefined) owners.set(keyOf(name), owners.size);
    return known ?? owners.size - 1;
  };
  const kind = new Uint8Array(part.ops.length);
  const owner = new Int32Array(part.ops.length);
  const initial = (question.initial as { readonly holder: { readonly owner: Value } | null }).holder;
  const holder = initial === null ? NONE : numberOf(initial.owner);
  for (let op = 0; op < kind.length; op++) {
    if ((op & checkpointMask) === 0) checkpoint();
    const row = part.ops[op]!;
    const input = history.input[row]!;
    if (!kinds.includes(history.f[row]!) || input === ABSENT) return undefined;
    kind[op] = kinds.indexOf(history.f[row]!);
    if (part.definite[op] === 1 && !granted(history, history.result[row]!, kind[op] === ACQUIRES)) return undefined;
    let number = ownerOfInput.get(input);
    if (number === NONE) {
      const name = plainOwner(history.values.get(input));
      if (name === undefined) return undefined;
      number = numberOf(name);
      ownerOfInput.set(input, number);
    }
    owner[op] = number;
  }
  return inTurn(part.definite, owner, owners.size, intervals)
    ? { kind, owner, owners: owners.size, holder }
    : undefined;
}

/** The owner that an input names, if all else in it is of no meaning without leases. */
function plainOwner(input: Value): Value | undefined {
  const token = field(input, 'token') ?? 0;
  return (field(input, 'ttlMs') ?? null) === null && typeof token === 'number' ? field(input, 'owner') : undefined;
}

function granted(history: History, result: number, acquires: boolean): boolean {
  const value = result === ABSENT ? true : history.values.get(result);
  return value === true || (acquires && typeof value === 'number');
}

/** No owner begins an operation before the last definite one returned. */
function inTurn(definite: Uint8Array, owner: Int32Array, owners: number, { call, ret }: Intervals): boolean {
  const returned = new Int32Array(owners).fill(-1);
  for (let op = 0; op < owner.length; op++) {
    if (returned[owner[op]!]! > call[op]!) return false;
    if (definite[op] === 1) returned[owner[op]!] = ret[op]!;
  }
  return true;
}
