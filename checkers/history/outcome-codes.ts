/** The completion of an operation that has none: later than every event. */
export const NEVER = 0x7fffffff;

/** The codes in the column `outcome`. */
export const OK = 0;
export const FAILED = 1;
export const UNKNOWN = 2;
