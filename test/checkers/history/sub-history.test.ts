import { expect, test } from 'vitest';
import { events } from '../../../checkers/history/events.ts';
import type { History } from '../../../checkers/history/history.ts';
import { historyOf } from '../../../checkers/history/pairing.ts';
import { subHistory } from '../../../checkers/history/sub-history.ts';
import { Random } from '../linearizability/random.ts';
import { dump, operations } from './dump.ts';
import { recorded } from './recorded.ts';

/** When what happened: all but the numbers that values have, which a part takes from the whole. */
function positions(history: History): object {
  const { invokedAt, completedAt, givenUp, eventCount, named } = dump(history) as Record<string, unknown>;
  return { invokedAt, completedAt, givenUp, eventCount, named };
}

test('a part of a history is what its events alone would have given', () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const random = new Random(seed);
    const whole = historyOf(recorded(random, random.below(60), { wrong: 0 }));
    const kept = Int32Array.from({ length: whole.length }, (_, op) => op).filter(() => random.chance(0.6));
    const part = subHistory(whole, kept.toReversed());

    // By definition: the events of these processes' calls, each under its old index.
    const expected = historyOf([...events(whole)].filter((event) => kept.some((op) => belongs(event, op))));
    function belongs(event: { index: number; process: number | string }, op: number): boolean {
      const at = [whole.invokedAt[op], whole.completedAt[op], whole.givenUp.at[whole.givenUp.op.indexOf(op)]];
      return typeof event.process === 'number' && at.includes(event.index);
    }
    expect(positions(part)).toEqual(positions(expected));
    expect(operations(part)).toEqual(operations(expected));
    expect(part.values).toBe(whole.values);
    expect(part.timed).toBe(whole.timed);
  }
});

test('a part of a part keeps the index of the file', () => {
  const whole = historyOf(recorded(new Random(5), 60, { wrong: 0 }));
  const part = subHistory(subHistory(whole, Int32Array.from([2, 5, 9, 11])), Int32Array.from([1, 3]));
  expect([part.index(0), part.index(1)]).toEqual([whole.index(5), whole.index(11)]);
  expect(part.invokedAt[0]).toBe(0);
  expect(part.eventCount).toBeLessThanOrEqual(4);
});
