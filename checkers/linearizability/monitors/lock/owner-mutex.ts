import type { Decision, Procedure, Question } from '../../procedure.ts';
import { contradiction, type Illegal, words } from '../evidence.ts';
import { NONE } from '../id-index.ts';
import { type Intervals, intervalsOf } from '../intervals.ts';
import { Levels, UNPLACED } from '../levels.ts';
import { byPosition } from '../positions.ts';
import { type Hold, holdsOf } from './holds.ts';
import { type OwnedOperations, ownedOperations } from './owned-operations.ts';

/**
 * A lock with owners, without leases and denials, whose owners do one thing at a time. O(events).
 *
 * What an owner does falls into holds, and no two holds may overlap. Hold x has to come before y exactly if x has begun
 * before y can be over: f(x) < s(y), where f is the return of the acquire and s the invocation of the last operation.
 * Since f(x) < s(x), two holds have to come before each other exactly if [f, s] of one meets that of the other; and if
 * none meet, the order of the f serves. (These are the forward zones of Gibbons and Korach 1997.)
 */
export const ownerMutexMonitor: Procedure = {
  name: 'owner-mutex',
  decide(question, checkpoint): Decision | undefined {
    const intervals = intervalsOf(question.part);
    const operations = ownedOperations(question, intervals, checkpoint);
    if (operations === undefined) return undefined;
    const holds = holdsOf(question, operations, intervals);
    if (holds === undefined || 'kind' in holds) return holds;
    checkpoint();
    const { all, of } = holds;
    const begun = Int32Array.from(all, ({ begunBy }) => begunBy);
    const line = byPosition(begun, question.part.events.length);
    const clash = overlap(all, line);
    if (clash !== undefined) return evidence(question, operations, intervals, clash);
    return { kind: 'linearizable', order: () => inLine(of, line, intervals) };
  },
};

/** Two holds that have to come before each other. */
function overlap(all: readonly Hold[], line: Int32Array): readonly [Hold, Hold] | undefined {
  let longest: Hold | undefined;
  for (const number of line) {
    const hold = all[number]!;
    if (longest !== undefined && hold.begunBy < longest.lastsUntil) return [longest, hold];
    if (longest === undefined || hold.lastsUntil > longest.lastsUntil) longest = hold;
  }
  return undefined;
}

function inLine(of: Int32Array, line: Int32Array, intervals: Intervals): Int32Array {
  const place = new Int32Array(line.length);
  for (let i = 0; i < line.length; i++) place[line[i]!] = i;
  const levels = of.map((hold) => (hold === UNPLACED ? UNPLACED : place[hold]!));
  return new Levels(line.length, levels, intervals).order();
}

/**
 * What the two owners did until both holds were over. All of it: were one of their operations of unknown outcome, it
 * could have ended a hold in between, and another taken the lock again.
 */
function evidence(
  question: Question,
  { owner }: OwnedOperations,
  { call }: Intervals,
  [x, y]: readonly [Hold, Hold],
): Illegal {
  const until = Math.max(x.lastsUntil, y.lastsUntil);
  const core: number[] = [];
  for (let op = 0; op < owner.length && call[op]! <= until; op++) {
    if ((owner[op] === x.owner || owner[op] === y.owner) && question.part.definite[op] === 1) core.push(op);
  }
  const why = `the lock was held twice at once: ${span(question, x)}, and ${span(question, y)}`;
  return contradiction(core, why);
}

function span(question: Question, { acquire, last, lastsUntil }: Hold): string {
  const from = acquire === NONE ? 'from the beginning' : `from ${words(question, acquire)}`;
  const never = lastsUntil > question.part.events.length;
  return never || last === NONE ? `${from} for ever` : `${from} to ${words(question, last)}`;
}
