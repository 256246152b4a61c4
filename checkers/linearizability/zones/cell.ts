import type { Writers } from './writers.ts';

/** What an operation is to the zones: a column of bytes. */
export const NOTHING = 0;
export const READ = 1;
export const WRITE = 2;
export const EXCHANGE = 3;
/** A compare-and-set that found another value. */
export const DENIAL = 4;
/** Of unknown outcome, and so far nothing needs it to have taken effect. */
export const MAYBE_WRITE = 5;
export const MAYBE_EXCHANGE = 6;

/** `checkpoint` is called once in so many steps, a power of two, less one. */
export const stride = (1 << 17) - 1;

/** The operations of one part as those of a compare-and-set register, every value of which has one possible writer. */
export interface Cell {
  /** Per operation: `READ`, `WRITE`, ... */
  readonly kinds: Uint8Array;
  /**
   * Per operation, the number of the value that it read, wrote, or denied; for the latter half of the procedure, the
   * operation that wrote it (`length`: nobody, it is the initial value).
   */
  readonly values: Int32Array;
  /** Per exchange, what it started from, in the same terms; empty if there is no exchange. */
  readonly from: Int32Array;
  readonly exchanges: boolean;
  readonly denials: boolean;
  readonly initial: number;
  readonly writers: Writers;
}
