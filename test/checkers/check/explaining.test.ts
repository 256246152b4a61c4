import { describe, expect, test, vi } from 'vitest';
import { check } from '../../../checkers/check.ts';
import { Limits } from '../../../checkers/linearizability/limits.ts';
import { begin, conclude, type LinearizabilityOptions } from '../../../checkers/linearizability/linearizability.ts';
import { atOnce, decideAll } from '../../../checkers/linearizability/turns.ts';
import { models } from '../../../checkers/models/models.ts';
import { generatedHistory, type Workload } from '../../bench/checkers/generator.ts';

/** Decided by search, at once. Explaining it takes as long as it may: the history hardly shrinks. */
const exchanges: Workload = {
  name: 'cas over 5 values',
  object: 'cell',
  model: 'cas-register',
  values: 5,
  mix: { read: 0.5, write: 0.25, cas: 0.25 },
  operations: 20_000,
  processes: 5,
  lieAt: 0.95,
  lies: 100,
};

const model = models.get(exchanges.model)!;
const history = generatedHistory(exchanges, 1);

/** The explaining of the history, which is decided before. */
function explaining(options: LinearizabilityOptions) {
  const begun = begin(model, history, options);
  if ('why' in begun) throw new Error(begun.why);
  expect(atOnce(decideAll(begun.attempts, begun.shared))).toBeUndefined();
  return conclude(begun);
}

const violationInBrief = {
  verdict: { kind: 'violation', why: expect.stringMatching(/^not linearizable: /) },
  perKey: [{ kind: 'violation', explanation: { shrunk: undefined, paragraph: expect.stringMatching(/./) } }],
};

describe('explaining', () => {
  test('searches no more than a slice in each step', () => {
    const spend = vi.spyOn(Limits.prototype, 'spend');
    const work = explaining({ stepLimit: 100_000 });
    const slices: number[] = [];
    for (let done: boolean | undefined = false; done !== true; ) {
      spend.mockClear();
      done = work.next().done;
      slices.push(spend.mock.calls.length);
    }
    spend.mockRestore();
    expect(Math.max(...slices)).toBe(1);
    expect(slices.reduce((sum, count) => sum + count)).toBeGreaterThan(100);
  });

  test.each([0, 1, 10, 100, 1000])('ends in brief with the next step after it is cancelled, after %d steps', (done) => {
    let cancelled = false;
    const work = explaining({ cancelled: () => cancelled });
    for (let step = 0; step < done; step++) expect(work.next()).toEqual({ done: false, value: undefined });
    cancelled = true;
    let last = work.next();
    if (last.done !== true) last = work.next();
    expect(last).toMatchObject({ done: true, value: violationInBrief });
  });

  test('leaves the event loop its turns, and ends when the signal is aborted', async () => {
    const controller = new AbortController();
    let turns = 0;
    let over = false;
    const abortAt = 45; // deciding has fewer steps than that
    const turn = (): void => {
      if (++turns === abortAt) controller.abort();
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    const result = await check(model, history, { signal: controller.signal, workers: 0 });
    over = true;
    expect(result).toMatchObject(violationInBrief);
    expect(turns).toBeGreaterThanOrEqual(abortAt);
    expect(turns).toBeLessThan(abortAt + 5);
  });
});
