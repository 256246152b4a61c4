import type { AnyModel } from '../../../models/model.ts';
import type { Question } from '../../procedure.ts';
import { Alphabet, DROPPED } from '../../search/letters.ts';

/** A question whose operations are known in the model's terms. */
export interface Spelled {
  readonly question: Question;
  /** By letter. */
  readonly inputs: readonly unknown[];
  /** By letter; `undefined` for an operation whose client learned nothing. */
  readonly seen: readonly unknown[];
  /** By letter: 1 for a pure observer. */
  readonly observer: readonly number[];
  /** The letter of each operation of the part; `DROPPED` for an observer of unknown outcome. */
  readonly letters: Int32Array;
}

/** `undefined` if the model refuses an operation. */
export function spelled(question: Question): Spelled | undefined {
  const alphabet = new Alphabet(question.model, question.history);
  const letters = alphabet.spell(question.part);
  if ('kind' in letters) return undefined;
  const { inputs, seen, observer } = alphabet;
  return { question, inputs, seen, observer, letters };
}

/** The operations of a part, without observers of unknown outcome. */
export function operationsOf({ question: { part }, letters }: Spelled): { definite: number[]; unknown: number[] } {
  const definite: number[] = [];
  const unknown: number[] = [];
  for (let op = 0; op < letters.length; op++) {
    if (letters[op] !== DROPPED) (part.definite[op] === 1 ? definite : unknown).push(op);
  }
  return { definite, unknown };
}

/**
 * What may be taken from a history of one kind of object without making a legal one illegal. Each law is a theorem about
 * the object, stated where it is implemented; a history of an object without laws is only ever weakened (`shrink.ts`).
 */
export interface Laws {
  /**
   * Unknown operations, by number in the part, that no legal order needs: leave them all out, and some legal order of
   * the rest exists if one existed before.
   */
  spare?(spelled: Spelled): readonly number[];
  /**
   * A state from which a definite operation may be taken to come first: whenever it took effect, the state after it
   * allowed no more than the state that it makes of this one. `undefined` if there is none.
   */
  startsFrom?(input: unknown, seen: unknown, question: Question): { readonly state: unknown } | undefined;
  /** What the object consists of (elements, values, registers, owners), as far as `only` may leave it out. */
  facets?(spelled: Spelled): readonly string[];
  /** Of an object whose operations name many facets: the few that a few operations most likely contradict each other about. */
  suspects?(spelled: Spelled): readonly (readonly string[])[];
  /**
   * The question about some facets only; legal if the whole question is. `model` is the one that was asked about, from
   * which a model of these facets is made if one is needed.
   */
  only?(spelled: Spelled, facets: ReadonlySet<string>, model: AnyModel): Question;
}
