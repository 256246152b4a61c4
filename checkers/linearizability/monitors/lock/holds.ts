import { NEVER } from '../../../history/history.ts';
import type { Question } from '../../procedure.ts';
import { contradiction, type Illegal, words } from '../evidence.ts';
import { NONE } from '../id-index.ts';
import type { Intervals } from '../intervals.ts';
import { UNPLACED } from '../levels.ts';
import { ACQUIRES, type OwnedOperations, RELEASES } from './owned-operations.ts';

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
 * Unknown operations that are an owner's last need no guess. An acquire or renewal then has no use but harm, and may be
 * left out. A release ends the hold, which is as good as ending never. A release of unknown outcome that its owner's
 * next grant follows must have ended the hold, since nothing else did.
 */
export function holdsOf(
  question: Question,
  { kind, owner, owners, holder }: OwnedOperations,
  { call, ret }: Intervals,
): Holds | Illegal | undefined {
  const { definite } = question.part;
  const all: Hold[] = [];
  const of = new Int32Array(kind.length).fill(UNPLACED);
  /** The hold of each owner that is not over. */
  const current = new Int32Array(owners).fill(NONE);
  /** The release of unknown outcome that may have ended it. */
  const maybe = new Int32Array(owners).fill(NONE);
  const uncertain = new Uint8Array(owners);
  if (holder !== NONE) {
    current[holder] = all.push({ owner: holder, acquire: NONE, last: NONE, begunBy: -1, lastsUntil: NEVER }) - 1;
  }
  const end = (hold: number, release: number): void => {
    all[hold]!.last = release;
    all[hold]!.lastsUntil = call[release]!;
    of[release] = hold;
  };
  for (let op = 0; op < kind.length; op++) {
    const who = owner[op]!;
    if (uncertain[who] === 1) return undefined;
    const held = current[who]!;
    if (definite[op] === 0) {
      if (kind[op] === RELEASES && held !== NONE && maybe[who] === NONE) maybe[who] = op;
      else uncertain[who] = 1;
    } else if (kind[op] === ACQUIRES) {
      if (held !== NONE && maybe[who] === NONE) return alone(question, owner, op, 'who held it already');
      if (held !== NONE) end(held, maybe[who]!);
      maybe[who] = NONE;
      current[who] = all.push({ owner: who, acquire: op, last: op, begunBy: ret[op]!, lastsUntil: NEVER }) - 1;
      of[op] = current[who]!;
    } else {
      if (held === NONE) return alone(question, owner, op, 'who did not hold it');
      if (maybe[who] !== NONE) return undefined;
      if (kind[op] === RELEASES) {
        end(held, op);
        current[who] = NONE;
      } else {
        all[held]!.last = op;
        of[op] = held;
      }
    }
  }
  for (let who = 0; who < owners; who++) if (maybe[who] !== NONE) end(current[who]!, maybe[who]!);
  return { all, of };
}

/** All that the owner did up to an operation is evidence against it. */
function alone(question: Question, owner: Int32Array, op: number, why: string): Illegal {
  const { definite } = question.part;
  const core = [...definite.keys()].filter(
    (other) => other <= op && owner[other] === owner[op] && definite[other] === 1,
  );
  return contradiction(core, `${words(question, op)} was granted to one ${why}`);
}
