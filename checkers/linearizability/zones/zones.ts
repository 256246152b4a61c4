import type { Procedure, Question } from '../procedure.ts';
import { type Blocks, blocksOf, clash } from './blocks.ts';
import type { Conflict } from './conflict.ts';
import { denied, unreplaced } from './denied.ts';
import { Evidence } from './evidence.ts';
import { type Extent, extentOf } from './extent.ts';
import { readCell } from './reading.ts';
import { type Segments, segmentsOf } from './segments.ts';
import { witness } from './witness.ts';
import { explainConflict } from './wording.ts';

/**
 * Decides a register or compare-and-set register (`Model.cell`) in which every value has one possible writer and
 * differs from the initial one: then every read tells which write it saw, and the values' zones in time decide (Gibbons
 * and Korach, "Testing shared memories", 1997, section 4; CHECKERS 2.1 has the proof with compare-and-set and unknown
 * outcomes). O(events); 13 bytes an operation, 34 with
 * compare-and-sets, and 18 more when some were refused or when the order is asked for.
 *
 * A compare-and-set that found another value adds a demand that zones do not know. What is illegal without it stays
 * illegal; otherwise the order built for the rest either has a moment for every such operation, which proves the part
 * legal, or one of them lies wholly within the time that its value was held, which proves it illegal; or the answer
 * is left to others.
 */
export const zones: Procedure = {
  name: 'zones',
  decide(question, checkpoint) {
    const finding = judge(question, extentOf(question), checkpoint);
    switch (finding?.kind) {
      case 'legal':
        return { kind: 'linearizable', order: () => orderOf(question) };
      case 'illegal':
        return { kind: 'illegal', ...explainConflict(new Evidence(question, finding), finding.conflict) };
      default:
        return undefined;
    }
  },
};

/** What the zones say about a part; what they found is kept for explanations. */
export type Finding =
  | { readonly kind: 'legal'; readonly blocks: Blocks; readonly order: Int32Array | undefined }
  | Illegal;

export interface Illegal {
  readonly kind: 'illegal';
  readonly conflict: Conflict;
  readonly segments: Segments;
  /** Missing if the values alone contradict each other. */
  readonly blocks: Blocks | undefined;
}

export function judge(question: Question, extent: Extent, checkpoint: () => void): Finding | undefined {
  const cell = readCell(question, extent, checkpoint);
  if (cell === undefined) return undefined;
  const segments = segmentsOf(cell, checkpoint);
  if (segments.conflict !== undefined) return illegal(segments.conflict, segments);
  const { part } = question;
  const blocks = blocksOf(part, extent, segments, checkpoint);
  if (blocks.conflict !== undefined) return illegal(blocks.conflict, segments, blocks);
  const conflict = clash(part, extent, blocks, checkpoint);
  if (conflict !== undefined) return illegal(conflict, segments, blocks);
  if (!cell.denials) return { kind: 'legal', blocks, order: undefined };
  return withDenials(question, extent, blocks, checkpoint);
}

function withDenials(question: Question, extent: Extent, blocks: Blocks, checkpoint: () => void): Finding | undefined {
  const { order, stuck } = witness(question.part, extent, blocks, checkpoint);
  if (order !== undefined) return { kind: 'legal', blocks, order };
  const conflict = denied(question, blocks, checkpoint) ?? unreplaced(question, blocks, stuck, checkpoint);
  return conflict && illegal(conflict, blocks.segments, blocks);
}

const illegal = (conflict: Conflict, segments: Segments, blocks?: Blocks): Illegal => ({
  kind: 'illegal',
  conflict,
  segments,
  blocks,
});

/** Judges once more, so that nothing need be kept for those who never ask. */
function orderOf(question: Question): Int32Array {
  const order = explainedBefore(question, question.part.events.length);
  if (order === undefined) throw new Error('an order was found before, and now there is none');
  return order;
}

/**
 * An order that explains the first `end` events of a part, as if nothing had been recorded after them, or `undefined`
 * if zones know of none. O(events).
 */
export function explainedBefore(question: Question, end: number): Int32Array | undefined {
  const extent = extentOf(question, end);
  const finding = judge(question, extent, unlimited);
  if (finding?.kind !== 'legal') return undefined;
  return finding.order ?? witness(question.part, extent, finding.blocks, unlimited).order;
}

const unlimited = (): void => {};
