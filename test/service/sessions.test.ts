import { describe, expect, test } from 'vitest';
import type { Build } from '../../system-under-test/bugs/bug.ts';
import { noDedupOnRetry } from '../../system-under-test/bugs/no-dedup-on-retry.ts';
import type { Operation } from '../../system-under-test/service/command.ts';
import { rules } from '../../system-under-test/service/rules.ts';
import { RecordedMachine } from './recorder.ts';

const add = (delta: number): Operation => ({ op: 'add', key: 'n', delta });

function withClient(options: ConstructorParameters<typeof RecordedMachine>[0] = {}) {
  const recorded = new RecordedMachine(options);
  return { recorded, client: recorded.value({ op: 'session' }) as string };
}

describe('exactly-once sessions (dissertation 6.3)', () => {
  test("a client's id is the index of its registration", () => {
    const recorded = new RecordedMachine();
    recorded.machine.beginTerm(1);
    expect(recorded.value({ op: 'session' })).toBe('2');
    expect(recorded.value({ op: 'session' })).toBe('3');
  });

  test('a retry gets the first answer and has no effect', () => {
    const { recorded, client } = withClient();
    expect(recorded.value(add(5), { client, seq: 1 })).toBe(5);
    recorded.value(add(100));
    expect(recorded.value(add(5), { client, seq: 1 })).toBe(5);
    expect(recorded.machine.read('n')).toBe(105);
  });

  test('a refused call is answered again as refused', () => {
    const { recorded, client } = withClient();
    recorded.value({ op: 'write', key: 'n', value: 'text' });
    const refused = recorded.do(add(1), { client, seq: 1 });
    recorded.value({ op: 'write', key: 'n', value: 1 });
    expect(recorded.do(add(1), { client, seq: 1 })).toEqual(refused);
  });

  test('an older call than the latest is stale, has no effect, and is not called definite', () => {
    const { recorded, client } = withClient();
    recorded.value(add(1), { client, seq: 2 });
    expect(recorded.do(add(10), { client, seq: 1 })).toMatchObject({
      ok: false,
      code: 'session-stale',
      definite: false,
    });
    expect(recorded.machine.read('n')).toBe(1);
  });

  test('a number may be left out: its attempts have all failed', () => {
    const { recorded, client } = withClient();
    recorded.value(add(1), { client, seq: 1 });
    expect(recorded.value(add(1), { client, seq: 4 })).toBe(2);
  });

  test('an unknown client is refused, never taken up', () => {
    const { recorded } = withClient();
    const refused = { ok: false, code: 'session-expired', definite: true };
    expect(recorded.do(add(1), { client: '99', seq: 1 })).toMatchObject(refused);
    expect(recorded.do(add(1), { client: '99', seq: 1 })).toMatchObject(refused);
    expect(recorded.machine.read('n')).toBe(null);
  });

  test('the least recently used session expires, by the log alone', () => {
    const { recorded, client: first } = withClient({ sessionsMax: 2 });
    const second = recorded.value({ op: 'session' }) as string;
    recorded.value(add(1), { client: first, seq: 1 });
    const third = recorded.value({ op: 'session' }) as string;
    expect(recorded.do(add(1), { client: second, seq: 1 })).toMatchObject({ code: 'session-expired' });
    expect(recorded.value(add(1), { client: first, seq: 2 })).toBe(2);
    expect(recorded.value(add(1), { client: third, seq: 1 })).toBe(3);
  });

  test('sessions survive a snapshot', () => {
    const { recorded, client } = withClient();
    recorded.value(add(5), { client, seq: 1 });
    const restored = recorded.restored();
    expect(restored.value(add(5), { client, seq: 1 })).toBe(5);
    expect(restored.machine.read('n')).toBe(5);
  });

  test('a retry of an acquire that waits takes over the wait and takes no second place in the queue', () => {
    const { recorded, client } = withClient();
    const acquire = { op: 'acquire', lock: 'l', ttlMs: 100 } as const;
    const first = recorded.value({ ...acquire, owner: 'a', waitMs: 0 }) as { token: number };
    const waiting = recorded.submit({ ...acquire, owner: 'b', waitMs: 1000 }, { client, seq: 1 });
    const retry = recorded.submit({ ...acquire, owner: 'b', waitMs: 1000 }, { client, seq: 1 });
    recorded.value({ op: 'release', lock: 'l', owner: 'a', token: first.token });
    expect(recorded.answers.get(waiting)).toBeUndefined();
    expect(recorded.answers.get(retry)).toEqual({ ok: true, value: { token: 2 } });
    expect(recorded.machine.locks.waiters('l')).toEqual([]);
    // And once more, now that it has been granted: the same token.
    expect(recorded.value({ ...acquire, owner: 'b', waitMs: 1000 }, { client, seq: 1 })).toEqual({ token: 2 });
  });

  test('planted bug no-dedup-on-retry: the retry counts again', () => {
    const build = noDedupOnRetry.plant({ serviceRules: rules } as Build);
    const { recorded, client } = withClient({ rules: build.serviceRules });
    recorded.value(add(5), { client, seq: 1 });
    expect(recorded.value(add(5), { client, seq: 1 })).toBe(10);
  });
});
