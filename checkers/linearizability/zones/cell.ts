import { ABSENT, FAILED, type History, NEVER } from '../../history/history.ts';
import type { Value } from '../../history/operation.ts';
import { isList } from '../../history/values.ts';
import type { AnyModel } from '../../models/model.ts';
import type { Question } from '../procedure.ts';
import { Writers } from './writers.ts';

/** What an operation is to the zones: a column of bytes. */
export const NOTHING = 0;
export const READ = 1;
export const WRITE = 2;
export const EXCHANGE = 3;
/** A compare-and-set that found another value. */
export const DENIAL = 4;
/** Of unknown outcome, and so far nothing needs it to have taken effect. */
export const MAYBE_WRITE = 5;
export const MAYBE_EXCHANGE = 6;

/** `checkpoint` is called once in so many steps, a power of two, less one. */
export const stride = (1 << 17) - 1;

/** The part of a part that is judged: its first events, as if nothing had been recorded after them. */
export interface Extent {
  /** Events. */
  readonly end: number;
  /** Operations invoked. */
  readonly length: number;
  /** Position in the history of the first event that is not judged, or `NEVER`. */
  readonly cut: number;
}

/** The operations of one part as those of a compare-and-set register, every value of which has one possible writer. */
export interface Cell {
  /** Per operation: `READ`, `WRITE`, ... */
  readonly kinds: Uint8Array;
  /**
   * Per operation, the number of the value that it read, wrote, or denied; for the latter half of the procedure, the
   * operation that wrote it (`length`: nobody, it is the initial value).
   */
  readonly values: Int32Array;
  /** Per exchange, what it started from, in the same terms; empty if there is no exchange. */
  readonly from: Int32Array;
  readonly exchanges: boolean;
  readonly denials: boolean;
  readonly initial: number;
  readonly writers: Writers;
}

/** No value has this number. */
const NAMELESS = -2;

/**
 * Reads a part from the columns of the history. `undefined` if zones cannot decide it: it has an operation that is
 * none of such a register's (or is malformed, which is for the model to say), two operations may have written the
 * same value, or one may have written the initial value. O(operations), no object for any of them.
 */
export function readCell({ history, part, model, initial }: Question, extent: Extent, checkpoint: () => void) {
  const roles = rolesOf(model, history);
  const { length, cut } = extent;
  const { f, input, output, completedAt } = history;
  const { ops, definite } = part;
  const writers = Writers.for(history, length);
  const start = writers.numberOf(initial as Value);
  const initialNumber = start === ABSENT ? NAMELESS : start;
  const kinds = new Uint8Array(length);
  const values = new Int32Array(length + 1);
  let pairs: Pairs | undefined;
  let denials = false;
  for (let own = 0; own < length; own++) {
    if ((own & stride) === stride) checkpoint();
    const op = ops[own]!;
    const known = definite[own] === 1 && completedAt[op]! < cut;
    switch (roles[f[op]!]) {
      case READ: {
        if (definite[own] === 0) break;
        const value = output[op]!;
        if (value === ABSENT) return undefined;
        if (!known) break;
        kinds[own] = READ;
        values[own] = value;
        break;
      }
      case WRITE: {
        const value = input[op]!;
        if (value === ABSENT || value === initialNumber || !writers.enter(value, own)) return undefined;
        kinds[own] = known ? WRITE : MAYBE_WRITE;
        values[own] = value;
        break;
      }
      case EXCHANGE: {
        pairs ??= new Pairs(history, writers, length);
        const found = pairs.read(op, definite[own] === 1);
        if (found === MALFORMED) return undefined;
        const { from, to } = pairs;
        values[own] = from;
        if (found === MISMATCHED) {
          if (!known) break;
          denials = true;
          kinds[own] = DENIAL;
        } else if (from === to) {
          if (known) kinds[own] = READ;
        } else {
          if (to === initialNumber || !writers.enter(to, own)) return undefined;
          kinds[own] = known ? EXCHANGE : MAYBE_EXCHANGE;
          values[own] = to;
          pairs.froms[own] = from;
        }
        break;
      }
      default:
        return undefined;
    }
  }
  values[length] = length;
  const from = pairs?.froms ?? new Int32Array(0);
  const cell: Cell = { kinds, values, from, exchanges: pairs !== undefined, denials, initial: initialNumber, writers };
  return cell;
}

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

const MALFORMED = 0;
const MATCHED = 1;
const MISMATCHED = 2;

/** Reads what compare-and-sets name. */
class Pairs {
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

/** All of a part, or the first `end` of its events. */
export function extentOf({ history, part }: Question, end: number = part.events.length): Extent {
  if (end === part.events.length) return { end, length: part.ops.length, cut: NEVER };
  const event = part.events[end]!;
  const op = part.ops[event >>> 1]!;
  const cut = (event & 1) === 0 ? history.invokedAt[op]! : history.completedAt[op]!;
  let low = 0;
  let high = part.ops.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (history.invokedAt[part.ops[middle]!]! < cut) low = middle + 1;
    else high = middle;
  }
  return { end, length: low, cut };
}
