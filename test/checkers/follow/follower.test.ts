import { describe, expect, test } from 'vitest';
import { Follower } from '../../../checkers/follow/follower.ts';
import type { LooseEvent } from '../../../checkers/history/event.ts';
import { kv } from '../../../checkers/models/kv.ts';
import { type AnyModel, legal } from '../../../checkers/models/model.ts';
import { models } from '../../../checkers/models/models.ts';
import { mutex } from '../../../checkers/models/mutex.ts';

const standing = (model: AnyModel, events: readonly LooseEvent[], options = {}) => {
  const follower = new Follower(model, options);
  for (const [i, event] of events.entries()) follower.take(event, i + 1);
  follower.end();
  return follower.standing;
};
const read = { process: 0, f: 'read' };

describe('what a follower leaves to the checker', () => {
  test.each<[string, readonly LooseEvent[], RegExp]>([
    [
      'an operation that the model does not know',
      [{ process: 0, type: 'invoke', f: 'pop' }],
      /knows read, write.*index 0/,
    ],
    [
      'an answer without its value',
      [
        { ...read, type: 'invoke' },
        { ...read, type: 'ok' },
      ],
      /must carry the value/,
    ],
    [
      'an unknown name among failed calls',
      [
        { process: 0, type: 'invoke', f: 'pop' },
        { process: 0, type: 'fail', f: 'pop' },
      ],
      /knows/,
    ],
    [
      'two calls of one process',
      [
        { ...read, type: 'invoke' },
        { ...read, type: 'invoke' },
      ],
      /line 2: .* while a call of it is open/,
    ],
    ['a completion of nothing', [{ ...read, type: 'ok', value: 1 }], /line 1: .* completes no call/],
    [
      'a completion of another call',
      [
        { ...read, type: 'invoke' },
        { process: 0, type: 'ok', f: 'write' },
      ],
      /line 2/,
    ],
    [
      'a completion on another key',
      [
        { ...read, key: 'a', type: 'invoke' },
        { ...read, key: 'b', type: 'ok', value: null },
      ],
      /line 2/,
    ],
    [
      'a process that goes on after an unknown outcome',
      [
        { ...read, type: 'invoke' },
        { ...read, type: 'info' },
        { ...read, type: 'invoke' },
      ],
      /line 3: .* unknown outcome/,
    ],
    [
      'times on some events only',
      [
        { ...read, time: 1, type: 'invoke' },
        { ...read, type: 'ok', value: null },
      ],
      /line 2: only some/,
    ],
  ])('%s', (_, events, why) => {
    expect(standing(kv as AnyModel, events)).toEqual({ kind: 'open', why: expect.stringMatching(why) });
  });

  test('times that go back, for a model that reads them', () => {
    const acquire = { process: 0, f: 'acquire', value: { owner: 'a' } };
    const events = [
      { ...acquire, time: 5, type: 'invoke' },
      { ...acquire, time: 4, type: 'ok', result: true },
    ] as const;
    expect(standing(models.get('owner-mutex')!, events)).toMatchObject({
      kind: 'open',
      why: expect.stringContaining('go back'),
    });
    const untimed = events.map(({ f, process, type }) => ({ f, process, type, time: type === 'ok' ? 4 : 5 }));
    expect(standing(mutex as AnyModel, untimed)).toEqual({ kind: 'pass' });
  });

  test('an initial value from which the model cannot start', () => {
    expect(standing(models.get('counter')!, [], { initial: 'x' })).toMatchObject({
      kind: 'open',
      why: expect.stringContaining('number'),
    });
  });

  test('a model that throws', () => {
    const broken = {
      ...kv,
      name: 'mine',
      step: () => {
        throw new Error('no such luck');
      },
    } as unknown as AnyModel;
    const events = [
      { ...read, type: 'invoke' },
      { ...read, type: 'ok', value: null },
    ] as const;
    expect(standing(broken, events)).toMatchObject({ kind: 'open', why: expect.stringContaining('no such luck') });
  });
});

test('an initial value is what the object starts from, and a model of somebody else is followed like any', () => {
  const events = [
    { ...read, type: 'invoke' },
    { ...read, type: 'ok', value: 7 },
  ] as const;
  expect(standing(kv as AnyModel, events, { initial: 7 })).toEqual({ kind: 'pass' });
  expect(standing(kv as AnyModel, events)).toMatchObject({ kind: 'violation', operation: 0, events: 2 });
  const lenient = { ...kv, name: 'mine', step: (state: unknown) => legal(state) };
  const { cell: _, effect: __, ...mine } = lenient;
  expect(standing(mine as unknown as AnyModel, events)).toEqual({ kind: 'pass' });
});

test('who is no client takes no part', () => {
  const events = [
    { process: 'nemesis', type: 'info', f: 'partition-start' },
    { ...read, type: 'invoke' },
  ] as const;
  expect(standing(kv as AnyModel, events)).toEqual({ kind: 'pass' });
});

test('an unknown call may make what another unknown call needs', () => {
  const unknown = (process: number, f: string, value: number) =>
    [
      { process, type: 'invoke', f, value },
      { process, type: 'info', f, value },
    ] as const;
  const events = [
    ...unknown(1, 'write', 1),
    ...unknown(2, 'add', 1),
    { ...read, type: 'invoke' },
    { ...read, type: 'ok', value: 2 },
  ] as const;
  expect(standing(kv as AnyModel, events)).toEqual({ kind: 'pass' });
  expect(standing(kv as AnyModel, [...unknown(1, 'write', 1), ...events.slice(4)])).toMatchObject({
    kind: 'violation',
  });
});
