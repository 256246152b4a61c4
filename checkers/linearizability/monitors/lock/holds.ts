import { NEVER } from '../../../history/history.ts';
import type { Question } from '../../procedure.ts';
import { contradiction, type Illegal, words } from '../evidence.ts';
import { NONE } from '../id-index.ts';
import type { Intervals } from '../intervals.ts';
import { UNPLACED } from '../levels.ts';
import { ACQUIRES, type OwnedOperations, RELEASES, RENEWS } from './owned-operations.ts';

/** From an acquire to the release by the same owner. */
export interface Hold {
  readonly owner: number;
  /** Its first operation; `NONE` if it is held from the beginning. */
  readonly acquire: number;
  /** Its last operation so far; `NONE` if there is none. */
  last: number;
  /** The return of the acquire: by then it has begun. */
  readonly begunBy: number;
  /** The invocation of its last operation: until then it has not ended. `NEVER` if nothing ends it. */
  lastsUntil: number;
}

export interface Holds {
  readonly all: readonly Hold[];
  /** The hold that an operation belongs to; `UNPLACED` if it need not have taken effect. */
  readonly of: Int32Array;
}

/**
 * Cuts the operations of each owner, which come one after another, into holds; or finds one that no hold explains.
 * `undefined` where an operation of unknown outcome leaves it open which operations make a hold. O(operations).
 *
 * A renewal changes nothing without leases. Other unknown operations that are an owner's last need no guess: an acquire
 * then has no use but harm, and may be left out; a release ends the hold, which is as good as ending never. A release of
 * unknown outcome that its owner's next grant follows must have ended the hold, since nothing else did.
 */
export function holdsOf(
  question: Question,
  operations: OwnedOperations,
  intervals: Intervals,
): Holds | Illegal | undefined {
  const reader = new HoldReader(question, operations, intervals);
  for (let op = 0; op < operations.kind.length; op++) {
    const trouble = reader.read(op);
    if (trouble !== undefined) return trouble === 'open' ? undefined : trouble;
  }
  return reader.finish();
}

class HoldReader {
  private readonly question: Question;
  private readonly operations: OwnedOperations;
  private readonly intervals: Intervals;
  private readonly all: Hold[] = [];
  private readonly of: Int32Array;
  /** The hold of each owner that is not over. */
  private readonly current: Int32Array;
  /** The release of unknown outcome that may have ended it. */
  private readonly maybe: Int32Array;
  /** 1: anything more by this owner would leave its holds open to doubt. */
  private readonly doubtful: Uint8Array;

  constructor(question: Question, operations: OwnedOperations, intervals: Intervals) {
    const { kind, owners, holder } = operations;
    this.question = question;
    this.operations = operations;
    this.intervals = intervals;
    this.of = new Int32Array(kind.length).fill(UNPLACED);
    this.current = new Int32Array(owners).fill(NONE);
    this.maybe = new Int32Array(owners).fill(NONE);
    this.doubtful = new Uint8Array(owners);
    if (holder !== NONE) this.begin({ owner: holder, acquire: NONE, last: NONE, begunBy: -1, lastsUntil: NEVER });
  }

  /** Takes the next operation; `'open'`: which hold it belongs to cannot be told. */
  read(op: number): Illegal | 'open' | undefined {
    const who = this.operations.owner[op]!;
    const kind = this.operations.kind[op]!;
    if (this.doubtful[who] === 1) return 'open';
    if (this.question.part.definite[op] === 0) {
      if (kind === RENEWS) return undefined;
      if (kind === RELEASES && this.current[who] !== NONE && this.maybe[who] === NONE) this.maybe[who] = op;
      else this.doubtful[who] = 1;
      return undefined;
    }
    return kind === ACQUIRES ? this.acquire(who, op) : this.use(who, op, kind === RELEASES);
  }

  private acquire(who: number, op: number): Illegal | undefined {
    const release = this.maybe[who]!;
    if (release !== NONE) this.end(who, release);
    if (this.current[who] !== NONE) return this.alone(op, 'who held it already');
    const hold = { owner: who, acquire: op, last: op, begunBy: this.intervals.ret[op]!, lastsUntil: NEVER };
    this.of[op] = this.begin(hold);
    return undefined;
  }

  private use(who: number, op: number, releases: boolean): Illegal | 'open' | undefined {
    const hold = this.current[who]!;
    if (hold === NONE) return this.alone(op, 'who did not hold it');
    if (this.maybe[who] !== NONE) return 'open';
    if (releases) this.end(who, op);
    else {
      this.all[hold]!.last = op;
      this.of[op] = hold;
    }
    return undefined;
  }

  private begin(hold: Hold): number {
    const number = this.all.push(hold) - 1;
    this.current[hold.owner] = number;
    return number;
  }

  private end(who: number, release: number): void {
    const number = this.current[who]!;
    const hold = this.all[number]!;
    hold.last = release;
    hold.lastsUntil = this.intervals.call[release]!;
    this.of[release] = number;
    this.current[who] = NONE;
    this.maybe[who] = NONE;
  }

  /** Releases of unknown outcome that were their owners' last operations. */
  finish(): Holds {
    const { all, of, maybe } = this;
    for (let who = 0; who < maybe.length; who++) if (maybe[who] !== NONE) this.end(who, maybe[who]!);
    return { all, of };
  }

  /** All that the owner did up to an operation is evidence against it. */
  private alone(op: number, why: string): Illegal {
    const { definite } = this.question.part;
    const { owner } = this.operations;
    const core: number[] = [];
    for (let other = 0; other <= op; other++) if (owner[other] === owner[op] && definite[other] === 1) core.push(other);
    return contradiction(core, `${words(this.question, op)} was granted to one ${why}`);
  }
}
