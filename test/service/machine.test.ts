import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation, SessionCall } from '../../system-under-test/service/command.ts';
import { RecordedMachine } from './recorder.ts';

const key = fc.constantFrom('x', 'y');
const lock = fc.constantFrom('l', 'm');
const owner = fc.constantFrom('a', 'b', 'c');
const token = fc.integer({ min: 1, max: 6 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.constant({ op: 'session' as const }),
  fc.record({ op: fc.constant('write' as const), key, value: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ op: fc.constant('append' as const), key, value: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ op: fc.constant('add' as const), key, delta: fc.integer({ min: -3, max: 3 }) }),
  fc.record({
    op: fc.constant('acquire' as const),
    lock,
    owner,
    ttlMs: fc.constant(100),
    waitMs: fc.constantFrom(0, 500),
  }),
  fc.record({ op: fc.constant('renew' as const), lock, owner, token }),
  fc.record({ op: fc.constant('release' as const), lock, owner, token }),
  fc.record({ op: fc.constant('expire' as const), lock, token, renewal: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ op: fc.constant('abandon' as const), lock, waiter: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ op: fc.constant('fenced-read' as const), resource: key, token }),
  fc.record({ op: fc.constant('fenced-write' as const), resource: key, token, value: fc.integer({ min: 0, max: 3 }) }),
);
const session: fc.Arbitrary<SessionCall | undefined> = fc.option(
  fc.record({ client: fc.integer({ min: 1, max: 12 }).map(String), seq: fc.integer({ min: 1, max: 6 }) }),
  { nil: undefined },
);
const entry = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('command' as const), operation, session }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('term' as const), operation, session }) },
);
type LogEntry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

function applyTo(machine: RecordedMachine, entries: readonly LogEntry[]): void {
  for (const one of entries) {
    if (one.kind === 'term') machine.machine.beginTerm(machine.machine.applied + 1);
    else machine.submit(one.operation, one.session);
  }
}

describe('the state machine is a function of the log', () => {
  test('two machines that applied the same log have equal digests, answers and snapshots', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const [one, two] = [new RecordedMachine(), new RecordedMachine()];
        applyTo(one, entries);
        applyTo(two, JSON.parse(JSON.stringify(entries)) as typeof entries);
        expect(two.machine.digest).toBe(one.machine.digest);
        expect(two.answers).toEqual(one.answers);
        expect(two.machine.snapshot()).toEqual(one.machine.snapshot());
      }),
      { seed: 40, numRuns: 500 },
    );
  });

  test('a machine restored from a snapshot goes on exactly alike: sessions, locks, waiters, tokens, resources', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.array(entry, { maxLength: 40 }), (before, after) => {
        const original = new RecordedMachine({ sessionsMax: 3 });
        applyTo(original, before);
        const restored = original.restored();
        expect(restored.machine.digest).toBe(original.machine.digest);
        original.answers.clear();
        applyTo(original, after);
        applyTo(restored, after);
        expect(restored.machine.snapshot()).toEqual(original.machine.snapshot());
        expect(restored.answers).toEqual(original.answers);
        expect(restored.machine.digest).toBe(original.machine.digest);
      }),
      { seed: 41, numRuns: 500 },
    );
  });

  test('a snapshot does not change when the machine goes on', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.array(entry, { maxLength: 40 }), (before, after) => {
        const machine = new RecordedMachine();
        applyTo(machine, before);
        const snapshot = machine.machine.snapshot();
        const text = JSON.stringify(snapshot);
        applyTo(machine, after);
        expect(JSON.stringify(snapshot)).toBe(text);
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  test('digests tell logs apart that differ in one command, one answer or their order', () => {
    const digest = (...operations: readonly Operation[]) => {
      const machine = new RecordedMachine();
      for (const one of operations) machine.submit(one);
      return machine.machine.digest;
    };
    const write = (value: number): Operation => ({ op: 'write', key: 'x', value });
    const all = [digest(), digest(write(1)), digest(write(2)), digest(write(1), write(2)), digest(write(2), write(1))];
    expect(new Set(all).size).toBe(all.length);
  });

  test('an index that was skipped or comes twice is refused', () => {
    const { machine } = new RecordedMachine();
    machine.skip(1);
    expect(() => machine.skip(1)).toThrow('one was skipped');
    expect(() => machine.skip(3)).toThrow('one was skipped');
  });
});
