import type { History } from '../../../../checkers/history/history.ts';
import { type FailedCas, type Part, split } from '../../../../checkers/linearizability/part.ts';
import { Alphabet } from '../../../../checkers/linearizability/search/letters.ts';
import { all, type Reductions } from '../../../../checkers/linearizability/search/reductions.ts';
import { Search } from '../../../../checkers/linearizability/search/search.ts';
import { Transitions } from '../../../../checkers/linearizability/search/transitions.ts';
import { windowOf } from '../../../../checkers/linearizability/search/window.ts';
import type { AnyModel } from '../../../../checkers/models/model.ts';

export const none: Reductions = {
  lookAhead: false,
  deadWrites: undefined,
  twins: false,
  unobservable: false,
  wanted: false,
  dominance: false,
  covered: false,
  stretches: false,
  growth: false,
};

export interface Variant {
  readonly failedCas?: FailedCas;
  readonly reductions?: Reductions;
  /** Changes the letters of a part's operations before they are searched. */
  readonly respell?: (letters: Int32Array, part: Part, alphabet: Alphabet) => void;
}

/** A search over each part of a history, to be run. */
export function searches(model: AnyModel, history: History, variant: Variant = {}): Search[] {
  const { failedCas = 'ignore', reductions = all, respell } = variant;
  const alphabet = new Alphabet(model, history);
  return split(history, model.partition, failedCas).map((part) => {
    const letters = alphabet.spell(part, reductions);
    if ('kind' in letters) throw new Error(letters.why);
    respell?.(letters, part, alphabet);
    const transitions = new Transitions(model.initial, alphabet);
    return new Search(windowOf(part, letters), alphabet, transitions, undefined, reductions);
  });
}

/** Whether all parts are linearizable, and how many configurations it took to find out. */
export function decide(model: AnyModel, history: History, variant?: Variant) {
  const runs = searches(model, history, variant).map((search) => {
    const progress = search.run(Number.POSITIVE_INFINITY);
    return { legal: progress === 'linearizable', configurations: search.configurations };
  });
  return {
    legal: runs.every(({ legal }) => legal),
    configurations: runs.reduce((sum, { configurations }) => sum + configurations, 0),
  };
}
