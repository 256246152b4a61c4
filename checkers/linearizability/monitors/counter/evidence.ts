import type { Question } from '../../procedure.ts';
import { contradiction, type Illegal, words } from '../evidence.ts';
import type { Intervals } from '../intervals.ts';
import type { Stop } from './count.ts';
import { IRRELEVANT, PINNED, type Tally, UNIT } from './tally.ts';

/** A few operations that contradict each other, whatever all others add. */
export function plainEvidence(question: Question, tally: Tally, intervals: Intervals, stop: Stop): Illegal | undefined {
  return (
    wentDown(question, tally) ??
    overlapping(question, tally) ??
    (tally.kind[stop.op] === UNIT ? undefined : outOfBounds(question, tally, intervals, stop.op))
  );
}

/** More had been added before it began than it found, or less had begun to be added when it ended. */
function outOfBounds(
  question: Question,
  { before, delta }: Tally,
  { call, ret }: Intervals,
  op: number,
): Illegal | undefined {
  const { definite } = question.part;
  const certain: number[] = [];
  let least = 0;
  let most = 0;
  for (let add = 0; add < delta.length && call[add]! < ret[op]!; add++) {
    if (add === op || delta[add] === 0) continue;
    most += delta[add]!;
    if (definite[add] === 0 || ret[add]! > call[op]! || least > before[op]!) continue;
    certain.push(add);
    least += delta[add]!;
  }
  if (least > before[op]!) {
    const why = `${words(question, op)} tells of less than the ${certain.length} adds made that had returned before it`;
    return contradiction([...certain, op], why);
  }
  if (most >= before[op]!) return undefined;
  return contradiction([op], `${words(question, op)} tells of more than all adds make that had begun by then`);
}

/** One told of a total, and a later one of a smaller. */
function wentDown(question: Question, { kind, before, after }: Tally): Illegal | undefined {
  let highest = -1;
  for (const event of question.part.events) {
    const op = event >>> 1;
    if (kind[op] === IRRELEVANT || kind[op] === UNIT) continue;
    if ((event & 1) === 0 && highest >= 0 && before[op]! < after[highest]!) {
      const why = `${words(question, highest)} had returned before ${words(question, op)} began, whose total is behind`;
      return contradiction([highest, op], why);
    }
    if ((event & 1) === 1 && (highest < 0 || after[op]! > after[highest]!)) highest = op;
  }
  return undefined;
}

/** Two adds that went over the same total, or an add that went over what another operation found. O(n log n). */
function overlapping(question: Question, { kind, before, after }: Tally): Illegal | undefined {
  const telling = [...question.part.ops.keys()].filter((op) => kind[op] !== IRRELEVANT && kind[op] !== UNIT);
  telling.sort((a, b) => before[a]! - before[b]! || after[a]! - after[b]!);
  let widest = -1;
  for (const op of telling) {
    if (widest >= 0 && before[op]! < after[widest]!) {
      const why = `the totals of ${words(question, widest)} and ${words(question, op)} exclude each other`;
      return contradiction([widest, op], why);
    }
    if (kind[op] === PINNED && (widest < 0 || after[op]! > after[widest]!)) widest = op;
  }
  return undefined;
}

/** Everything definite that had begun: what begins later cannot help. */
export function prefixEvidence(question: Question, { kind }: Tally, { call }: Intervals, { op, at }: Stop): Illegal {
  const { definite } = question.part;
  const core: number[] = [];
  for (let other = 0; other < kind.length && call[other]! <= at; other++) {
    if (definite[other] === 1 && kind[other] !== IRRELEVANT) core.push(other);
  }
  return contradiction(core, `no count of the ${core.length} operations begun by then explains ${words(question, op)}`);
}
