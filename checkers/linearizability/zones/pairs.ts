import { ABSENT, FAILED, type History } from '../../history/history.ts';
import { isList } from '../../history/values.ts';
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
    const pair = values.get(input[op]!);
    if (!isList(pair) || pair.length !== 2) return MALFORMED;
    this.from = this.writers.numberOf(pair[0]!);
    this.to = this.writers.numberOf(pair[1]!);
    if (this.from === ABSENT || this.to === ABSENT) return MALFORMED;
    if (!answered) return MATCHED;
    if (outcome[op] === FAILED) return MISMATCHED;
    const answer = result[op]!;
    if (answer === ABSENT || answer === this.yes) return MATCHED;
    return answer === this.no ? MISMATCHED : MALFORMED;
  }
}
