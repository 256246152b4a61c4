import type { Effect, Key } from '../../../models/model.ts';
import { operationsOf, type Spelled } from './laws.ts';

/**
 * For an object whose state is replaced as a whole: registers, compare-and-set, a mutex.
 *
 * An unknown operation is of use in a legal order only if somebody notices it: after it and before the next operation
 * that makes a state (its *stretch*) stands a definite operation that needs the state, or a denial of another state, or
 * an operation whose effect the model does not state, or it is an unknown operation of use that ends the stretch by
 * making another state of this one. If not, leave it out, with the unknown operations of its stretch: whatever else is
 * in the stretch is possible in every state.
 *
 * From that: with k operations that might notice state v, at most k unknown operations that make v are of use, and of
 * those with the same letter the k invoked first can stand for all others (an unknown operation never returns, so it
 * may come late but not early). Where unknown operations start from v, chains of them may be noticed far away; but a
 * chain without a definite operation that passes the same letter twice can be cut between the two, so then k is the
 * number of all definite operations, or none if no chain leads to a state that might be noticed.
 *
 * O(operations) in each of as many rounds as the longest chain of unknown operations that goes.
 */
export function spareMakers(spelled: Spelled): number[] {
  const { model } = spelled.question;
  if (model.effect === undefined) return [];
  const effects = spelled.inputs.map((input, letter) => model.effect!(input, spelled.seen[letter]));
  const { definite, unknown } = operationsOf(spelled);
  const effectOf = (op: number) => effects[spelled.letters[op]!];
  const fixed = noticed(definite.map(effectOf));
  const spare: number[] = [];
  for (let left = unknown; ; ) {
    const chained = chains(left.map(effectOf), (state) => fixed(state) > 0);
    const usesOf = (made: Key): number => {
      if (chained === 'obscure') return definite.length;
      return chained.has(made) ? (chained.get(made) ? definite.length : 0) : fixed(made);
    };
    const [gone, kept] = beyondUse(left, spelled.letters, effectOf, usesOf);
    if (gone.length === 0) return spare;
    for (const op of gone) spare.push(op);
    left = kept;
  }
}

type Effects = readonly (Effect | undefined)[];

/** How many definite operations might notice that the state is this one. */
function noticed(definite: Effects): (made: Key) => number {
  const needs = new Map<Key, number>();
  const denials = new Map<Key, number>();
  let always = 0;
  for (const effect of definite) {
    if (effect === undefined || effect.kind === 'may-exchange') always++;
    else if (effect.kind === 'denies' || effect.kind === 'replaces')
      denials.set(effect.unlike, (denials.get(effect.unlike) ?? 0) + 1);
    else if (effect.kind !== 'writes') needs.set(effect.needs, (needs.get(effect.needs) ?? 0) + 1);
  }
  const denialCount = [...denials.values()].reduce((sum, count) => sum + count, 0);
  return (made) => always + (needs.get(made) ?? 0) + denialCount - (denials.get(made) ?? 0);
}

/**
 * For each state that unknown operations make something of, whether they can lead from it to one that might be noticed;
 * `obscure` if some may make anything of any. O(operations).
 */
function chains(unknown: Effects, noticeable: (state: Key) => boolean): ReadonlyMap<Key, boolean> | 'obscure' {
  const before = new Map<Key, Key[]>();
  const lead = new Map<Key, boolean>();
  const open: Key[] = [];
  for (const effect of unknown) {
    if (effect === undefined || effect.kind === 'replaces') return 'obscure';
    if (!('needs' in effect) || !('makes' in effect)) continue;
    const { needs, makes } = effect;
    before.set(makes, before.get(makes) ?? []);
    before.get(makes)!.push(needs);
    if (!lead.has(needs)) lead.set(needs, false);
    for (const state of [needs, makes]) if (noticeable(state)) open.push(state);
  }
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (lead.has(state)) lead.set(state, true);
    for (const needs of before.get(state) ?? []) if (!lead.get(needs)) open.push(needs);
    before.delete(state);
  }
  return lead;
}

/** Divides unknown operations into those that are too many of their letter, and the rest. */
function beyondUse(
  unknown: readonly number[],
  letters: Int32Array,
  effectOf: (op: number) => Effect | undefined,
  usesOf: (made: Key) => number,
): [gone: number[], kept: number[]] {
  const used = new Map<number, number>();
  const gone: number[] = [];
  const kept: number[] = [];
  for (const op of unknown) {
    const effect = effectOf(op);
    const uses = used.get(letters[op]!) ?? 0;
    if (effect !== undefined && 'makes' in effect && uses >= usesOf(effect.makes)) gone.push(op);
    else kept.push(op);
    used.set(letters[op]!, uses + 1);
  }
  return [gone, kept];
}

/** Definite operations that make a state which one of `needing` needs (numbers in the part). */
export function makersFor(spelled: Spelled, needing: ReadonlySet<number>): number[] {
  const { model } = spelled.question;
  const { definite } = operationsOf(spelled);
  const effectOf = (op: number) =>
    model.effect?.(spelled.inputs[spelled.letters[op]!], spelled.seen[spelled.letters[op]!]);
  const needed = new Set<Key>();
  for (const op of needing) {
    const effect = effectOf(op);
    if (effect !== undefined && 'needs' in effect) needed.add(effect.needs);
  }
  return definite.filter((op) => {
    const effect = effectOf(op);
    return effect !== undefined && 'makes' in effect && needed.has(effect.makes);
  });
}
