import { ABSENT } from '../../../history/history.ts';
import type { Value } from '../../../history/operation.ts';
import { isList } from '../../../history/values.ts';
import { show } from '../../../models/value.ts';
import type { Question } from '../../procedure.ts';
import { checkpointMask, contradiction, type Illegal, words } from '../evidence.ts';
import { indexFor, NONE } from '../id-index.ts';
import type { SetElements } from './elements.ts';

/** A list that reads returned. */
export interface Content {
  /** The first of the reads. */
  readonly read: number;
  /** The numbers of its elements, each once. */
  readonly elements: Int32Array;
}

/** The different lists that reads returned, in order of first sight, and which of them each read returned. */
export interface Contents {
  readonly all: readonly Content[];
  /** `NONE` for adds and for reads of unknown outcome. */
  readonly of: Int32Array;
}

/**
 * `undefined` if a read did not return a list; a contradiction if one holds an element twice, which no set does.
 * O(operations + total length of different lists).
 */
export function contentsOf(
  question: Question,
  elements: SetElements,
  checkpoint: () => void,
): Contents | Illegal | undefined {
  const { history, part } = question;
  const byOutput = indexFor(history.output, part.ops);
  const all: Content[] = [];
  const of = new Int32Array(part.ops.length).fill(NONE);
  const repeats = new Repeats();
  let work = 0;
  for (let op = 0; op < part.ops.length; op++) {
    if ((op & checkpointMask) === 0) checkpoint();
    if (elements.addedBy[op] !== NONE || part.definite[op] === 0) continue;
    const output = history.output[part.ops[op]!]!;
    if (output === ABSENT) return undefined;
    of[op] = byOutput.get(output);
    if (of[op] !== NONE) continue;
    const list = history.values.get(output);
    if (!isList(list)) return undefined;
    const content = { read: op, elements: elements.ofAll(list) };
    const twice = repeats.in(content.elements, elements.count);
    if (twice !== NONE) return readTwice(question, op, list[twice]!);
    of[op] = all.push(content) - 1;
    byOutput.set(output, of[op]!);
    work += list.length;
    if (work > checkpointMask) {
      checkpoint();
      work = 0;
    }
  }
  return { all, of };
}

/** Finds elements that stand twice in a list. */
class Repeats {
  /** The number of the list that an element was last seen in, from 1. */
  private lastList = new Int32Array(1024);
  private lists = 0;

  /** The place of an element that stands before as well, or `NONE`. Elements are numbered below `count`. */
  in(elements: Int32Array, count: number): number {
    if (count > this.lastList.length) {
      const longer = new Int32Array(2 * count);
      longer.set(this.lastList);
      this.lastList = longer;
    }
    this.lists++;
    for (let i = 0; i < elements.length; i++) {
      if (this.lastList[elements[i]!] === this.lists) return i;
      this.lastList[elements[i]!] = this.lists;
    }
    return NONE;
  }
}

function readTwice(question: Question, op: number, element: Value): Illegal {
  return contradiction([op], `${words(question, op)} has the element ${show(element)} twice`);
}
