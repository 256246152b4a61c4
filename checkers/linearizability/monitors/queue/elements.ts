import { ABSENT, NEVER } from '../../../history/history.ts';
import type { Value } from '../../../history/operation.ts';
import type { Question } from '../../procedure.ts';
import { checkpointMask, contradiction, type Illegal, words } from '../evidence.ts';
import { type IdIndex, indexFor, NONE } from '../id-index.ts';
import { type Intervals, intervalsOf } from '../intervals.ts';

/**
 * The life of every element of a queue: who enqueued it when, and who dequeued it when. Elements are numbered in order
 * of their enqueues' invocation, those of the initial state first; these were enqueued before everything, at moments
 * below 0, one after the other.
 *
 * An element of an unknown enqueue that nobody dequeued is here too, enqueued `NEVER` and dequeued `NEVER`: leaving out
 * such an enqueue (and an unknown dequeue that took it) changes nothing for the others.
 */
export interface Elements {
  readonly count: number;
  readonly intervals: Intervals;
  /** How many are of the initial state. */
  readonly initial: number;
  /** The operation that enqueued it; below 0 for one of the initial state. */
  readonly enqueue: Int32Array;
  /** The operation that dequeued it, or `NONE`. */
  readonly dequeue: Int32Array;
  readonly enqueueCall: Int32Array;
  readonly enqueueReturn: Int32Array;
  /** `NEVER` if nobody dequeued it. */
  readonly dequeueCall: Int32Array;
  readonly dequeueReturn: Int32Array;
  /** The element that an operation enqueued or dequeued, or `NONE`. */
  readonly of: Int32Array;
  /** The dequeues that found the queue empty. */
  readonly empty: readonly number[];
  /** The dequeues of unknown outcome, by invocation. */
  readonly unknown: readonly number[];
  /** The elements that no definite dequeue took and whose enqueue returned, by that return. */
  readonly lost: readonly number[];
}

/**
 * Reads the lives of the elements from a part, or finds a dequeue that none can explain: of what was not enqueued by
 * then, or had been dequeued already. `undefined` if an element is enqueued twice, or an operation is none of a
 * queue's. O(operations).
 *
 * A dequeue of unknown outcome may take any element. It never returns, so all that counts is that the element it
 * takes (x, from the moment r at which its enqueue has returned) is gone at some time after the dequeue's invocation c:
 * the sooner the better. Let the i-th lost element by r have the i-th unknown dequeue by c, and those beyond none
 * (c = infinity). No other choice is better: if r1 < r2 and c1 > c2, then an exchange covers no more of time by the
 * intervals (r1, c2) and (r2, c1) than before; and what x must be gone for (the dequeue of some y enqueued after r has
 * returned) comes no sooner for a larger r, so that x2 can wait until c1 if x1 can.
 */
export function elementsOf(
  question: Question,
  waiting: readonly Value[],
  checkpoint: () => void,
): Elements | Illegal | undefined {
  const reader = new ElementReader(question, waiting, checkpoint);
  if (!reader.readEnqueues()) return undefined;
  const trouble = reader.readDequeues();
  return trouble === 'unread' ? undefined : (trouble ?? reader.elements());
}

class ElementReader {
  private readonly question: Question;
  private readonly checkpoint: () => void;
  private readonly intervals: Intervals;
  /** How many elements the initial state holds, and their numbers as values; `ABSENT` if no operation names one. */
  private readonly initial: number;
  private readonly initialValues: readonly number[];
  private readonly elementOf: IdIndex;
  private readonly enqueue: Int32Array;
  private readonly dequeue: Int32Array;
  private readonly of: Int32Array;
  private readonly empty: number[] = [];
  private readonly unknown: number[] = [];
  private count = 0;

  constructor(question: Question, waiting: readonly Value[], checkpoint: () => void) {
    const { history, part } = question;
    this.question = question;
    this.checkpoint = checkpoint;
    this.intervals = intervalsOf(part);
    this.initial = waiting.length;
    this.initialValues = waiting.map((value) => history.values.find(value));
    this.elementOf = indexFor(history.input, part.ops, this.initialValues);
    this.enqueue = new Int32Array(waiting.length + part.ops.length);
    this.dequeue = new Int32Array(waiting.length + part.ops.length).fill(NONE);
    this.of = new Int32Array(part.ops.length).fill(NONE);
  }

  /** False if some element comes twice, or an operation is none of a queue's. */
  readEnqueues(): boolean {
    const { history, part } = this.question;
    const enqueue = history.names.find('enqueue');
    const dequeue = history.names.find('dequeue');
    const nothing = history.values.find(null);
    for (const value of this.initialValues) {
      if (value !== ABSENT && (value === nothing || !this.isNew(value))) return false;
      this.enqueue[this.count] = this.count - this.initial;
      this.count++;
    }
    for (let op = 0; op < part.ops.length; op++) {
      if ((op & checkpointMask) === 0) this.checkpoint();
      const f = history.f[part.ops[op]!]!;
      if (f === dequeue) continue;
      const value = history.input[part.ops[op]!]!;
      if (f !== enqueue || value === ABSENT || value === nothing || !this.isNew(value)) return false;
      this.of[op] = this.count;
      this.enqueue[this.count++] = op;
    }
    return true;
  }

  private isNew(value: number): boolean {
    return this.elementOf.set(value, this.count) === NONE;
  }

  /** A dequeue that no order explains, or `'unread'` if one carries no answer. */
  readDequeues(): Illegal | 'unread' | undefined {
    const { history, part } = this.question;
    const enqueue = history.names.find('enqueue');
    const nothing = history.values.find(null);
    for (let op = 0; op < part.ops.length; op++) {
      if ((op & checkpointMask) === 0) this.checkpoint();
      if (history.f[part.ops[op]!] === enqueue) continue;
      const value = history.output[part.ops[op]!]!;
      if (part.definite[op] === 0) this.unknown.push(op);
      else if (value === ABSENT) return 'unread';
      else if (value === nothing) this.empty.push(op);
      else {
        const trouble = this.take(op, this.elementOf.get(value));
        if (trouble !== undefined) return trouble;
      }
    }
    return undefined;
  }

  private take(op: number, element: number): Illegal | undefined {
    const { question } = this;
    if (element === NONE) return contradiction([op], `${words(question, op)} took what nobody had put into the queue`);
    const enqueue = this.enqueue[element]!;
    const before = this.dequeue[element]!;
    if (before !== NONE) {
      const why = `${words(question, op)} took what ${words(question, before)} took as well, and it was put in once`;
      return contradiction([enqueue, before, op], why);
    }
    if (enqueue >= 0 && this.intervals.ret[op]! < this.intervals.call[enqueue]!) {
      return contradiction(
        [enqueue, op],
        `${words(question, op)} had returned before ${words(question, enqueue)} began`,
      );
    }
    this.dequeue[element] = op;
    this.of[op] = element;
    return undefined;
  }

  elements(): Elements {
    const { count, intervals, initial, of, empty, unknown } = this;
    const enqueue = this.enqueue.subarray(0, count);
    const dequeue = this.dequeue.subarray(0, count);
    const lost = this.lostElements();
    for (let i = 0; i < Math.min(lost.length, unknown.length); i++) {
      dequeue[lost[i]!] = unknown[i]!;
      of[unknown[i]!] = lost[i]!;
    }
    const enqueueCall = enqueue.map((op) => (op < 0 ? op : intervals.call[op]!));
    const enqueueReturn = enqueue.map((op) => (op < 0 ? op : intervals.ret[op]!));
    const dequeueCall = dequeue.map((op) => (op === NONE ? NEVER : intervals.call[op]!));
    const dequeueReturn = dequeue.map((op) => (op === NONE ? NEVER : intervals.ret[op]!));
    const lives = { enqueue, dequeue, enqueueCall, enqueueReturn, dequeueCall, dequeueReturn };
    return { count, intervals, initial, ...lives, of, empty, unknown, lost };
  }

  /** By the return of their enqueues. */
  private lostElements(): number[] {
    const { events } = this.question.part;
    const lost: number[] = [];
    for (let element = 0; element < this.initial; element++) if (this.dequeue[element] === NONE) lost.push(element);
    for (let at = 0; at < events.length; at++) {
      const event = events[at]!;
      if ((event & 1) === 0) continue;
      const element = this.of[event >>> 1]!;
      if (element !== NONE && this.enqueue[element] === event >>> 1 && this.dequeue[element] === NONE)
        lost.push(element);
    }
    return lost;
  }
}
