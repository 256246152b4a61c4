import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MicroOperation, Operation, Response } from '../../system-under-test/service/command.ts';
import type { Json } from '../../system-under-test/system.ts';
import { RecordedMachine } from './recorder.ts';

/** The obvious implementation: a plain object, copied before each operation and put back when one is refused. */
class NaiveKeys {
  #state: Record<string, unknown> = {};

  read = (key: string): unknown => structuredClone(this.#state[key] ?? null);

  perform(operation: Operation): unknown {
    const before = structuredClone(this.#state);
    try {
      return { ok: true, value: this.#run(operation) };
    } catch (refusal) {
      this.#state = before;
      return { ok: false, code: (refusal as Error).message };
    }
  }

  #run(operation: Operation): unknown {
    switch (operation.op) {
      case 'write':
        this.#state[operation.key] = operation.value;
        return null;
      case 'cas': {
        const same = isDeepStrictEqual(this.read(operation.key), operation.from);
        if (same) this.#state[operation.key] = operation.to;
        return same;
      }
      case 'delete': {
        const existed = this.read(operation.key) !== null;
        this.#state[operation.key] = null;
        return existed;
      }
      case 'append':
        return this.#append(operation.key, operation.value);
      case 'add': {
        const held = this.read(operation.key) ?? 0;
        if (typeof held !== 'number') throw new Error('wrong-type');
        if (!Number.isSafeInteger(held + operation.delta)) throw new Error('out-of-range');
        this.#state[operation.key] = held + operation.delta;
        return held + operation.delta;
      }
      case 'txn':
        return operation.ops.map(([kind, key, value]) => {
          if (kind === 'r') return [kind, key, this.read(key)];
          if (kind === 'w') this.#state[key] = value;
          else this.#append(key, value);
          return [kind, key, value];
        });
      default:
        throw new Error('no operation of keys');
    }
  }

  #append(key: string, value: unknown): null {
    const held = this.read(key) ?? [];
    if (!Array.isArray(held)) throw new Error('wrong-type');
    this.#state[key] = [...held, value];
    return null;
  }
}

const key = fc.constantFrom('x', 'y', 'z', '__proto__x');
const value: fc.Arbitrary<Json> = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constant(null),
  fc.constant('text'),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
  fc.record({ a: fc.integer({ min: 0, max: 1 }) }, { noNullPrototype: true }),
);
const micro: fc.Arbitrary<MicroOperation> = fc.oneof(
  fc.tuple(fc.constant('r' as const), key, fc.constant(null)),
  fc.tuple(fc.constant('w' as const), key, value),
  fc.tuple(fc.constant('append' as const), key, value),
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: fc.constant('write' as const), key, value }),
  fc.record({ op: fc.constant('cas' as const), key, from: value, to: value }),
  fc.record({ op: fc.constant('delete' as const), key }),
  fc.record({ op: fc.constant('append' as const), key, value }),
  fc.record({ op: fc.constant('add' as const), key, delta: fc.oneof(fc.integer(), fc.constant(2 ** 53 - 1)) }),
  fc.record({ op: fc.constant('txn' as const), ops: fc.array(micro, { minLength: 1, maxLength: 5 }) }),
);

const told = (response: Response | undefined) =>
  response?.ok === false ? { ok: false, code: response.code } : response;

describe('keys', () => {
  test('any sequence of operations answers and leaves what the obvious implementation does', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const [real, naive] = [new RecordedMachine(), new NaiveKeys()];
        for (const one of operations) {
          expect(told(real.do(one))).toEqual(naive.perform(one));
          for (const name of ['x', 'y', 'z']) expect(real.machine.read(name)).toEqual(naive.read(name));
        }
      }),
      { seed: 30, numRuns: 1000 },
    );
  });

  test('applying a command never changes the command: it still has to reach other nodes as it was', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const before = JSON.stringify(operations);
        const machine = new RecordedMachine();
        for (const one of operations) machine.do(one);
        expect(JSON.stringify(operations)).toBe(before);
      }),
      { seed: 31, numRuns: 500 },
    );
  });

  test('what was read stays as it was when the list grows', () => {
    const machine = new RecordedMachine();
    machine.value({ op: 'append', key: 'x', value: 1 });
    const read = machine.machine.read('x');
    const inTransaction = machine.value({ op: 'txn', ops: [['r', 'x', null]] });
    machine.value({ op: 'append', key: 'x', value: 2 });
    expect(read).toEqual([1]);
    expect(inTransaction).toEqual([['r', 'x', [1]]]);
  });

  test('a refused transaction leaves nothing behind', () => {
    const machine = new RecordedMachine();
    machine.value({ op: 'write', key: 'n', value: 5 });
    const refused = machine.do({
      op: 'txn',
      ops: [
        ['w', 'x', 1],
        ['append', 'y', 1],
        ['append', 'n', 1],
      ],
    });
    expect(refused).toMatchObject({ ok: false, code: 'wrong-type', definite: true });
    expect([machine.machine.read('x'), machine.machine.read('y')]).toEqual([null, null]);
  });
});
