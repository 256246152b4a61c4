import { expect, test } from 'vitest';
import { judge } from '../../../checkers/checker.ts';
import { linearizable } from '../../../checkers/linearizability/checker.ts';
import { record } from './recording.ts';

const limits = { timeMs: 1000, memoryBytes: 1e9, now: () => 0 };
const answered = (f: string, key: string, at: number, value: number) =>
  ({
    f,
    key,
    outcome: 'ok',
    invokedAt: at,
    returnedAt: at + 1,
    ...(f === 'read' ? { output: value } : { input: value }),
  }) as const;

test('a run is judged, and the keys that did not pass are explained as plain JSON', () => {
  const history = record([answered('write', 'x', 0, 1), answered('read', 'x', 2, 2), answered('write', 'y', 4, 1)]);
  const [finding] = judge([linearizable('kv')], history, limits);
  expect(finding).toMatchObject({
    checker: 'linearizable kv',
    verdict: { kind: 'violation', operations: [2] },
    details: {
      operations: 3,
      keys: 2,
      procedure: 'zones',
      keysNotPassed: 1,
      keysExplained: [{ key: 'x', kind: 'violation' }],
    },
  });
  expect(JSON.parse(JSON.stringify(finding!.details)).keysExplained[0].explanation.why).toBe(
    'no order explains read of "x" -> 2 by process 1 (index 2): it read 2 while the value was 1',
  );
});

test('its options reach the search', () => {
  const failed = { f: 'cas', input: [null, 1], outcome: 'failed', invokedAt: 0, returnedAt: 1 } as const;
  const verdict = (options: Parameters<typeof linearizable>[1]) =>
    linearizable('cas-register', options).check(record([failed]), limits).verdict.kind;
  expect(verdict({})).toBe('pass');
  expect(verdict({ failedCas: 'assert' })).toBe('violation');
  expect(verdict({ failedCas: 'assert', initial: 7 })).toBe('pass');
});

test('a run out of time is undecided', () => {
  let now = 0;
  const finding = linearizable('kv').check(record([answered('write', 'x', 0, 1)]), {
    ...limits,
    now: () => (now += 2000),
  });
  expect(finding.verdict.kind).toBe('undecided');
});

test('an unknown model is a mistake of the caller', () => {
  expect(() => linearizable('regsiter')).toThrow(/no model "regsiter"; there are: register, cas-register/);
});
