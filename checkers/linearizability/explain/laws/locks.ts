import { canonical } from '../../../history/values.ts';
import type { LockAnswer, LockInput } from '../../../models/lease.ts';
import { GONE, KEPT, weakened } from '../../part.ts';
import type { Question } from '../../procedure.ts';
import { DROPPED } from '../../search/letters.ts';
import type { Spelled } from './laws.ts';

const inputOf = ({ inputs, letters }: Spelled, op: number): LockInput | undefined =>
  letters[op] === DROPPED ? undefined : (inputs[letters[op]!] as LockInput);

export function owners(spelled: Spelled): string[] {
  const names = new Set<string>();
  for (let op = 0; op < spelled.letters.length; op++) {
    const input = inputOf(spelled, op);
    if (input !== undefined) names.add(canonical(input.owner));
  }
  return [...names];
}

/**
 * Only some owners: without the others the lock is free whenever one of them held it, fewer leases had to expire and
 * fewer tokens were given out, so that whatever was granted still can be, and what was not theirs is still not theirs.
 * Only who was told that the lock is held could notice; those go too, as pure observers may.
 */
export function onlyOwners(spelled: Spelled, wanted: ReadonlySet<string>): Question {
  const { question } = spelled;
  const kept = (op: number): boolean => {
    const input = inputOf(spelled, op);
    return input !== undefined && wanted.has(canonical(input.owner)) && !denied(spelled, op, input);
  };
  const fate = Uint8Array.from(spelled.letters, (_, op) => (kept(op) ? KEPT : GONE));
  return { ...question, part: weakened(question.part, fate) };
}

const denied = ({ seen, letters }: Spelled, op: number, { kind }: LockInput): boolean =>
  kind === 'acquire' && (seen[letters[op]!] as LockAnswer | undefined)?.granted === false;
