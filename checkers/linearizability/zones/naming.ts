import type { Value } from '../../history/operation.ts';
import { isList } from '../../history/values.ts';
import { show } from '../../models/value.ts';
import type { Question } from '../procedure.ts';

/** Operations and values of a part in words. */
export class Naming {
  private readonly question: Question;
  private readonly start: number;

  /** `start`: the segment of the initial value. */
  constructor(question: Question, start: number) {
    this.question = question;
    this.start = start;
  }

  /** The value that a read or an exchange found. */
  needs(op: number): Value {
    const { history, part } = this.question;
    const inHistory = part.ops[op]!;
    const pair = this.role(op) === 'cas' ? history.values.get(history.input[inHistory]!) : undefined;
    return isList(pair) ? pair[0]! : history.values.get(history.output[inHistory]!);
  }

  /** The value of a segment. */
  written(segment: number): Value {
    const { history, part, initial } = this.question;
    if (segment === this.start) return initial as Value;
    const value = history.values.get(history.input[part.ops[segment]!]!);
    return this.role(segment) === 'cas' ? (value as readonly Value[])[1]! : value;
  }

  private role(op: number) {
    const { history, part, model } = this.question;
    return model.cell?.[history.names.get(history.f[part.ops[op]!]!)];
  }

  /** An operation in words, with where it begins in the history. */
  name(op: number): string {
    const { history, part } = this.question;
    const { f, process, index } = history.operation(part.ops[op]!);
    const role = this.role(op);
    const what = role === 'write' ? show(this.written(op)) : show(this.needs(op));
    const to = role === 'cas' ? ` to ${show((history.operation(part.ops[op]!).input as readonly Value[])[1])}` : '';
    return `${f} ${role === 'cas' ? 'from' : 'of'} ${what}${to} by process ${process} (index ${index})`;
  }
}
