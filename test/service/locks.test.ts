import { describe, expect, test } from 'vitest';
import type { Build } from '../../system-under-test/bugs/bug.ts';
import { leaseWithoutFencing } from '../../system-under-test/bugs/lease-without-fencing.ts';
import type { Operation } from '../../system-under-test/service/command.ts';
import { rules } from '../../system-under-test/service/rules.ts';
import { RecordedMachine } from './recorder.ts';

const acquire = (owner: string, waitMs = 0, lock = 'l'): Operation => ({
  op: 'acquire',
  lock,
  owner,
  ttlMs: 100,
  waitMs,
});
const release = (owner: string, token: number): Operation => ({ op: 'release', lock: 'l', owner, token });
const renew = (owner: string, token: number): Operation => ({ op: 'renew', lock: 'l', owner, token });
const expire = (token: number, renewal: number): Operation => ({ op: 'expire', lock: 'l', token, renewal });
const held = { ok: true, value: { held: true } };
const granted = (token: number) => ({ ok: true, value: { token } });
const answer = (value: boolean) => ({ ok: true, value });

describe('lease locks (SYSTEMS 7.1)', () => {
  test('a free lock is granted with a token, a held one is held, also for its own holder', () => {
    const machine = new RecordedMachine();
    expect(machine.do(acquire('a'))).toEqual(granted(1));
    expect(machine.do(acquire('b'))).toEqual(held);
    expect(machine.do(acquire('a'))).toEqual(held);
  });

  test('tokens rise through release, expiry, terms and snapshots, over all locks', () => {
    let machine = new RecordedMachine();
    const tokens: number[] = [];
    const next = (lock: string) => tokens.push((machine.value(acquire('a', 0, lock)) as { token: number }).token);
    next('l');
    machine.do(release('a', 1));
    next('l');
    machine.do(expire(2, machine.machine.applied));
    next('m');
    machine.machine.beginTerm(machine.machine.applied + 1);
    next('l');
    machine.do(release('a', 4));
    machine = machine.restored();
    next('l');
    expect(tokens).toEqual([1, 2, 3, 4, 5]);
  });

  test.each([
    ['the holder under its token', 'a', 1, true],
    ['another owner under that token', 'b', 1, false],
    ['the holder under another token', 'a', 2, false],
    ['the holder under an old token', 'a', 0, false],
  ])('release and renew by %s: %s %i -> %s', (_who, owner, token, expected) => {
    for (const operation of [renew(owner, token), release(owner, token)]) {
      const machine = new RecordedMachine();
      machine.do(acquire('a'));
      expect(machine.do(operation)).toEqual(answer(expected));
    }
  });

  test('a late release of the previous holder leaves the next holder in peace', () => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    machine.do(expire(1, 1));
    machine.do(acquire('a'));
    expect(machine.do(release('a', 1))).toEqual(answer(false));
    expect(machine.do(acquire('b'))).toEqual(held);
  });

  test('a renewal never revives a lock that is gone', () => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    machine.do(expire(1, 1));
    expect(machine.do(renew('a', 1))).toEqual(answer(false));
    expect(machine.do(acquire('b'))).toEqual(granted(2));
    expect(machine.do(renew('a', 1))).toEqual(answer(false));
  });

  test.each([
    ['the very lease it was proposed for', 1, 1, true],
    ['another token', 2, 1, false],
    ['another renewal', 1, 0, false],
  ])('expiry of %s', (_what, token, renewal, expected) => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    expect(machine.do(expire(token, renewal))).toEqual(answer(expected));
    expect(machine.machine.locks.lease('l') === null).toBe(expected);
  });

  test("a deposed leader's expiry is void once the holder has renewed", () => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    machine.do(renew('a', 1));
    expect(machine.do(expire(1, 1))).toEqual(answer(false));
    expect(machine.do(expire(1, 2))).toEqual(answer(true));
  });

  test('waiters are granted first come, first served, on release and on expiry', () => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    const [b, c] = [machine.submit(acquire('b', 500)), machine.submit(acquire('c', 500))];
    expect([machine.answers.get(b), machine.answers.get(c)]).toEqual([undefined, undefined]);
    machine.do(release('a', 1));
    expect([machine.answers.get(b), machine.answers.get(c)]).toEqual([granted(2), undefined]);
    machine.do(expire(2, machine.machine.applied));
    expect(machine.answers.get(c)).toEqual(granted(3));
  });

  test('a waiter whose wait is over is told so and is not granted', () => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    const b = machine.submit(acquire('b', 500));
    expect(machine.do({ op: 'abandon', lock: 'l', waiter: machine.machine.applied })).toEqual(answer(true));
    expect(machine.answers.get(b)).toEqual(held);
    machine.do(release('a', 1));
    expect(machine.do(acquire('c'))).toEqual(granted(2));
  });

  test('an abandon that comes too late changes nothing', () => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    const b = machine.submit(acquire('b', 500));
    machine.do(release('a', 1));
    expect(machine.do({ op: 'abandon', lock: 'l', waiter: 2 })).toEqual(answer(false));
    expect(machine.answers.get(b)).toEqual(granted(2));
    expect(machine.machine.locks.lease('l')?.owner).toBe('b');
  });

  test('a waiter whose session is gone is passed over', () => {
    const machine = new RecordedMachine({ sessionsMax: 1 });
    const client = machine.value({ op: 'session' }) as string;
    machine.do(acquire('a'));
    const b = machine.submit(acquire('b', 500), { client, seq: 1 });
    const c = machine.submit(acquire('c', 500));
    machine.do({ op: 'session' });
    machine.do(release('a', 1));
    expect(machine.answers.get(b)).toEqual(held);
    expect(machine.answers.get(c)).toEqual(granted(2));
  });

  test('all waits end with the term, since the new leader cannot know how long they lasted', () => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    const [b, c] = [machine.submit(acquire('b', 500)), machine.submit(acquire('c', 500))];
    machine.machine.beginTerm(machine.machine.applied + 1);
    expect([machine.answers.get(b), machine.answers.get(c)]).toEqual([held, held]);
    expect(machine.machine.locks.lease('l')?.owner).toBe('a');
    machine.do(release('a', 1));
    expect(machine.machine.locks.lease('l')).toBe(null);
  });

  test('waiters survive a snapshot, in their order', () => {
    const machine = new RecordedMachine();
    machine.do(acquire('a'));
    const [b, c] = [machine.submit(acquire('b', 500)), machine.submit(acquire('c', 500))];
    const restored = machine.restored();
    restored.do(release('a', 1));
    restored.do(release('b', 2));
    expect([restored.answers.get(b), restored.answers.get(c)]).toEqual([granted(2), granted(3)]);
  });

  test('every change of a lease or queue is made known', () => {
    const machine = new RecordedMachine();
    const changes = (operation: Operation) => {
      machine.changedLocks.length = 0;
      machine.do(operation);
      return machine.changedLocks.length > 0;
    };
    expect(changes(acquire('a'))).toBe(true);
    expect(changes(acquire('b'))).toBe(false);
    expect(changes(acquire('b', 500))).toBe(true);
    expect(changes(renew('a', 1))).toBe(true);
    expect(changes(renew('b', 1))).toBe(false);
    expect(changes(release('a', 1))).toBe(true);
  });
});

describe('fenced resources', () => {
  const read = (token: number): Operation => ({ op: 'fenced-read', resource: 'r', token });
  const write = (token: number, value: number): Operation => ({ op: 'fenced-write', resource: 'r', token, value });

  test('a token is refused once a larger one was seen, whether that read or wrote', () => {
    for (const raise of [read(5), write(5, 1)]) {
      const machine = new RecordedMachine();
      machine.do(raise);
      expect(machine.do(write(4, 9))).toEqual(answer(false));
      expect(machine.do(read(4))).toEqual({ ok: true, value: { stale: true } });
      expect(machine.do(write(5, 2))).toEqual(answer(true));
      expect(machine.do(read(5))).toEqual({ ok: true, value: { value: 2 } });
    }
  });

  test('the largest token survives a snapshot', () => {
    const machine = new RecordedMachine();
    machine.do(read(5));
    expect(machine.restored().do(write(4, 9))).toEqual(answer(false));
  });

  test('resources are apart from each other and from keys', () => {
    const machine = new RecordedMachine();
    machine.do(write(5, 1));
    expect(machine.do({ op: 'fenced-read', resource: 'other', token: 1 })).toEqual({
      ok: true,
      value: { value: null },
    });
    expect(machine.machine.read('r')).toBe(null);
  });

  test('planted bug lease-without-fencing: the zombie writes', () => {
    const build = leaseWithoutFencing.plant({ serviceRules: rules } as Build);
    const machine = new RecordedMachine({ rules: build.serviceRules });
    machine.do(read(5));
    expect(machine.do(write(4, 9))).toEqual(answer(true));
  });
});
