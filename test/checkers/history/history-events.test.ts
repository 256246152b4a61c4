import fc from 'fast-check';
import { expect, test } from 'vitest';
import { events } from '../../../checkers/history/events.ts';
import type { History } from '../../../checkers/history/history.ts';
import { historyOf, pair } from '../../../checkers/history/pairing.ts';
import { Random } from '../linearizability/random.ts';
import { dump, operations } from './dump.ts';
import { anyHistory, eventsOf } from './events.ts';
import { recorded } from './recorded.ts';

/** All of a history but the numbers that its values happen to have. */
function meaning(history: History): object {
  const { invokedAt, completedAt, givenUp } = dump(history) as Record<string, unknown>;
  const { eventCount, timed, named } = history;
  return { invokedAt, completedAt, givenUp, eventCount, timed, named, operations: operations(history) };
}

test('a history and the history of its events are equal', () => {
  fc.assert(
    fc.property(anyHistory, (recordedEvents) => {
      const history = historyOf(recordedEvents);
      expect(meaning(historyOf(events(history)))).toEqual(meaning(history));
    }),
    { seed: 11, numRuns: 500 },
  );
});

test('also where errors stand on invocations, indexes count otherwise, times go back and processes go on', () => {
  let changed = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const random = new Random(seed);
    const odd = recorded(random, 30, { wrong: 0 }).map((event) => ({
      ...event,
      index: event.index + random.below(2),
      time: event.time + random.below(3),
      process: typeof event.process === 'number' ? event.process % 5 : event.process,
      ...(random.chance(0.2) ? { error: random.below(3) } : {}),
    }));
    const paired = pair(odd, { reuse: 'accept' });
    if (paired.kind !== 'history') throw new Error(JSON.stringify(paired.problems));
    const again = pair(events(paired.history), { reuse: 'accept' });
    expect(again.kind === 'history' && meaning(again.history)).toEqual(meaning(paired.history));
    if (paired.warnings.length > 0) changed++;
  }
  expect(changed).toBeGreaterThan(500);
});

test('what a recorder wrote comes back as it was, but for what a fail or an info did not answer', () => {
  const written = eventsOf([
    [0, 'invoke', 'write', { key: 'x', value: 1, node: 'n1' }],
    [1, 'invoke', 'cas', { key: 'x', value: [1, 2], node: 'n2' }],
    ['nemesis', 'info', 'kill', { value: 'n1' }],
    [0, 'info', 'write', { key: 'x', node: 'n1', error: 'timeout' }],
    [1, 'ok', 'cas', { key: 'x', value: [1, 2], result: false, node: 'n2' }],
    [2, 'invoke', 'read', { key: 'x', phase: 'final' }],
  ]);
  expect([...events(historyOf(written))]).toEqual(written);
});
