import type { Question } from '../../procedure.ts';
import { contradiction, type Illegal, words } from '../evidence.ts';
import { NONE } from '../id-index.ts';
import type { Contents } from './contents.ts';
import type { SetElements } from './elements.ts';

/** The states that reads saw, numbered from that of the beginning (0) upwards; each holds all before it. */
export interface Chain {
  /** One read of each state, by the state's number; `NONE` for that of the beginning. */
  readonly reads: readonly number[];
  /** The number of the state that each content is. */
  readonly stateOf: Int32Array;
  /** The first state that an element is in, or `NONE`. */
  readonly birth: Int32Array;
}

/** A set only grows, so the states that reads saw must be ordered by inclusion. O(total length + contents · log). */
export function chainOf(
  question: Question,
  elements: SetElements,
  contents: Contents,
  initial: Int32Array,
): Chain | Illegal {
  const birth = new Int32Array(elements.count).fill(NONE);
  for (const element of initial) birth[element] = 0;
  const reads = [NONE];
  const stateOf = new Int32Array(contents.all.length);
  let size = initial.length;
  const bySize = [...contents.all.keys()].sort((a, b) => lengthOf(contents, a) - lengthOf(contents, b));
  for (const content of bySize) {
    const { read, elements: own } = contents.all[content]!;
    const state = reads.length;
    let fresh = 0;
    for (const element of own) {
      if (birth[element] !== NONE) continue;
      if (element >= elements.added) return contradiction([read], `${words(question, read)} has what nobody added`);
      birth[element] = state;
      fresh++;
    }
    if (own.length - fresh !== size) return notOrdered(question, reads.at(-1)!, read);
    if (fresh > 0) reads.push(read);
    stateOf[content] = reads.length - 1;
    size = own.length;
  }
  return { reads, stateOf, birth };
}

const lengthOf = ({ all }: Contents, content: number): number => all[content]!.elements.length;

/** The second read misses an element of the first, yet is no smaller. */
function notOrdered(question: Question, first: number, second: number): Illegal {
  if (first === NONE) {
    return contradiction([second], `${words(question, second)} misses an element that was there from the beginning`);
  }
  const why = `${words(question, first)} and ${words(question, second)} each have an element that the other misses, but nothing is ever removed`;
  return contradiction([first, second], why);
}
