import {
  illegal,
  legal,
  type Model,
  operation,
  type Recorded,
  refused,
  type Understanding,
  unreachable,
} from './model.ts';
import { show } from './value.ts';

type MutexInput = { readonly kind: 'acquire' } | { readonly kind: 'release' };

/**
 * A lock without owners. `acquire` and `release`: an ok means granted or released unless `result` is false, which says
 * that the lock was held (acquire) or not held (release). Owners, tokens and times to live in the value are not
 * looked at: `owner-mutex` and `fenced-mutex` do that.
 */
export const mutex: Model<boolean, MutexInput, boolean> = {
  name: 'mutex',
  summary: 'acquire, release of a lock without owners or leases; one lock per key',
  partition: 'key',
  timed: false,
  initial: false,
  startingFrom: (value) =>
    typeof value === 'boolean'
      ? { kind: 'state', state: value }
      : refused('a mutex starts from true (held) or false (free)'),
  understand(recorded) {
    switch (recorded.f) {
      case 'acquire':
      case 'release':
        return understandMutex(recorded, recorded.f);
      default:
        return refused('the model mutex knows acquire and release');
    }
  },
  step(held, input, seen) {
    switch (input.kind) {
      case 'acquire':
        if (seen === undefined) return legal(true);
        if (seen === held) return illegal(() => (seen ? 'it was granted while held' : 'it was told held while free'));
        return legal(true);
      case 'release':
        if (seen === undefined || seen === held) return legal(false);
        return illegal(() => (seen ? 'it released a free lock' : 'it was told not held while held'));
      default:
        return unreachable(input);
    }
  },
  key: (held) => held,
  show: (held) => (held ? 'held' : 'free'),
  observes: (_input, seen) => seen === false,
  effect(input, seen) {
    const makes = input.kind === 'acquire';
    if (seen === undefined) return { kind: 'writes', makes };
    return seen ? { kind: 'exchanges', needs: !makes, makes } : { kind: 'observes', needs: makes };
  },
};

function understandMutex(recorded: Recorded, kind: MutexInput['kind']): Understanding<MutexInput, boolean> {
  if (recorded.outcome !== 'ok') return operation({ kind }, undefined);
  const { result } = recorded;
  switch (typeof result) {
    case 'undefined':
      return operation({ kind }, true);
    case 'boolean':
      return operation({ kind }, result);
    case 'number':
      if (kind === 'acquire') return operation({ kind }, true); // a fencing token: granted
      break;
  }
  return refused(`the result of ${kind} is true or false, not ${show(result)}`);
}
