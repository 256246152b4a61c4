import type { Effect, Key } from '../../models/model.ts';
import type { Question } from '../procedure.ts';
import { placesIn } from './cuts.ts';
import { operationsOf, type Spelled } from './laws/laws.ts';

/** The state at the beginning, which is made before all operations. */
export const BEGINNING = -1;

/**
 * That one operation must come before another, and why. Operations are named by number in the part.
 * - `time`: it had returned before the other was invoked;
 * - `made`: the other found the state that only this one makes;
 * - `overwritten`: it found what `maker` made, and the other makes another state after `maker`;
 * - `outdated`: the other made the state that `finder` found, and this one, which makes another, comes before `finder`;
 * - `between`: it comes before `middle`, and that before the other.
 */
export interface Precedence {
  readonly first: number;
  readonly second: number;
  readonly because:
    | { readonly kind: 'time' | 'made' }
    | { readonly kind: 'overwritten'; readonly maker: number; readonly premise: Precedence }
    | { readonly kind: 'outdated'; readonly finder: number; readonly premise: Precedence }
    | { readonly kind: 'between'; readonly middle: number; readonly premises: readonly [Precedence, Precedence] };
}

/** Why no order exists: two operations that must each precede the other, or a state that was found and never made. */
export type Contradiction =
  | { readonly kind: 'cycle'; readonly forth: Precedence; readonly back: Precedence }
  | { readonly kind: 'unmade'; readonly finder: number };

/** Larger questions are not tried: the work grows with the cube. */
const operationsMax = 40;

interface Found {
  readonly maker: number;
  readonly finder: number;
}

/**
 * Looks for a contradiction by what must precede what, where every state that an operation found has one possible maker
 * (as in a register of unique values: Gibbons and Korach 1997). `undefined` if there is no contradiction of that kind,
 * or if the model does not state the effect of every operation.
 */
export function contradiction(spelled: Spelled): Contradiction | undefined {
  const effects = effectsIn(spelled);
  if (effects === undefined || effects.size > operationsMax) return undefined;
  const makers = makersIn(effects, spelled.question);
  const found: Found[] = [];
  for (const [op, effect] of effects) {
    if (spelled.question.part.definite[op] === 0 || !isFinder(effect)) continue;
    const possible = (makers.get(effect.needs) ?? []).filter((maker) => maker !== op);
    if (possible.length === 0) return { kind: 'unmade', finder: op };
    if (possible.length > 1) return undefined;
    found.push({ maker: possible[0]!, finder: op });
  }
  return new Precedences(spelled.question, effects, found).cycle();
}

const isFinder = (effect: Effect) => effect.kind === 'observes' || effect.kind === 'exchanges';

function effectsIn(spelled: Spelled): ReadonlyMap<number, Effect> | undefined {
  const { model } = spelled.question;
  const { definite, unknown } = operationsOf(spelled);
  const effects = new Map<number, Effect>();
  for (const op of [...definite, ...unknown]) {
    const letter = spelled.letters[op]!;
    const effect = model.effect?.(spelled.inputs[letter], spelled.seen[letter]);
    if (effect === undefined) return undefined;
    effects.set(op, effect);
  }
  return effects;
}

function makersIn(effects: ReadonlyMap<number, Effect>, { model, initial }: Question): ReadonlyMap<Key, number[]> {
  const makers = new Map<Key, number[]>([[model.key(initial), [BEGINNING]]]);
  for (const [op, effect] of effects) {
    if ('makes' in effect) makers.set(effect.makes, [...(makers.get(effect.makes) ?? []), op]);
  }
  return makers;
}

/** What is known to precede what, each with the first reason found. */
class Precedences {
  private readonly known = new Map<string, Precedence>();
  private readonly fresh: Precedence[] = [];
  private readonly found: readonly Found[];
  /** The operations that make a state for certain: the definite ones, and unknown ones whose state was found. */
  private readonly makers: readonly number[];
  private readonly effects: ReadonlyMap<number, Effect>;
  private opposed: Contradiction | undefined;

  constructor(question: Question, effects: ReadonlyMap<number, Effect>, found: readonly Found[]) {
    this.found = found;
    this.effects = effects;
    const { definite } = question.part;
    const needed = new Set(found.map(({ maker }) => maker));
    const nodes = [...effects.keys()].filter((op) => definite[op] === 1 || needed.has(op));
    this.makers = nodes.filter((op) => isCertainMaker(effects.get(op)!, definite[op] === 1));
    this.addTimes(question, nodes);
    for (const { maker, finder } of found) this.add({ first: maker, second: finder, because: { kind: 'made' } });
    for (const op of nodes) this.add({ first: BEGINNING, second: op, because: { kind: 'time' } });
  }

  /** Draws conclusions until two contradict each other, or none is left to draw; the shortest reasons come first. */
  cycle(): Contradiction | undefined {
    for (let at = 0; at < this.fresh.length && this.opposed === undefined; at++) this.conclude(this.fresh[at]!);
    return this.opposed;
  }

  private addTimes({ part }: Question, nodes: readonly number[]): void {
    const { invoked, returned } = placesIn(part);
    for (const first of nodes) {
      for (const second of nodes) {
        if (returned[first]! < invoked[second]!) this.add({ first, second, because: { kind: 'time' } });
      }
    }
  }

  private conclude(premise: Precedence): void {
    const { first, second } = premise;
    for (const { maker, finder } of this.found) {
      if (first === maker && finder !== second && this.makesAnother(second, maker)) {
        this.add({ first: finder, second, because: { kind: 'overwritten', maker, premise } });
      }
      if (second === finder && first !== maker && this.makesAnother(first, maker)) {
        this.add({ first, second: maker, because: { kind: 'outdated', finder, premise } });
      }
    }
    for (const other of [...this.known.values()]) {
      if (other.first === second) this.join(premise, other);
      if (other.second === first) this.join(other, premise);
    }
  }

  private join(one: Precedence, two: Precedence): void {
    this.add({
      first: one.first,
      second: two.second,
      because: { kind: 'between', middle: one.second, premises: [one, two] },
    });
  }

  private add(precedence: Precedence): void {
    const { first, second } = precedence;
    const name = `${first} ${second}`;
    if (this.opposed !== undefined || this.known.has(name)) return;
    if (first === second) {
      this.oppose(precedence);
      return;
    }
    this.known.set(name, precedence);
    this.fresh.push(precedence);
    const back = this.known.get(`${second} ${first}`);
    if (back !== undefined) this.opposed = { kind: 'cycle', forth: precedence, back };
  }

  /** An operation before itself: by two steps that each are known. */
  private oppose({ because }: Precedence): void {
    if (because.kind !== 'between') return;
    const [forth, back] = because.premises;
    this.opposed = { kind: 'cycle', forth, back };
  }

  private makesAnother(op: number, maker: number): boolean {
    return op !== maker && this.makers.includes(op) && this.stateMade(op) !== this.stateMade(maker);
  }

  private stateMade(op: number): Key | undefined {
    const effect = this.effects.get(op);
    return effect !== undefined && 'makes' in effect ? effect.makes : undefined;
  }
}

/** An unknown operation is in the order only because its state was found, and then it made that state. */
const isCertainMaker = (effect: Effect, definite: boolean): boolean =>
  'makes' in effect && (!definite || effect.kind !== 'may-exchange');
