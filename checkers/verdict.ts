/** `violation` needs evidence, `pass` needs a decision; everything else is `undecided` with the reason in words. */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'undecided'; readonly why: string }
  | {
      readonly kind: 'violation';
      readonly why: string;
      /** Indexes of the events (`index` in the history file) of the invocations involved, in history order. */
      readonly operations: readonly number[];
    };

export const pass: Verdict = { kind: 'pass' };
export const undecided = (why: string): Verdict => ({ kind: 'undecided', why });
export const violation = (why: string, operations: readonly number[]): Verdict => ({
  kind: 'violation',
  why,
  operations,
});

const severity = { pass: 0, undecided: 1, violation: 2 } as const satisfies Record<Verdict['kind'], number>;

/** The graver verdict wins; one undecided checker is enough to keep a run from passing. The first of equals stays. */
export const graver = (a: Verdict, b: Verdict): Verdict => (severity[b.kind] > severity[a.kind] ? b : a);
