import type { History } from '../history/history.ts';
import type { Part } from '../linearizability/part.ts';
import { type Alphabet, DROPPED } from '../linearizability/search/letters.ts';
import type { Refusal } from '../models/model.ts';

/** What each process did, in its own order. One row for each operation; the rows of a process follow each other. */
export interface Programs {
  /** The operation's number in the history. */
  readonly ops: Int32Array;
  readonly letters: Int32Array;
  /** Which object it was asked of. */
  readonly objects: Int32Array;
  /** 0: of unknown outcome; it may be left out. */
  readonly definite: Uint8Array;
  /** The first row of each process, and at last the number of rows. */
  readonly starts: Int32Array;
  readonly objectCount: number;
}

/** The programs of all processes over some parts of a history, each part with an object of its own. O(n log n). */
export function programsOf(history: History, parts: readonly Part[], alphabet: Alphabet): Programs | Refusal {
  const rows: { op: number; letter: number; object: number; definite: number }[] = [];
  for (const [object, part] of parts.entries()) {
    const letters = alphabet.spell(part);
    if ('kind' in letters) return letters;
    for (const [own, op] of part.ops.entries()) {
      if (letters[own] === DROPPED) continue;
      rows.push({ op, letter: letters[own]!, object, definite: part.definite[own]! });
    }
  }
  const processOf = ({ op }: { readonly op: number }) => history.process[op]!;
  rows.sort((a, b) => processOf(a) - processOf(b) || a.op - b.op);
  const starts = rows.flatMap((row, at) => (at > 0 && processOf(rows[at - 1]!) === processOf(row) ? [] : [at]));
  return {
    ops: Int32Array.from(rows, ({ op }) => op),
    letters: Int32Array.from(rows, ({ letter }) => letter),
    objects: Int32Array.from(rows, ({ object }) => object),
    definite: Uint8Array.from(rows, ({ definite }) => definite),
    starts: Int32Array.from([...starts, rows.length]),
    objectCount: parts.length,
  };
}
