import type { Value } from '../../../history/operation.ts';
import type { CasRegisterInput } from '../../../models/cas-register.ts';
import type { LockAnswer, LockInput } from '../../../models/lease.ts';
import type { AnyModel } from '../../../models/model.ts';
import type { Question } from '../../procedure.ts';

/** What `Laws.startsFrom` answers. */
type Start = { readonly state: unknown } | undefined;

function holding(model: AnyModel, value: Value): Start {
  const start = model.startingFrom(value);
  return start.kind === 'state' ? { state: start.state } : undefined;
}

type KvInput = CasRegisterInput | { readonly kind: 'delete' | 'append' | 'add'; readonly delta?: number };

/** A read or an exchange tells what the cell held; after a write it does not matter. */
export function cellStart(input: unknown, seen: unknown, { model, initial }: Question): Start {
  const asked = input as KvInput;
  switch (asked.kind) {
    case 'read':
      return seen === undefined ? undefined : holding(model, seen as Value);
    case 'write':
      return { state: initial };
    case 'cas':
      return seen === true ? holding(model, asked.from) : undefined;
    case 'delete':
      return seen === undefined ? { state: initial } : seen === false ? holding(model, null) : undefined;
    case 'add':
      return typeof seen === 'number' ? holding(model, seen - asked.delta!) : undefined;
    case 'append':
      return undefined;
    default:
      return asked satisfies never;
  }
}

/** A read tells the total, and so does an addition that was told the new one. */
export function counterStart(input: unknown, seen: unknown, { model }: Question): Start {
  if (typeof seen !== 'number') return undefined;
  const { kind, delta } = input as { readonly kind: 'read' | 'add'; readonly delta?: number };
  return holding(model, kind === 'read' ? seen : seen - delta!);
}

/** Every answer of a mutex without owners tells whether it was held. */
export function mutexStart(input: unknown, seen: unknown, { model }: Question): Start {
  if (typeof seen !== 'boolean') return undefined;
  return holding(model, ((input as { readonly kind: string }).kind === 'release') === seen);
}

/**
 * A grant makes a state of its own. What may have come before it is only ever a hindrance: a lease that had to expire
 * first, and lower tokens.
 */
export function lockStart(input: unknown, seen: unknown, { model }: Question): Start {
  const granted = (input as LockInput).kind === 'acquire' && (seen as LockAnswer | undefined)?.granted === true;
  return granted ? { state: model.initial } : undefined;
}

/** A dequeue from an empty queue. */
export function queueStart(input: unknown, seen: unknown, { model }: Question): Start {
  return (input as { readonly kind: string }).kind === 'dequeue' && seen === null ? holding(model, []) : undefined;
}
