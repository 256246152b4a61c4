import { none, type Operations, rowOfNumber } from './operations.ts';

/**
 * Why one part (one key) of a history has no legal order, as the linearizability checker tells it in its finding's
 * details. A verdict may have been written by another version: every part may be missing, and details of another shape
 * simply have no explanation; the page then shows them as they are.
 */
export interface Explanation {
  readonly key: string | undefined;
  readonly why: string;
  /** The contradiction in full, in prose; empty if the checker did not say. */
  readonly paragraph: string;
  /** The few operations that contradict each other; undefined if the checker did not look for them. */
  readonly shrunk: Shrunk | undefined;
  /** The operation up to whose return no order explains the history: a row, or `none`. */
  readonly blocked: number;
  /** Rows, ascending: what was open at that moment, and the earlier operations that made the state what it was. */
  readonly involved: readonly number[];
  /** How many operations were put in order before nothing fitted; undefined if the checker did not say. */
  readonly prefixLength: number | undefined;
  /** What the object could hold then, and what became of each operation that might have come next. */
  readonly states: readonly { readonly state: string; readonly attempts: readonly Attempt[] }[];
}

/** A history cut down to what makes it illegal: some operations as they were recorded, others that may have happened. */
export interface Shrunk {
  /** Rows, ascending. */
  readonly core: readonly number[];
  readonly maybe: readonly number[];
  /** Operations of the key, and of what is left of it. */
  readonly before: number;
  readonly after: number;
  /** None of the core could be spared. */
  readonly minimal: boolean;
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

/** The contradictions in prose, one for each part that the checker explained in full. */
export const paragraphsOf = (details: unknown): string[] =>
  recordsIn(recordOf(details).keysExplained)
    .map((part) => recordOf(part.explanation).paragraph)
    .filter((paragraph) => typeof paragraph === 'string');

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
    paragraph: typeof told.paragraph === 'string' ? told.paragraph : '',
    shrunk: isRecord(told.shrunk) ? shrunkOf(told.shrunk, row) : undefined,
    blocked,
    involved: [...new Set(blocked === none ? involved : [...involved, blocked])].sort((a, b) => a - b),
    prefixLength: Array.isArray(told.prefix) ? told.prefix.length : undefined,
    states,
  };
}

function shrunkOf(told: Fields, row: (number: unknown) => number): Shrunk {
  const rows = (list: unknown): number[] =>
    listIn(list)
      .map(row)
      .filter((found) => found !== none)
      .sort((a, b) => a - b);
  const size = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return {
    core: rows(told.core),
    maybe: rows(told.maybe),
    before: size(told.before),
    after: size(told.after),
    minimal: told.minimal === true,
  };
}

type Fields = Readonly<Record<string, unknown>>;

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const recordsIn = (value: unknown): readonly Fields[] => listIn(value).filter(isRecord);
const recordOf = (value: unknown): Fields => (isRecord(value) ? value : {});
const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
