/**
 * Why a history has no legal order, as the linearizability checker tells it in a finding's details. The report takes
 * what is there: every part may be missing, and parts that it does not know are shown as they are.
 */
export interface Explanation {
  readonly key: string | undefined;
  /** How the checker arrived at it. */
  readonly procedure: string | undefined;
  /** Event indexes of the invocations that could be put in order before nothing fitted any more. */
  readonly prefix: readonly number[];
  /** The operation that fits nowhere. */
  readonly blocked: number | undefined;
  /** What the object may hold after that prefix. */
  readonly states: readonly string[];
  /** For each operation that might go next: why it cannot. */
  readonly refusals: readonly Refusal[];
  readonly rest: Readonly<Record<string, unknown>>;
}

export interface Refusal {
  readonly operation: number | undefined;
  readonly state: string | undefined;
  readonly why: string;
}

const known = new Set(['key', 'procedure', 'longestPrefix', 'blocked', 'states', 'refusals']);

export function explanationOf(details: unknown): Explanation {
  const fields = isRecord(details) ? details : {};
  return {
    key: fields.key === undefined ? undefined : inWords(fields.key),
    procedure: typeof fields.procedure === 'string' ? fields.procedure : undefined,
    prefix: indexesOf(fields.longestPrefix),
    blocked: indexOf(fields.blocked),
    states: Array.isArray(fields.states) ? fields.states.map(inWords) : [],
    refusals: Array.isArray(fields.refusals) ? fields.refusals.map(refusalOf) : [],
    rest: Object.fromEntries(Object.entries(fields).filter(([name]) => !known.has(name))),
  };
}

function refusalOf(refusal: unknown): Refusal {
  if (!isRecord(refusal)) return { operation: undefined, state: undefined, why: inWords(refusal) };
  return {
    operation: indexOf(refusal.operation),
    state: refusal.state === undefined ? undefined : inWords(refusal.state),
    why: inWords(refusal.why ?? ''),
  };
}

const indexesOf = (value: unknown): number[] =>
  Array.isArray(value) ? value.map(indexOf).filter((index) => index !== undefined) : [];

/** An operation is named by its event index, alone or in an object that says more. */
function indexOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return isRecord(value) && typeof value.index === 'number' ? value.index : undefined;
}

const inWords = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
