import type { History } from '../history/history.ts';
import { type FailedCas, split } from '../linearizability/part.ts';
import { Alphabet } from '../linearizability/search/letters.ts';
import type { AnyModel, Effect, Key, Step } from '../models/model.ts';
import { brokenCell } from './cell-law.ts';

/** So much is tried: enough for a slip, and a few milliseconds. */
const lettersMax = 48;
const statesMax = 48;

/**
 * Tries the laws of `Model` on a history's own operations, in the first states that these lead to: breadth first from
 * the initial one. Returns the first law that is broken, in words. A model that passes may still break a law
 * elsewhere; one that does not would get verdicts that mean nothing.
 */
export function brokenLaw(model: AnyModel, history: History, failedCas: FailedCas): string | undefined {
  const alphabet = new Alphabet(model, history);
  for (const part of split(history, model.partition, failedCas)) {
    if ('kind' in alphabet.spell(part)) return undefined; // The check itself will tell why it is refused.
    if (alphabet.inputs.length >= lettersMax) break;
  }
  const letters = alphabet.inputs
    .slice(0, lettersMax)
    .map((input, letter) => new Letter(model, input, alphabet.seen[letter]));
  const states = [model.initial];
  const known = new Set<Key>([model.key(model.initial)]);
  for (const state of states) {
    for (const letter of letters) {
      const next = letter.try(state);
      if (typeof next === 'string') return `the model ${model.name} breaks a law: ${next}`;
      if (!next.legal || states.length >= statesMax || known.has(model.key(next.state))) continue;
      known.add(model.key(next.state));
      states.push(next.state);
    }
  }
  const cell = brokenCell(model, history);
  return cell && `the model ${model.name} breaks a law: ${cell}`;
}

/** One operation of the history in the model's terms. */
class Letter {
  private readonly model: AnyModel;
  private readonly input: unknown;
  private readonly seen: unknown;

  constructor(model: AnyModel, input: unknown, seen: unknown) {
    this.model = model;
    this.input = input;
    this.seen = seen;
  }

  /** What the operation makes of the state, or the law that it breaks there. */
  try(state: unknown): Step<unknown> | string {
    const { model, input, seen } = this;
    const before = model.key(state);
    const words = `in the state ${model.show(state)}, the operation ${this.describe()}`;
    const once = model.step(state, input, seen);
    if (model.key(state) !== before) return `${words} changes the state that it is given (a step must make a new one)`;
    const again = model.step(state, input, seen);
    if (once.legal !== again.legal) return `${words} is legal once and illegal another time`;
    if (!once.legal || !again.legal) return this.refuses(state, words) ?? once;
    const after = model.key(once.state);
    if (after !== model.key(again.state)) return `${words} leads to states of different keys`;
    if (model.observes(input, seen) && after !== before)
      return `${words} is said to observe only, and changes the state`;
    if (!model.step(state, input, undefined).legal) {
      return `${words} is legal with its answer, and illegal when the answer is not known`;
    }
    if (model.growth !== undefined && after === before && !this.mayBecome(state)) {
      return `${words} is legal, though its growth says that the state cannot become one in which it is`;
    }
    return this.wrongEffect(before, after, words) ?? once;
  }

  /** What the growth says; true for what is no observer. */
  private mayBecome(state: unknown): boolean {
    const { model, input, seen } = this;
    return !model.observes(input, seen) || model.growth!.mayBecome(state, input, seen);
  }

  private refuses(state: unknown, words: string): string | undefined {
    const { model, input, seen } = this;
    const effect = model.effect?.(input, seen);
    if (effect === undefined || !possible(effect, model.key(state))) return undefined;
    return `${words} is refused, though its effect says it is possible`;
  }

  private wrongEffect(before: Key, after: Key, words: string): string | undefined {
    const effect = this.model.effect?.(this.input, this.seen);
    if (effect === undefined) return undefined;
    if (!possible(effect, before)) return `${words} is possible, though its effect says it is not`;
    return made(effect, before) === after ? undefined : `${words} makes another state than its effect says`;
  }

  private describe(): string {
    const words = JSON.stringify(this.input) ?? String(this.input);
    return this.seen === undefined ? words : `${words} answered ${JSON.stringify(this.seen)}`;
  }
}

function possible(effect: Effect, state: Key): boolean {
  if (effect.kind === 'may-exchange') return true;
  if ('needs' in effect) return state === effect.needs;
  return 'unlike' in effect ? state !== effect.unlike : true;
}

function made(effect: Effect, state: Key): Key {
  if (!('makes' in effect)) return state;
  return effect.kind === 'may-exchange' && state !== effect.needs ? state : effect.makes;
}
