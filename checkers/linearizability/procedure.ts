import type { History } from '../history/history.ts';
import type { AnyModel } from '../models/model.ts';
import type { Part } from './part.ts';

/** One part of a history that is to be decided. */
export interface Question {
  readonly history: History;
  readonly part: Part;
  readonly model: AnyModel;
  /** The state that the object starts from: the model's own, or the one that the caller named. */
  readonly initial: unknown;
}

/** The answer to a question, with its evidence. Operations are named by their number in the part. */
export type Decision =
  | {
      readonly kind: 'linearizable';
      /**
       * The operations in an order that explains the part: every definite one, and those of unknown outcome that must
       * have taken effect. Made on demand.
       */
      readonly order: () => Int32Array;
    }
  | {
      readonly kind: 'illegal';
      /** In one sentence, for people: which operations clash and why. */
      readonly why: string;
      /**
       * Operations that bear on the contradiction, ascending: with all others weakened to an unknown outcome, the part
       * is still illegal. As few as the procedure can name at once; shrinking starts from here.
       */
      readonly core: readonly number[];
    };

/**
 * A way to decide parts of a certain kind, faster than by search. Exact where its precondition holds.
 */
export interface Procedure {
  /** For reports: `zones`, `fifo-queue`, ... */
  readonly name: string;
  /**
   * The decision, or `undefined` if the precondition does not hold: then others are asked, and the search at last.
   * `checkpoint` is to be called at least once in every 2^18 steps of work: it throws when the check has to end.
   */
  decide(question: Question, checkpoint: () => void): Decision | undefined;
}
