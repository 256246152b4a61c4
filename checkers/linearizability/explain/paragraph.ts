import type { History } from '../../history/history.ts';
import type { Question } from '../procedure.ts';
import { placesIn } from './cuts.ts';
import type { DeadEnd } from './dead-end.ts';
import { type Spelled, spelled } from './laws/laws.ts';
import { BEGINNING, type Contradiction, contradiction, type Precedence } from './precedence.ts';
import type { Shrunk } from './shrink.ts';
import { capitalised, described, listed, mention } from './words.ts';

/** A shrunk history with more definite operations than this is told by its end only. */
const toldMax = 12;

/**
 * The contradiction in English, for a reader who knows the object and not the checker: what is told, in real time, and
 * why it cannot be put in order. `end`: where order ends in the shrunk history, for
 * contradictions that the order of operations alone does not show.
 */
export function paragraph(shrunk: Shrunk, end: DeadEnd | undefined): string {
  const known = spelled(shrunk.question);
  const clash = known && contradiction(known);
  const main =
    known !== undefined && clash !== undefined
      ? byPrecedence(known, clash, shrunk.anchor !== undefined)
      : byStates(shrunk, end);
  return [...start(shrunk), ...main, ...others(shrunk)].join(' ');
}

function start({ question, anchor, facets }: Shrunk): string[] {
  const { model, initial, history } = question;
  const sentences: string[] = [];
  if (anchor !== undefined) {
    const state = model.show(initial);
    sentences.push(
      `It begins with ${described(history, anchor)}, which settles all that returned before it was invoked: the state was then ${state}.`,
    );
  }
  if (facets !== undefined) sentences.push(`Only ${listed(facets)} matters of what the operations say.`);
  return sentences;
}

function others({ question: { part } }: Shrunk): string[] {
  const unknown = part.definite.filter((definite) => definite === 0).length;
  if (unknown === 0) return [];
  const many = unknown === 1 ? '1 other operation' : `${unknown} other operations`;
  return [`${capitalised(many)} may have taken effect at any time since invoked, or never; no choice helps.`];
}

/** The story of a shrunk history, and the states in which it ends. */
function byStates({ question, anchor }: Shrunk, end: DeadEnd | undefined): string[] {
  const told = story(question, anchor);
  if (end === undefined) return [...told, 'No order of these explains what was answered.'];
  const last = mention(question.history, end.operation);
  const reasons = end.attempts
    .filter(({ operation, refusal }) => operation === end.operation && refusal !== undefined)
    .map(({ state, refusal }) => `in the state ${state}, ${refusal}`);
  const more =
    end.stateCount > end.states.length ? `, and so with ${end.stateCount - end.states.length} more states` : '';
  return [...told, `Whatever the order, ${last} has no place: ${reasons.join('; ')}${more}.`];
}

/** What happened, in order of invocation, and what was over by then. The anchor was told before. */
function story({ history, part }: Question, anchor: number | undefined): string[] {
  const definite = [...part.ops.keys()].filter((op) => part.definite[op] === 1);
  const told = definite.slice(-toldMax);
  const { invoked, returned } = placesIn(part);
  const sentences = told.map((op, i) => {
    const name = capitalised(described(history, part.ops[op]!));
    const open = told.slice(0, i).filter((other) => returned[other]! > invoked[op]!);
    if (definite.length === 1) return `${name} cannot be explained whatever else happened.`;
    if (part.ops[op] === anchor) return '';
    if (i === 0) return `${name} comes first.`;
    if (open.length === 0) return `${name} was invoked after ${i === 1 ? 'that' : 'those'} had returned.`;
    const names = listed(open.map((other) => mention(history, part.ops[other]!)));
    return `${name} was invoked while ${names} ${open.length === 1 ? 'was' : 'were'} open.`;
  });
  const more = definite.length - told.length;
  return [...(more > 0 ? [`Of ${definite.length} operations these are the last.`] : []), ...sentences.filter(Boolean)];
}

/** The proof that two operations must each come before the other, premises first. */
function byPrecedence(known: Spelled, clash: Contradiction, anchored: boolean): string[] {
  const telling = new Telling(known);
  if (clash.kind === 'unmade') return [telling.unmade(clash.finder, anchored)];
  telling.tell(clash.forth);
  telling.tell(clash.back);
  return [...telling.sentences, telling.conclusion(clash.forth)];
}

/** Tells precedences one after the other; an operation is described in full when it is first mentioned. */
class Telling {
  readonly sentences: string[] = [];
  private readonly question: Question;
  private readonly history: History;
  private readonly mentioned = new Set<number>();
  private readonly told = new Set<Precedence>();

  constructor({ question }: Spelled) {
    this.question = question;
    this.history = question.history;
  }

  unmade(finder: number, anchored: boolean): string {
    const since = anchored ? 'since' : `by then: at first it was ${this.initial}`;
    return `${capitalised(this.name(finder))} found a state that nothing can have made ${since}.`;
  }

  tell(precedence: Precedence): void {
    if (this.told.has(precedence)) return;
    this.told.add(precedence);
    const sentence = this.sentence(precedence);
    if (sentence !== undefined) this.sentences.push(`${capitalised(sentence)}.`);
  }

  conclusion({ first, second }: Precedence): string {
    if (first === BEGINNING || second === BEGINNING) {
      const other = first === BEGINNING ? second : first;
      return `So ${this.name(other)} would have to come before the beginning, and that cannot be.`;
    }
    return `So ${this.name(first)} would have to come both before and after ${this.name(second)}, and no order does that.`;
  }

  private sentence({ first, second, because }: Precedence): string | undefined {
    switch (because.kind) {
      case 'time':
        return first === BEGINNING ? undefined : `${this.name(first)} returned before ${this.name(second)} was invoked`;
      case 'made':
        if (first === BEGINNING)
          return `${this.name(second)} found the initial state ${this.initial}, which nothing makes again`;
        return `${this.name(second)} found what only ${this.name(first)} can have made`;
      case 'overwritten': {
        this.tell(because.premise);
        const since = because.maker === BEGINNING ? 'at the beginning' : `by ${this.name(because.maker)}`;
        return `${this.name(second)} replaced what was made ${since}, so ${this.name(first)}, which found that, comes before it`;
      }
      case 'outdated':
        this.tell(because.premise);
        if (second === BEGINNING)
          return `${this.name(because.finder)} comes after ${this.name(first)} and yet found the initial state ${this.initial}`;
        return `${this.name(because.finder)} comes after ${this.name(first)} and yet found what ${this.name(second)} made, so ${this.name(first)} comes before ${this.name(second)}`;
      case 'between':
        for (const premise of because.premises) this.tell(premise);
        return undefined;
      default:
        return because satisfies never;
    }
  }

  private get initial(): string {
    return this.question.model.show(this.question.initial);
  }

  private name(op: number): string {
    const number = this.question.part.ops[op]!;
    if (this.mentioned.has(op)) return mention(this.history, number);
    this.mentioned.add(op);
    return described(this.history, number);
  }
}
