import { ABSENT, type History } from '../../../history/history.ts';
import type { Decision, Procedure, Question } from '../../procedure.ts';
import { EarliestFirst } from '../earliest.ts';
import { checkpointMask, contradiction, type Illegal, words } from '../evidence.ts';
import { type Intervals, intervalsOf } from '../intervals.ts';

/** What operations of a mutex do. An unknown one either changes the lock as if it were definite, or does nothing. */
const ACQUIRES = 0;
const RELEASES = 1;
const FINDS_FREE = 2;
const FINDS_HELD = 3;

/**
 * A mutex without owners: acquires that were granted and releases alternate, and those that were denied only saw which
 * of the two was last. Exact for all histories of one. O(n log p) for p operations open at once.
 */
export const mutexMonitor: Procedure = {
  name: 'mutex',
  decide(question, checkpoint): Decision | undefined {
    const kind = kindsOf(question, checkpoint);
    if (kind === undefined) return undefined;
    const intervals = intervalsOf(question.part);
    const alternation = new Alternation(question, kind, intervals);
    const stop = alternation.run(checkpoint);
    if (stop !== undefined) return evidence(question, intervals, stop);
    return { kind: 'linearizable', order: () => Int32Array.from(alternation.order) };
  },
};

function kindsOf({ history, part }: Question, checkpoint: () => void): Uint8Array | undefined {
  const acquire = history.names.find('acquire');
  const release = history.names.find('release');
  const kind = new Uint8Array(part.ops.length);
  for (let op = 0; op < kind.length; op++) {
    if ((op & checkpointMask) === 0) checkpoint();
    const row = part.ops[op]!;
    const acquires = history.f[row] === acquire;
    if (!acquires && history.f[row] !== release) return undefined;
    const granted = part.definite[op] === 0 ? true : grantedBy(history, history.result[row]!, acquires);
    if (granted === undefined) return undefined;
    kind[op] = acquires ? (granted ? ACQUIRES : FINDS_HELD) : granted ? RELEASES : FINDS_FREE;
  }
  return kind;
}

/** What the model makes of a result: a number granted an acquire is its fencing token. */
function grantedBy(history: History, result: number, acquires: boolean): boolean | undefined {
  if (result === ABSENT) return true;
  const value = history.values.get(result);
  if (typeof value === 'boolean') return value;
  return acquires && typeof value === 'number' ? true : undefined;
}

/** The operation that cannot take effect by that place in the events. */
interface Stop {
  readonly op: number;
  readonly at: number;
}

/**
 * Goes along the events and lets the lock change hands as late as can be.
 *
 * Acquires and releases alternate, so the k-th change of the lock is of a known kind, and any operation of that kind
 * can make it. Suppose that some order explains the history. At no place has the lock changed more often with us than in
 * that order, by induction: we change it only when an operation that returns now needs it to have changed (a denied one
 * saw the other state throughout its interval so far). Among those of one kind we take the one that returns first, and
 * where the order takes another, the two can change places. So a change that we cannot make, nor could it.
 */
class Alternation {
  readonly order: number[] = [];
  private readonly question: Question;
  private readonly kind: Uint8Array;
  private readonly done: Uint8Array;
  /** Open operations that acquire, and that release. */
  private readonly definite: readonly [EarliestFirst, EarliestFirst];
  private readonly unknown: readonly [number[], number[]] = [[], []];
  /** Open operations that wait to find the lock free, and held. */
  private readonly waiting: [number[], number[]] = [[], []];
  private held: 0 | 1;

  constructor(question: Question, kind: Uint8Array, { ret }: Intervals) {
    this.question = question;
    this.kind = kind;
    this.done = new Uint8Array(kind.length);
    this.definite = [new EarliestFirst(ret), new EarliestFirst(ret)];
    this.held = question.initial === true ? 1 : 0;
  }

  run(checkpoint: () => void): Stop | undefined {
    const { events } = this.question.part;
    for (let at = 0; at < events.length; at++) {
      if ((at & checkpointMask) === 0) checkpoint();
      const op = events[at]! >>> 1;
      if ((events[at]! & 1) === 0) this.invoke(op);
      else while (this.done[op] === 0) if (!this.change()) return { op, at };
    }
    return undefined;
  }

  private invoke(op: number): void {
    const kind = this.kind[op]!;
    if (kind === FINDS_FREE || kind === FINDS_HELD) {
      const needs = kind === FINDS_HELD ? 1 : 0;
      if (this.held === needs) this.finish(op);
      else this.waiting[needs].push(op);
      return;
    }
    const list = kind === RELEASES ? 1 : 0;
    if (this.question.part.definite[op] === 1) this.definite[list].push(op);
    else this.unknown[list].push(op);
  }

  /** False if nobody is there who could acquire or release it, whichever comes next. */
  private change(): boolean {
    const op = this.definite[this.held].pop() ?? this.unknown[this.held].pop();
    if (op === undefined) return false;
    this.held = this.held === 1 ? 0 : 1;
    this.finish(op);
    for (const observer of this.waiting[this.held]) this.finish(observer);
    this.waiting[this.held] = [];
    return true;
  }

  private finish(op: number): void {
    this.done[op] = 1;
    this.order.push(op);
  }
}

/** Everything definite that had begun: what begins later cannot help. */
function evidence(question: Question, { call }: Intervals, { op, at }: Stop): Illegal {
  const { definite } = question.part;
  const core: number[] = [];
  for (let other = 0; other < definite.length && call[other]! <= at; other++)
    if (definite[other] === 1) core.push(other);
  return contradiction(core, `no alternation of acquires and releases explains ${words(question, op)}`);
}
