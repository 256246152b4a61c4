import { ABSENT, type History } from '../../history/history.ts';
import type { Value } from '../../history/operation.ts';
import type { AnyModel } from '../../models/model.ts';
import type { Question } from '../procedure.ts';
import { type Cell, DENIAL, EXCHANGE, MAYBE_EXCHANGE, MAYBE_WRITE, NOTHING, READ, stride, WRITE } from './cell.ts';
import type { Extent } from './extent.ts';
import { MALFORMED, MISMATCHED, Pairs } from './pairs.ts';
import { Writers } from './writers.ts';

/**
 * Reads a part from the columns of the history. `undefined` if zones cannot decide it: it has an operation that is
 * none of a compare-and-set register's (or is malformed, which is for the model to say), two operations may have
 * written the same value, or one may have written the initial value. O(operations), no object for any of them.
 */
export function readCell(question: Question, extent: Extent, checkpoint: () => void): Cell | undefined {
  return new Reading(question, extent).run(checkpoint);
}

/** No value has this number. */
const NAMELESS = -2;

class Reading {
  private readonly question: Question;
  private readonly extent: Extent;
  private readonly writers: Writers;
  private readonly initial: number;
  private readonly kinds: Uint8Array;
  private readonly values: Int32Array;
  private pairs: Pairs | undefined;
  private denials = false;

  constructor(question: Question, extent: Extent) {
    this.question = question;
    this.extent = extent;
    this.writers = Writers.for(question.history, extent.length);
    const initial = this.writers.numberOf(question.initial as Value);
    this.initial = initial === ABSENT ? NAMELESS : initial;
    this.kinds = new Uint8Array(extent.length);
    this.values = new Int32Array(extent.length + 1);
    this.values[extent.length] = extent.length;
  }

  run(checkpoint: () => void): Cell | undefined {
    const { history, part, model } = this.question;
    const roles = rolesOf(model, history);
    for (let op = 0; op < this.extent.length; op++) {
      if ((op & stride) === stride) checkpoint();
      const inHistory = part.ops[op]!;
      const definite = part.definite[op] === 1;
      const known = definite && history.completedAt[inHistory]! < this.extent.cut;
      const role = roles[history.f[inHistory]!]!;
      if (role === READ) {
        const value = history.output[inHistory]!;
        if (definite && value === ABSENT) return undefined;
        if (known) this.take(op, READ, value);
      } else if (role === WRITE) {
        const value = history.input[inHistory]!;
        if (value === ABSENT || !this.write(op, known ? WRITE : MAYBE_WRITE, value)) return undefined;
      } else if (role === NOTHING || !this.compare(op, inHistory, definite, known)) return undefined;
    }
    const { kinds, values, denials, initial, writers, pairs } = this;
    return { kinds, values, from: pairs?.froms ?? none, exchanges: pairs !== undefined, denials, initial, writers };
  }

  private take(op: number, kind: number, value: number): void {
    this.kinds[op] = kind;
    this.values[op] = value;
  }

  private write(op: number, kind: number, value: number): boolean {
    if (value === this.initial || !this.writers.enter(value, op)) return false;
    this.take(op, kind, value);
    return true;
  }

  /** An exchange of a value for itself is a read. What may have been refused is refused, if the history says so later. */
  private compare(op: number, inHistory: number, definite: boolean, known: boolean): boolean {
    this.pairs ??= new Pairs(this.question.history, this.writers, this.extent.length);
    const answer = this.pairs.read(inHistory, definite);
    const { from, to, froms } = this.pairs;
    if (answer === MALFORMED) return false;
    if (answer === MISMATCHED) {
      if (known) this.take(op, DENIAL, from);
      this.denials ||= known;
      return true;
    }
    if (from === to) {
      if (known) this.take(op, READ, from);
      return true;
    }
    froms[op] = from;
    return this.write(op, known ? EXCHANGE : MAYBE_EXCHANGE, to);
  }
}

const none = new Int32Array(0);

/** By number of a name in the history: what such an operation is, or `NOTHING` if the model's cell has none such. */
function rolesOf({ cell = {} }: AnyModel, { names }: History): Uint8Array {
  const roles = new Uint8Array(names.size);
  const codes = { read: READ, write: WRITE, cas: EXCHANGE } as const;
  for (const [name, role] of Object.entries(cell)) {
    const id = names.find(name);
    if (id !== ABSENT) roles[id] = codes[role];
  }
  return roles;
}
