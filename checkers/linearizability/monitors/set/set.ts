import type { Value } from '../../../history/operation.ts';
import type { Decision, Procedure, Question } from '../../procedure.ts';
import { contradiction, type Illegal, words } from '../evidence.ts';
import { NONE } from '../id-index.ts';
import { type Intervals, intervalsOf } from '../intervals.ts';
import { type Clash, Levels, UNPLACED } from '../levels.ts';
import { type Chain, chainOf } from './chain.ts';
import { type Contents, contentsOf } from './contents.ts';
import { SetElements } from './elements.ts';

/**
 * A set that only grows, read as a whole. Exact for all histories of one, in time linear in the operations and the
 * total length of the different lists that reads returned.
 *
 * The states that reads saw are a chain, so the order of what matters is forced (`Levels`): reads of the first state,
 * first adds of the elements that are new in the second, reads of the second, and so on; behind all reads the adds of
 * elements that nobody read, where they are definite (an unknown one may be left out). That an element is there takes
 * one add; the one invoked first serves best, since all others can then come behind it: they change nothing, and have
 * only to be behind the reads of the states without their element, like the first.
 */
export const setMonitor: Procedure = {
  name: 'set',
  decide(question, checkpoint): Decision | undefined {
    const elements = new SetElements(question);
    if (!elements.readAdds(checkpoint)) return undefined;
    const contents = contentsOf(question, elements, checkpoint);
    if (contents === undefined || 'kind' in contents) return contents;
    const initial = question.initial as readonly string[];
    const start = elements.ofAll(initial.map((text) => JSON.parse(text) as Value));
    const chain = chainOf(question, elements, contents, start);
    if ('kind' in chain) return chain;
    checkpoint();
    return inTime(question, elements, contents, chain);
  },
};

function inTime(question: Question, elements: SetElements, contents: Contents, chain: Chain): Decision {
  const intervals = intervalsOf(question.part);
  const { of, first } = place(question, elements, contents, chain);
  const levels = new Levels(2 * chain.reads.length, of, intervals);
  const last = levels.lastInvoked(first);
  const clash = levels.clash(last);
  if (clash !== undefined) return evidence(question, elements, chain, clash, of);
  return {
    kind: 'linearizable',
    order: () => new Levels(levels.count, settled(of, first, last, intervals), intervals).order(),
  };
}

/**
 * The levels of all operations: 2·s for a read of state s, 2·s - 1 for an add of an element born in it. `first` is 0 for
 * adds that come behind another of their element.
 */
function place(
  { part }: Question,
  { addedBy, count }: SetElements,
  contents: Contents,
  { reads, stateOf, birth }: Chain,
) {
  const of = new Int32Array(part.ops.length).fill(UNPLACED);
  const first = new Uint8Array(part.ops.length).fill(1);
  const has = new Uint8Array(count);
  const behindAll = 2 * reads.length - 1;
  for (let op = 0; op < part.ops.length; op++) {
    const element = addedBy[op]!;
    if (element === NONE) {
      if (part.definite[op] === 1) of[op] = 2 * stateOf[contents.of[op]!]!;
      continue;
    }
    const state = birth[element]!;
    const needed = state > 0 && has[element] === 0;
    has[element] = 1;
    if (!needed) first[op] = 0;
    if (needed || part.definite[op] === 1) of[op] = state === NONE ? behindAll : Math.max(0, 2 * state - 1);
  }
  return { of, first };
}

/**
 * Levels for an order: adds that come behind another of their element go to the first level from their own up by which
 * something was invoked as late as they.
 */
function settled(of: Int32Array, first: Uint8Array, last: Int32Array, { call }: Intervals): Int32Array {
  const levels = of.slice();
  let level = 0;
  for (let op = 0; op < of.length; op++) {
    while (level < last.length - 1 && (last[level]! < 0 || call[last[level]!]! < call[op]!)) level++;
    if (of[op] !== UNPLACED && first[op] === 0) levels[op] = Math.max(of[op]!, level);
  }
  return levels;
}

function evidence(
  question: Question,
  { addedBy }: SetElements,
  { reads }: Chain,
  { early, late }: Clash,
  level: Int32Array,
): Illegal {
  const [before, after] = [words(question, late), words(question, early)];
  const core = [early, late];
  const add = (op: number): boolean => addedBy[op] !== NONE;
  if (!add(late)) {
    const clash = add(early) ? 'has an element that nobody had begun to add' : `has more than ${after} found later`;
    const when = add(early) ? `: the first to do so was ${after}` : ', but nothing is ever removed';
    return contradiction(core, `${before} ${clash}${when}`);
  }
  if (!add(early)) return contradiction(core, `${after} misses what ${before} had added`);
  const read = reads[(level[early]! + 1) / 2]!;
  const why = `${words(question, read)} has what ${after} was the first to add, but misses what ${before} had added before`;
  return contradiction([...core, read], why);
}
