import type { Model } from '../../../checkers/index.ts';

/**
 * Switches that each press turns over: n presses at once can be in any of 2^n states, and nothing tells the search
 * which presses matter. As hard as a history can be, on purpose.
 */
const switches: Model<number, number | 'look', number> = {
  name: 'switches',
  summary: 'press (value: which switch), look (ok value: the sum of 2^switch over all that are on)',
  partition: 'key',
  timed: false,
  initial: 0,
  startingFrom: () => ({ kind: 'state', state: 0 }),
  understand: ({ f, input, output }) =>
    f === 'press'
      ? { kind: 'operation', input: input as number, seen: undefined }
      : { kind: 'operation', input: 'look', seen: output as number | undefined },
  step(on, input, seen) {
    if (input !== 'look') {
      const bit = 2 ** input;
      return { legal: true, state: Math.floor(on / bit) % 2 === 1 ? on - bit : on + bit };
    }
    if (seen === undefined || seen === on) return { legal: true, state: on };
    return { legal: false, why: () => `it looked like ${seen} when it was ${on}` };
  },
  key: (on) => on,
  show: String,
  observes: (input) => input === 'look',
};

export default switches;
