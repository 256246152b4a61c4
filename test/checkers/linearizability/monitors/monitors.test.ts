import { expect, test } from 'vitest';
import { HistoryBuilder } from '../../../../checkers/history/history.ts';
import type { HistoryEvent, Value } from '../../../../checkers/history/operation.ts';
import { monitorFor } from '../../../../checkers/linearizability/monitors/monitors.ts';
import { split } from '../../../../checkers/linearizability/part.ts';
import { models } from '../../../../checkers/models/models.ts';

test('a model has the monitor of its name, another of that name has none', () => {
  const named = [...models.values()].flatMap((model) => monitorFor(model)?.name ?? []);
  expect(named).toEqual(['mutex', 'owner-mutex', 'counter', 'set', 'fifo-queue', 'unordered-queue']);
  expect(monitorFor({ ...models.get('set')! })).toBeUndefined();
});

/** Many keys in turn, so that the ids in one part lie far apart; one of them is out of order. */
test('the parts of a history with many keys are judged one by one', () => {
  const keys = 300;
  const rounds = 20;
  const builder = new HistoryBuilder();
  let index = 0;
  const perform = (f: string, key: number, asked: { value?: Value }, answer: { value: Value }): void => {
    const event = { process: 0, f, key, time: index };
    const op = builder.invoke({ ...event, ...asked, index: index++, type: 'invoke' } as HistoryEvent);
    builder.complete(op, { ...event, ...answer, index: index++, type: 'ok' } as HistoryEvent);
  };
  const element = (key: number, round: number) => `${key}-${round}`;
  for (let round = 0; round < rounds; round++) {
    for (let key = 0; key < keys; key++) {
      const value = element(key, round);
      perform('enqueue', key, { value }, { value });
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (let key = 0; key < keys; key++) {
      const swapped = key === 123 && round < 2 ? 1 - round : round;
      perform('dequeue', key, {}, { value: element(key, swapped) });
    }
  }
  const model = models.get('fifo-queue')!;
  const history = builder.build();
  const illegal = split(history, 'key', 'ignore').filter((part) => {
    const decision = monitorFor(model)!.decide({ history, part, model, initial: model.initial }, () => {});
    return decision?.kind === 'illegal';
  });
  expect(illegal.map(({ key }) => history.keys.get(key))).toEqual([123]);
});
