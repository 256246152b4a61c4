import { NEVER } from '../../history/history.ts';
import { show } from '../../models/value.ts';
import { keyOfPart } from '../part.ts';
import type { Question } from '../procedure.ts';
import { READ } from './cell.ts';
import type { Conflict } from './conflict.ts';
import { holders } from './denied.ts';
import type { Evidence } from './evidence.ts';
import { type Hold, holdOf } from './meeting.ts';
import { Naming } from './naming.ts';
import { NOBODY, type Segments } from './segments.ts';

/** What is told of a conflict. */
export interface Told {
  readonly why: string;
  readonly core: readonly number[];
}

/** A conflict in a sentence that a person can follow, and the operations that show it. O(operations). */
export function explainConflict(evidence: Evidence, conflict: Conflict): Told {
  const { question } = evidence;
  const key = keyOfPart(question.history, question.part);
  const where = key === undefined ? '' : `on key ${show(key)}: `;
  const sentence = new Wording(evidence).sentence(conflict);
  return { why: where + sentence, core: evidence.ops() };
}

class Wording {
  private readonly evidence: Evidence;
  private readonly question: Question;
  private readonly segments: Segments;
  private readonly naming: Naming;

  constructor(evidence: Evidence) {
    this.evidence = evidence;
    this.question = evidence.question;
    this.segments = evidence.finding.segments;
    this.naming = new Naming(this.question, this.segments.start);
  }

  sentence(conflict: Conflict): string {
    switch (conflict.kind) {
      case 'unwritten':
        return this.unwritten(conflict.op);
      case 'twice':
        return this.twice(conflict.first, conflict.second);
      case 'cycle':
        return this.cycle(conflict.op);
      case 'early':
        return this.early(conflict.op);
      case 'chain':
        return this.chain(conflict.segment);
      case 'blocks':
        return (
          this.stale(conflict.one, conflict.other) ?? this.stale(conflict.other, conflict.one) ?? this.blocks(conflict)
        );
      case 'denied':
        return this.denied(conflict.op);
      case 'unreplaced':
        return this.unreplaced(conflict.op);
      default:
        return conflict satisfies never;
    }
  }

  private unwritten(op: number): string {
    this.evidence.add(op);
    const needed = show(this.naming.needs(op));
    return `${this.effect(op)}, but nothing can have written ${needed}, and it is not the initial value`;
  }

  private twice(first: number, second: number): string {
    const source = this.segments.cell.from[first]!;
    this.evidence.add(first, second).addWriter(source);
    const once = source === this.segments.start ? 'was there at the beginning only' : 'was written only once';
    return `${this.effect(first)}, and ${this.effect(second)}, but ${show(this.naming.needs(first))} ${once}, and each of them replaced it`;
  }

  private cycle(op: number): string {
    const ring = [op];
    for (let next = this.segments.next[op]!; next !== op; next = this.segments.next[next]!) ring.push(next);
    this.evidence.add(...ring);
    const told = ring
      .slice(0, 4)
      .map((one) => this.effect(one))
      .join('; ');
    const more = ring.length > 4 ? `; and so on, ${ring.length} in all` : '';
    return `each of these needs a value that only another of them can have written: ${told}${more}`;
  }

  private early(read: number): string {
    const writer = this.segments.of[read]!;
    this.evidence.add(read, writer);
    return `${this.naming.name(read)} returned before ${this.naming.name(writer)} was invoked, and nothing else wrote that value`;
  }

  private chain(segment: number): string {
    const { events } = this.question.part;
    const { first, last } = this.evidence.finding.blocks!;
    const exchanges = [segment];
    let source = this.segments.cell.from[segment]!;
    for (; last[source]! < first[segment]!; source = this.segments.cell.from[source]!) exchanges.push(source);
    const over = events[first[segment]!]! >>> 1;
    const late = events[last[source]!]! >>> 1;
    this.evidence.add(over, late, ...exchanges).addWriter(source);
    const [before, after] = [show(this.naming.written(source)), show(this.naming.written(segment))];
    const told = `${this.naming.name(late)} was invoked after ${this.naming.name(over)} had returned`;
    if (exchanges.length === 1 && over === segment)
      return `${told}, which replaced ${before}, and ${before} was there only once`;
    const through = exchanges.length === 1 ? 'by' : `through ${exchanges.length} exchanges, the last of them`;
    return `${told}, but ${after} was made from ${before} ${through} ${this.naming.name(segment)}, and ${before} was there only once`;
  }

  private denied(op: number): string {
    const { events } = this.question.part;
    const segment = this.segments.of[op]!;
    const { from, until } = holders(this.evidence.finding.blocks!, events, segment)!;
    this.evidence.add(op, until).addWriter(segment);
    if (from !== NOBODY) this.evidence.add(from);
    const since = from === NOBODY ? 'it was so from the beginning' : `${this.naming.name(from)} had returned before`;
    const value = show(this.naming.written(segment));
    return `${this.naming.name(op)} found that the value was not ${value}, but it was all the time: ${since}, and ${this.naming.name(until)} was invoked after`;
  }

  private unreplaced(op: number): string {
    const { history, part } = this.question;
    const { events } = part;
    const segment = this.segments.of[op]!;
    const { from } = holders(this.evidence.finding.blocks!, events, segment)!;
    const returned = history.completedAt[part.ops[op]!]!;
    const until = part.ops.findIndex((other) => history.invokedAt[other]! > returned);
    this.evidence.add(op).addAllBefore(until < 0 ? part.ops.length : until);
    const since = from === NOBODY ? 'it was there from the beginning' : `${this.naming.name(from)} had returned before`;
    const value = show(this.naming.written(segment));
    return `${this.naming.name(op)} found that the value was not ${value}, but it was: ${since}, and nothing invoked by then can have replaced it`;
  }

  /** The plain case: a value was overwritten by a write that began and ended before somebody saw it again. */
  private stale(held: number, other: number): string | undefined {
    const { start, cell } = this.segments;
    const { first, last } = this.evidence.finding.blocks!;
    const { history, part } = this.question;
    if (other === start || !this.evidence.definite(other) || last[held]! < 0 || first[held] === NEVER) return undefined;
    const read = part.events[last[held]!]! >>> 1;
    if (cell.kinds[read] !== READ || !history.precedes(part.ops[other]!, part.ops[read]!)) return undefined;
    const value = show(this.naming.written(held));
    const told = `${this.naming.name(read)} was invoked after ${this.naming.name(other)} had returned`;
    if (held === start) {
      this.evidence.add(other, read);
      return `${told}, so the initial value ${value} was already overwritten`;
    }
    const before = part.events[first[held]!]! >>> 1;
    if (!history.precedes(part.ops[before]!, part.ops[other]!)) return undefined;
    this.evidence.add(before, other, read).addWriter(held);
    return `${told}, and ${this.naming.name(other)} was invoked after ${this.naming.name(before)} had returned, so ${value} was already overwritten`;
  }

  private blocks({ one, other }: Extract<Conflict, { kind: 'blocks' }>): string {
    const blocks = this.evidence.finding.blocks!;
    const { first, last, blockFirst, blockLast } = blocks;
    const x = holdOf(blocks, one, blockLast[other]!, blockFirst[other]!);
    const y = holdOf(blocks, other, last[x.until]!, first[x.from]!);
    const sooner = `${this.values(x)} came before ${this.values(y)}, since ${this.precedence(x, y)}`;
    const later = `${this.values(y)} came before ${this.values(x)}, since ${this.precedence(y, x)}`;
    return `${sooner}; but ${later}; and no value was written twice`;
  }

  /** Why the first hold must begin before the second ends. */
  private precedence(x: Hold, y: Hold): string {
    const { events } = this.question.part;
    const { first, last } = this.evidence.finding.blocks!;
    for (const segment of x.chain) this.evidence.addWriter(segment);
    const invoked = events[last[y.until]!]! >>> 1;
    this.evidence.add(invoked);
    if (first[x.from]! < 0) return 'it was there at the beginning';
    const returned = events[first[x.from]!]! >>> 1;
    this.evidence.add(returned);
    return `${this.naming.name(returned)} returned before ${this.naming.name(invoked)} was invoked`;
  }

  private values({ chain }: Hold): string {
    const from = show(this.naming.written(chain[0]!));
    if (chain.length === 1) return from;
    return `${from} to ${show(this.naming.written(chain.at(-1)!))} (${counted(chain.length - 1, 'exchange')})`;
  }

  private effect(op: number): string {
    const { cell } = this.segments;
    const done = cell.kinds[op] === READ ? 'returned' : 'took effect';
    if (this.evidence.definite(op)) return `${this.naming.name(op)} ${done}`;
    return `${this.naming.name(op)} ${done} (as ${this.naming.name(this.evidence.proofOf(op))} shows)`;
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
