import { GONE, KEPT, MAYBE, type Part, weakened } from '../part.ts';
import type { Question } from '../procedure.ts';
import { DROPPED } from '../search/letters.ts';
import type { InSteps } from '../turns.ts';
import { startingWith } from './cuts.ts';
import { minimised } from './delta.ts';
import type { Judge } from './judge.ts';
import { makersFor } from './laws/cells.ts';
import { bearingOn } from './laws/columns.ts';
import { type Laws, type Spelled, spelled } from './laws/laws.ts';

/** With so few definite operations left, every facet is first tried alone: mostly it is about one. */
const fewDefinite = 64;

/** A core that names more facets than this is not about all of them. */
const namedMax = 64;

/** So many operations of a core, or at about one distance from the end, are tried as the beginning. */
const startsTried = 4;

/** So many operations from before a later start are tried in its place, and so many more in all are worth it. */
const restoredMax = 64;
const restoredWorth = 3;

/**
 * A question on its way to a smaller one. Each step is judged and taken if the question is still illegal. Operations
 * are named by their numbers in the history, which no step changes. What goes over all operations, which takes up to a
 * tenth of a second for a million, is one step of the work.
 */
export class Shrinking {
  question: Question;
  /** See `Shrunk`. */
  anchor: number | undefined;
  facets: readonly string[] | undefined;
  private beforeLateStart: Question | undefined;
  private readonly asked: Question;
  private readonly laws: Laws;
  private readonly judge: Judge;

  constructor(question: Question, laws: Laws, judge: Judge) {
    this.question = question;
    this.asked = question;
    this.laws = laws;
    this.judge = judge;
  }

  /** The definite operations left, without the anchor: the start relies on it. */
  get definite(): number[] {
    return definiteOf(this.question.part).filter((op) => op !== this.anchor);
  }

  /** How many definite operations are left. */
  get size(): number {
    return definiteOf(this.question.part).length;
  }

  /** Of the history only what bears on these operations, if that is still illegal. */
  *keepCore(core: ReadonlySet<number>): InSteps<void> {
    const fate = bearingOn(core, this.question);
    if (fate !== undefined && (yield* this.take({ ...this.question, part: weakened(this.question.part, fate) })))
      return;
    if (yield* this.keepFacetsOf(core)) return;
    yield* this.startAmong(core);
    yield* this.keepOnly(core);
  }

  /** Only the facets that these operations contradict each other about, and of the operations only these. */
  private *keepFacetsOf(core: ReadonlySet<number>): InSteps<boolean> {
    const { facets, suspects } = this.laws;
    if (facets === undefined) return false;
    const known = yield* this.spelled();
    const alone = yield* inOneStep(withFates(this.question, (op) => (core.has(op) ? KEPT : GONE)));
    if (known === undefined || alone === undefined) return false;
    for (const few of suspects?.(alone) ?? []) if (yield* this.keepFacets(known, few, core)) return true;
    const named = facets(alone);
    return named.length <= namedMax && (yield* this.keepFacets(known, named, core));
  }

  private *keepFacets(known: Spelled, named: readonly string[], core: ReadonlySet<number>): InSteps<boolean> {
    if (this.judge.exhausted) return false;
    const about = yield* inOneStep(this.laws.only!(known, new Set(named), this.asked.model));
    if (about === undefined || !(yield* this.take(weaker(about, (op) => !core.has(op))))) return false;
    if (this.question.model !== this.asked.model) this.facets = named;
    return true;
  }

  /** Has the history begin with one of these operations that made the state known: the first of a few, the last of many. */
  private *startAmong(core: ReadonlySet<number>): InSteps<void> {
    const known = this.laws.startsFrom && (yield* this.spelled());
    if (known === undefined) return;
    const { ops } = known.question.part;
    const starts = this.startsWithin(known, 0, ops.length - 1).filter(({ op }) => core.has(ops[op]!));
    const tried = starts.length <= startsTried ? starts : starts.slice(-startsTried).reverse();
    for (const { op, state } of tried) if (yield* this.takeStart(known, op, state)) return;
  }

  /** Unknown operations that no legal order needs go. */
  *prune(): InSteps<void> {
    this.question = yield* withoutSpare(this.question, this.laws);
  }

  /** All but these become unknown; whether the question is still illegal then, and if not nothing happens. */
  *keepOnly(kept: ReadonlySet<number>): InSteps<boolean> {
    const others = this.definite.filter((op) => !kept.has(op));
    return others.length === 0 || (yield* this.without(others));
  }

  /** Facets and operations, in turn, until neither can go. */
  *reduce(): InSteps<void> {
    for (let before = -1; before !== this.question.part.ops.length && !this.judge.exhausted; ) {
      yield* minimised(this.definite, (some) => this.without(some));
      before = this.question.part.ops.length;
      yield* this.reduceFacets();
    }
  }

  *reduceFacets(): InSteps<void> {
    const known = this.laws.facets && (yield* this.spelled());
    if (this.laws.facets === undefined || known === undefined) return;
    const all = this.laws.facets(known);
    if (all.length > 1 && this.definite.length <= fewDefinite && (yield* this.takeOneFacet(all))) return;
    yield* this.takeFewestFacets(all);
  }

  /**
   * Has the history begin later, with an operation that made the state known: looked for `from` operations before
   * the end at first, then twice as many, and so on. Of those at about one distance the ones with the fewest others
   * around them that may change the state: each of these becomes unknown, and explains away what comes after.
   */
  *startLate(from: number): InSteps<void> {
    const known = this.laws.startsFrom && (yield* this.spelled());
    if (known === undefined) return;
    const company = overlapping(known);
    const end = this.question.part.ops.length - 1;
    for (let distance = from; distance < 2 * end; distance *= 2) {
      const starts = this.startsWithin(known, Math.max(0, end - 2 * distance + 1), Math.max(0, end - distance));
      starts.sort((a, b) => company[a.op]! - company[b.op]!);
      for (const { op, state } of starts.slice(0, startsTried)) if (yield* this.takeStart(known, op, state)) return;
    }
  }

  /** The operations from one number to another, both included, that made the state known. */
  private startsWithin(known: Spelled, first: number, last: number): { op: number; state: unknown }[] {
    const { definite } = this.question.part;
    const starts: { op: number; state: unknown }[] = [];
    for (let op = first; op <= last; op++) {
      if (definite[op] === 0) continue;
      const letter = known.letters[op]!;
      const start = this.laws.startsFrom!(known.inputs[letter], known.seen[letter], this.question);
      if (start !== undefined) starts.push({ op, state: start.state });
    }
    return starts;
  }

  /**
   * Puts the operations back that made the known state what it was, if a few do: the beginning explains more than the
   * assertion that there was one.
   */
  *restoreStart(): InSteps<void> {
    const whole = this.beforeLateStart;
    const known = whole && (yield* inOneStep(whole));
    if (whole === undefined || known === undefined) return;
    const late = { question: this.question, anchor: this.anchor, facets: this.facets };
    const core = new Set(definiteOf(late.question.part));
    const kept = new Set([...core, ...this.earlier(known, core)]);
    yield;
    const weakest = weaker(known, (op) => !kept.has(op));
    yield;
    this.question = yield* withoutSpare(weakest, this.laws);
    this.anchor = undefined;
    if (this.question.part.ops.length <= late.question.part.ops.length + restoredMax && (yield* this.stillIllegal())) {
      yield* this.reduce();
      if (this.question.part.ops.length <= late.question.part.ops.length + restoredWorth) return;
    }
    this.question = late.question;
    this.anchor = late.anchor;
    this.facets = late.facets;
  }

  /** About the facets chosen before, too. */
  private *stillIllegal(): InSteps<boolean> {
    if (this.facets !== undefined) return yield* this.takeFacets(new Set(this.facets));
    return yield* this.judge.illegal(this.question);
  }

  /** The operations that may be missing without a known start: all, or those that make what the core needs. */
  private earlier(known: Spelled, core: ReadonlySet<number>): number[] {
    const { part, model } = known.question;
    const all = definiteOf(part).filter((op) => !core.has(op));
    if (all.length <= restoredMax || model.effect === undefined) return all;
    const needing = new Set(Array.from(part.ops.keys()).filter((op) => core.has(part.ops[op]!)));
    return makersFor(known, needing).map((op) => part.ops[op]!);
  }

  private *takeOneFacet(facets: readonly string[]): InSteps<boolean> {
    for (const facet of facets) if (yield* this.takeFacets(new Set([facet]))) return true;
    return false;
  }

  private *takeFewestFacets(facets: readonly string[]): InSteps<void> {
    let kept: ReadonlySet<string> = new Set(facets);
    const takeFacets = this.takeFacets.bind(this);
    const { judge } = this;
    yield* minimised(facets, function* (some) {
      if (judge.exhausted) return false; // before the sets are made: there may be thousands
      const gone = new Set(some);
      const fewer = new Set([...kept].filter((facet) => !gone.has(facet)));
      if (fewer.size === 0 || !(yield* takeFacets(fewer))) return false;
      kept = fewer;
      return true;
    });
  }

  private *takeFacets(facets: ReadonlySet<string>): InSteps<boolean> {
    if (this.judge.exhausted) return false;
    const known = yield* this.spelled();
    if (known === undefined || !(yield* this.take(this.laws.only!(known, facets, this.asked.model)))) return false;
    if (this.question.model !== this.asked.model) this.facets = [...facets];
    return true;
  }

  private *takeStart(known: Spelled, op: number, state: unknown): InSteps<boolean> {
    const { question, anchor } = this;
    this.anchor = question.part.ops[op]!;
    if (yield* this.take(startingWith(known, op, state))) {
      this.beforeLateStart ??= question;
      return true;
    }
    this.anchor = anchor;
    return false;
  }

  /** Some definite operations become unknown; those that are observers go. */
  private *without(some: readonly number[]): InSteps<boolean> {
    if (this.judge.exhausted) return false;
    const known = yield* this.spelled();
    const gone = new Set(some);
    return known !== undefined && (yield* this.take(weaker(known, (op) => gone.has(op))));
  }

  private *take(candidate: Question): InSteps<boolean> {
    if (this.anchor !== undefined && !candidate.part.ops.includes(this.anchor)) return false;
    yield;
    const pruned = yield* withoutSpare(candidate, this.laws);
    if (!(yield* this.judge.illegal(pruned))) return false;
    this.question = pruned;
    return true;
  }

  private *spelled(): InSteps<Spelled | undefined> {
    return yield* inOneStep(this.question);
  }
}

function* inOneStep(question: Question): InSteps<Spelled | undefined> {
  const known = spelled(question);
  yield;
  return known;
}

/** With each operation: how many that are no observers were open at some time while it was. */
function overlapping({ question: { part }, letters, observer }: Spelled): Int32Array {
  const counts = new Int32Array(part.ops.length);
  let invoked = 0;
  let returned = 0;
  for (const event of part.events) {
    const op = event >>> 1;
    const changes = observer[letters[op]!] === 1 ? 0 : 1;
    if ((event & 1) === 0) {
      counts[op] = -returned;
      invoked += changes;
    } else {
      counts[op]! += invoked;
      returned += changes;
    }
  }
  return counts;
}

const definiteOf = (part: Part): number[] => Array.from(part.ops).filter((_, own) => part.definite[own] === 1);

const withFates = (question: Question, fateOf: (op: number, own: number) => number): Question => ({
  ...question,
  part: weakened(question.part, Uint8Array.from(question.part.ops, fateOf)),
});

/** Operations that are chosen by their number in the history become unknown, or go if they are observers. */
function weaker({ question, letters, observer }: Spelled, chosen: (op: number) => boolean): Question {
  return withFates(question, (op, own) => {
    if (!chosen(op) || question.part.definite[own] === 0) return KEPT;
    return observer[letters[own]!] === 1 ? GONE : MAYBE;
  });
}

/** Leaves out the unknown operations that only observe, and those that the laws call spare. */
function* withoutSpare(question: Question, laws: Laws): InSteps<Question> {
  const known = yield* inOneStep(question);
  if (known === undefined) return question;
  const fate = Uint8Array.from(known.letters, (letter) => (letter === DROPPED ? GONE : KEPT));
  for (const op of laws.spare?.(known) ?? []) fate[op] = GONE;
  yield;
  const part = weakened(question.part, fate);
  yield;
  return { ...question, part };
}
