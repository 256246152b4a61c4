import { ABSENT } from '../../../history/history.ts';
import type { Value } from '../../../history/operation.ts';
import { canonical } from '../../../history/values.ts';
import type { Question } from '../../procedure.ts';
import { checkpointMask } from '../evidence.ts';
import { type IdIndex, indexFor, NONE } from '../id-index.ts';

/** The adds and reads of a part, and numbers for the elements that they name. */
export class SetElements {
  /** The element that an operation adds; `NONE` for a read. */
  readonly addedBy: Int32Array;
  /** Elements from this number on are added by nobody. */
  added = 0;
  /** How many elements have a number. */
  count = 0;
  private readonly question: Question;
  private readonly byValue: IdIndex;
  private readonly others = new Map<string, number>();

  constructor(question: Question) {
    this.question = question;
    this.byValue = indexFor(question.history.input, question.part.ops);
    this.addedBy = new Int32Array(question.part.ops.length).fill(NONE);
  }

  /** Numbers what is added; false if an operation is none of a set's. O(operations). */
  readAdds(checkpoint: () => void): boolean {
    const { history, part } = this.question;
    const add = history.names.find('add');
    const read = history.names.find('read');
    for (let op = 0; op < part.ops.length; op++) {
      if ((op & checkpointMask) === 0) checkpoint();
      const f = history.f[part.ops[op]!]!;
      if (f === read) continue;
      const value = history.input[part.ops[op]!]!;
      if (f !== add || value === ABSENT) return false;
      let element = this.byValue.get(value);
      if (element === NONE) {
        element = this.count++;
        this.byValue.set(value, element);
      }
      this.addedBy[op] = element;
    }
    this.added = this.count;
    return true;
  }

  /** The number of an element that a read returned, or that was there at first. */
  of(value: Value): number {
    const id = this.question.history.values.find(value);
    const element = id === ABSENT ? NONE : this.byValue.get(id);
    return element === NONE ? this.ofText(canonical(value)) : element;
  }

  ofAll(values: readonly Value[]): Int32Array {
    const numbers = new Int32Array(values.length);
    for (let i = 0; i < numbers.length; i++) numbers[i] = this.of(values[i]!);
    return numbers;
  }

  private ofText(text: string): number {
    const known = this.others.get(text);
    if (known !== undefined) return known;
    this.others.set(text, this.count);
    return this.count++;
  }
}
