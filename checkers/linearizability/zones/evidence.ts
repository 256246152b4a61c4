import type { Value } from '../../history/operation.ts';
import type { Question } from '../procedure.ts';
import { DENIAL, READ } from './cell.ts';
import { NOBODY, type Segments } from './segments.ts';
import type { Illegal } from './zones.ts';

/**
 * Collects the operations that prove a contradiction, so that it remains when the outcome of all others is unknown:
 * with an operation of unknown outcome comes what shows that it took effect; and with a value, the compare-and-sets
 * that were refused but would be further possible writers of it if their outcome were unknown.
 */
export class Evidence {
  readonly question: Question;
  readonly finding: Illegal;
  readonly segments: Segments;
  private readonly core = new Set<number>();
  private readonly values = new Set<number>();
  private allBefore = 0;
  /** Per segment, a read of it. */
  private readonly readers: Int32Array;

  constructor(question: Question, finding: Illegal) {
    this.question = question;
    this.finding = finding;
    this.segments = finding.segments;
    const { cell, of, start } = finding.segments;
    this.readers = new Int32Array(start + 1).fill(NOBODY);
    for (let op = 0; op < start; op++) if (cell.kinds[op] === READ && of[op] !== NOBODY) this.readers[of[op]!] = op;
  }

  add(...ops: readonly number[]): this {
    for (const op of ops) {
      for (let next = op; !this.core.has(next); ) {
        this.core.add(next);
        this.addValues(next);
        if (this.definite(next)) break;
        next = this.proofOf(next);
      }
    }
    return this;
  }

  /** Adds the writer of a value; the initial value has none. */
  addWriter(segment: number): this {
    return segment === this.segments.start ? this : this.add(segment);
  }

  /** Adds every operation of known outcome below a number. */
  addAllBefore(op: number): this {
    this.allBefore = op;
    return this;
  }

  /** All of it, ascending. */
  ops(): number[] {
    const { kinds } = this.segments.cell;
    const ops: number[] = [];
    for (let op = 0; op < kinds.length; op++) {
      const writesToo = kinds[op] === DENIAL && this.values.has(this.valuesOf(op)[1]!);
      if (writesToo || this.core.has(op) || (op < this.allBefore && this.definite(op))) ops.push(op);
    }
    return ops;
  }

  definite(op: number): boolean {
    return this.question.part.definite[op] === 1;
  }

  /** An operation that shows that this one, of unknown outcome, took effect: it saw or exchanged its value. */
  proofOf(op: number): number {
    const reader = this.readers[op]!;
    return reader === NOBODY ? this.segments.next[op]! : reader;
  }

  private addValues(op: number): void {
    for (const value of this.valuesOf(op)) this.values.add(value);
  }

  /** The numbers of the values that an operation names; of a compare-and-set both. */
  private valuesOf(op: number): readonly number[] {
    const { history, part, model } = this.question;
    const inHistory = part.ops[op]!;
    const input = history.input[inHistory]!;
    const role = model.cell?.[history.names.get(history.f[inHistory]!)];
    if (role !== 'cas') return [role === 'read' ? history.output[inHistory]! : input];
    return (history.values.get(input) as readonly Value[]).map((value) => this.segments.cell.writers.numberOf(value));
  }
}
