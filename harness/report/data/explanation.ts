import { none, type Operations, rowOfNumber } from './operations.ts';

/**
 * Why one part (one key) of a history has no legal order, as the linearizability checker tells it in its finding's
 * details. A verdict may have been written by another version: every part may be missing, and details of another shape
 * simply have no explanation; the page then shows them as they are.
 */
export interface Explanation {
  readonly key: string | undefined;
  readonly why: string;
  /** The operation up to whose return no order explains the history: a row, or `none`. */
  readonly blocked: number;
  /** Rows, ascending: what was open at that moment, and the earlier operations that made the state what it was. */
  readonly involved: readonly number[];
  /** How many operations were put in order before nothing fitted; undefined if the checker did not say. */
  readonly prefixLength: number | undefined;
  /** What the object could hold then, and what became of each operation that might have come next. */
  readonly states: readonly { readonly state: string; readonly attempts: readonly Attempt[] }[];
}

export interface Attempt {
  readonly row: number;
  /** Undefined: the model allows it, and it leads nowhere. */
  readonly refusal: string | undefined;
}

export function explanationsOf(details: unknown, operations: Operations): Explanation[] {
  return recordsIn(recordOf(details).keysExplained)
    .filter((part) => isRecord(part.explanation))
    .map((part) => explanationOf(part.key, recordOf(part.explanation), operations));
}

function explanationOf(key: unknown, told: Fields, operations: Operations): Explanation {
  const row = (number: unknown): number => (typeof number === 'number' ? rowOfNumber(operations, number) : none);
  const attempts = recordsIn(told.attempts);
  const states = listIn(told.states).map((state) => ({
    state: inWords(state),
    attempts: attempts
      .filter((attempt) => attempt.state === state)
      .map((attempt) => ({
        row: row(attempt.operation),
        refusal: typeof attempt.refusal === 'string' ? attempt.refusal : undefined,
      })),
  }));
  const blocked = row(told.operation);
  const involved = [...listIn(told.involved), ...listIn(told.pending)].map(row).filter((found) => found !== none);
  return {
    key: key === undefined || key === null ? undefined : inWords(key),
    why: typeof told.why === 'string' ? told.why : '',
    blocked,
    involved: [...new Set(blocked === none ? involved : [...involved, blocked])].sort((a, b) => a - b),
    prefixLength: Array.isArray(told.prefix) ? told.prefix.length : undefined,
    states,
  };
}

type Fields = Readonly<Record<string, unknown>>;

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const recordsIn = (value: unknown): readonly Fields[] => listIn(value).filter(isRecord);
const recordOf = (value: unknown): Fields => (isRecord(value) ? value : {});
const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
