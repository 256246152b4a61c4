import { type AnyModel, type Refusal, refused } from '../models/model.ts';
import { isRecord } from './record.ts';

/** What every member of `Model` has to be. */
const members: Readonly<Record<string, { readonly right: string; readonly ok: (member: unknown) => boolean }>> = {
  name: { right: 'a string', ok: (member) => typeof member === 'string' && member !== '' },
  summary: { right: 'a string: one line', ok: (member) => typeof member === 'string' },
  partition: { right: "'key' or 'whole'", ok: (member) => member === 'key' || member === 'whole' },
  timed: { right: 'true or false', ok: (member) => typeof member === 'boolean' },
  initial: { right: 'the state at first', ok: (member) => member !== undefined },
  startingFrom: { right: 'a function of a value', ok: isFunction },
  understand: { right: 'a function of a recorded operation', ok: isFunction },
  step: { right: 'a function of a state, an input and what was seen', ok: isFunction },
  key: { right: 'a function of a state', ok: isFunction },
  show: { right: 'a function of a state', ok: isFunction },
  observes: { right: 'a function of an input and what was seen', ok: isFunction },
  cell: { right: 'an object, or left out', ok: (member) => member === undefined || isRecord(member) },
  growth: { right: 'an object, or left out', ok: (member) => member === undefined || isRecord(member) },
  effect: { right: 'a function, or left out', ok: (member) => member === undefined || isFunction(member) },
};

function isFunction(member: unknown): boolean {
  return typeof member === 'function';
}

/** Takes something for a model if it has all the members of one, or says which are missing or of the wrong type. */
export function asModel(candidate: unknown): { readonly kind: 'model'; readonly model: AnyModel } | Refusal {
  if (!isRecord(candidate)) return refused(`a model is an object (checkers/models/model.ts), not ${typeOf(candidate)}`);
  const wrong = Object.entries(members).flatMap(([name, { right, ok }]) => {
    const member = candidate[name];
    if (ok(member)) return [];
    return [`${name} is ${member === undefined ? 'missing' : typeOf(member)} (right: ${right})`];
  });
  if (wrong.length > 0) return refused(`the model is incomplete: ${wrong.join('; ')}`);
  return { kind: 'model', model: candidate as unknown as AnyModel };
}

function typeOf(thing: unknown): string {
  if (thing === null || thing === undefined) return String(thing);
  return typeof thing === 'object' ? 'an object' : `a ${typeof thing}`;
}
