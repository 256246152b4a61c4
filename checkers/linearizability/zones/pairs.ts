import { ABSENT, FAILED, type History } from '../../history/history.ts';
import type { Writers } from './writers.ts';

export const MALFORMED = 0;
export const MATCHED = 1;
export const MISMATCHED = 2;

/** Reads what compare-and-sets name. */
export class Pairs {
  readonly froms: Int32Array;
  from = 0;
  to = 0;
  private readonly history: History;
  private readonly writers: Writers;
  private readonly yes: number;
  private readonly no: number;

  constructor(history: History, writers: Writers, length: number) {
    this.history = history;
    this.writers = writers;
    this.froms = new Int32Array(length);
    this.yes = history.values.find(true);
    this.no = history.values.find(false);
  }

  /** Puts the numbers of the two values into `from` and `to`; says what was answered, if it was. */
  read(op: number, answered: boolean): number {
    const { input, result, outcome, values } = this.history;
    if (input[op] === ABSENT) return MALFORMED;
    const from = values.part(input[op]!, 0);
    if (from === ABSENT) return MALFORMED;
    this.from = this.writers.numberOfPart(from);
    this.to = this.writers.numberOfPart(values.part(input[op]!, 1));
    if (!answered) return MATCHED;
    if (outcome[op] === FAILED) return MISMATCHED;
    const answer = result[op]!;
    if (answer === ABSENT || answer === this.yes) return MATCHED;
    return answer === this.no ? MISMATCHED : MALFORMED;
  }
}
