import { describe, expect, test } from 'vitest';
import { systems } from '../../system-under-test/catalogue.ts';
import type { Answer, Call, Json } from '../../system-under-test/system.ts';

const raftKv = systems['raft-kv']!;
const success = (value: Json): Json => ({ ok: true, value, meta: {} });
const ok = (rest: object = {}): Answer => ({ kind: 'ok', ...rest });

describe('every operation of the history, its request, and what its answer means', () => {
  const table: readonly (readonly [Call, string, Json, Json, Answer])[] = [
    [{ f: 'read', key: 'x' }, 'read', { key: 'x' }, 3, ok({ value: 3 })],
    [{ f: 'read', key: 'x' }, 'read', { key: 'x' }, null, ok({ value: null })],
    [{ f: 'read', key: 'x', object: 'set' }, 'read', { key: 'x' }, null, ok({ value: [] })],
    [{ f: 'read', key: 'x', object: 'set' }, 'read', { key: 'x' }, [1], ok({ value: [1] })],
    [{ f: 'read', key: 'x', object: 'counter' }, 'read', { key: 'x' }, null, ok({ value: 0 })],
    [{ f: 'write', key: 7, value: 3 }, 'write', { key: '7', value: 3 }, null, ok()],
    [{ f: 'cas', key: 'x', value: [1, 2] }, 'cas', { key: 'x', from: 1, to: 2 }, false, ok({ result: false })],
    [{ f: 'delete', key: 'x' }, 'delete', { key: 'x' }, true, ok({ result: true })],
    [{ f: 'append', key: 'x', value: 3 }, 'append', { key: 'x', value: 3 }, null, ok()],
    [{ f: 'add', key: 'x', value: 3, object: 'set' }, 'append', { key: 'x', value: 3 }, null, ok()],
    [{ f: 'add', key: 'x', value: 3, object: 'counter' }, 'add', { key: 'x', delta: 3 }, 8, ok({ result: 8 })],
    [
      {
        f: 'txn',
        value: [
          ['read', 'x', null],
          ['write', 'y', 1],
          ['append', 'z', 2],
        ],
      },
      'txn',
      {
        ops: [
          ['r', 'x', null],
          ['w', 'y', 1],
          ['append', 'z', 2],
        ],
      },
      [
        ['r', 'x', 5],
        ['w', 'y', 1],
        ['append', 'z', 2],
      ],
      ok({
        value: [
          ['read', 'x', 5],
          ['write', 'y', 1],
          ['append', 'z', 2],
        ],
      }),
    ],
    [
      { f: 'acquire', key: 'l', value: { owner: 'c', ttlMs: 9 } },
      'acquire',
      { lock: 'l', owner: 'c', ttlMs: 9 },
      { token: 4 },
      ok({ result: 4 }),
    ],
    [
      { f: 'acquire', key: 'l', value: { owner: 'c', ttlMs: 9 } },
      'acquire',
      { lock: 'l', owner: 'c', ttlMs: 9 },
      { held: true },
      ok({ result: false }),
    ],
    [
      { f: 'renew', key: 'l', value: { owner: 'c', token: 4 } },
      'renew',
      { lock: 'l', owner: 'c', token: 4 },
      true,
      ok({ result: true }),
    ],
    [
      { f: 'release', key: 'l', value: { owner: 'c', token: 4 } },
      'release',
      { lock: 'l', owner: 'c', token: 4 },
      false,
      ok({ result: false }),
    ],
    [
      { f: 'fenced-read', key: 'r', value: { token: 4 } },
      'fenced-read',
      { resource: 'r', token: 4 },
      { value: null },
      ok({ value: { token: 4, value: null }, result: true }),
    ],
    [
      { f: 'fenced-read', key: 'r', value: { token: 4 } },
      'fenced-read',
      { resource: 'r', token: 4 },
      { stale: true },
      ok({ value: { token: 4 }, result: false }),
    ],
    [
      { f: 'fenced-write', key: 'r', value: { token: 4, value: 1 } },
      'fenced-write',
      { resource: 'r', token: 4, value: 1 },
      false,
      ok({ result: false }),
    ],
  ];

  test.each(table)('%j -> %s %j; %j means %j', (call, operation, body, value, answer) => {
    expect(raftKv.request(call)).toEqual({ method: 'POST', path: `/v1/${operation}`, body });
    expect(raftKv.answer(call, 200, success(value))).toEqual(answer);
  });

  test('the catalogue offers what is bound, and every offered operation is in this table', () => {
    expect(new Set(table.map(([call]) => call.f))).toEqual(new Set(raftKv.operations));
  });

  test('a session goes along as client and seq', () => {
    const { body } = raftKv.request({ f: 'read', key: 'x', session: { client: '9', sequence: 4 } });
    expect(body).toEqual({ client: '9', seq: 4, key: 'x' });
    expect(raftKv.openSession!()).toEqual({ method: 'POST', path: '/v1/session', body: {} });
    expect(raftKv.answer({ f: 'session' }, 200, success('12'))).toEqual(ok({ value: '12' }));
  });
});

describe('outcomes (SYSTEMS 0.2)', () => {
  const call: Call = { f: 'write', key: 'x', value: 1 };
  const refused = (definite: unknown): Json => ({
    ok: false,
    error: { code: 'c', definite: definite as Json, text: 't' },
  });

  test.each([
    [503, refused(true), 'failed'],
    [503, refused(false), 'unknown'],
    [503, refused('true'), 'unknown'],
    [503, { ok: false }, 'unknown'],
    [500, undefined, 'unknown'],
    [500, 'oops', 'unknown'],
    [502, {}, 'unknown'],
    [200, undefined, 'unknown'],
    [200, {}, 'unknown'],
    [200, { ok: true }, 'unknown'],
    [200, success('a write answers null'), 'unknown'],
    [201, success(null), 'unknown'],
    [200, success(null), 'ok'],
  ] as const)('HTTP %i %j is %s', (status, body, kind) => {
    expect(raftKv.answer(call, status, body as Json | undefined).kind).toBe(kind);
  });

  test.each([
    ['cas', [1, 2], 'yes'],
    ['add', 1, 'nine'],
    ['acquire', { owner: 'a', ttlMs: 1 }, { token: '4' }],
    ['acquire', { owner: 'a', ttlMs: 1 }, { held: false }],
    ['fenced-read', { token: 1 }, {}],
    ['txn', [['r', 'x', null]], []],
    ['txn', [['r', 'x', null]], ['r']],
  ])('a %s of %j that is answered %j is a protocol error, never a guess', (f, value, answer) => {
    expect(raftKv.answer({ f, key: 'x', value }, 200, success(answer as Json))).toMatchObject({
      kind: 'unknown',
      protocolError: true,
    });
  });

  test.each([
    [{ f: 'nothing' }],
    [{ f: 'read' }],
    [{ f: 'write', key: 'x' }],
    [{ f: 'cas', key: 'x', value: [1] }],
    [{ f: 'acquire', key: 'l', value: 3 }],
  ])('%j is no call', (wrong) => {
    expect(() => raftKv.request(wrong)).toThrow(TypeError);
  });

  test('a status that lacks something is none', () => {
    const whole = {
      id: 'n1',
      cluster: 'c',
      role: 'leader',
      term: 1,
      leader: null,
      commit: 1,
      applied: 1,
      digest: 'd',
      clocks: { monotonicMs: 1, wallMs: 2 },
      syncMs: 0,
    };
    expect(raftKv.status(whole)).toEqual(whole);
    for (const name of Object.keys(whole))
      expect(raftKv.status({ ...whole, [name]: undefined } as unknown as Json)).toBeUndefined();
    expect(raftKv.status(undefined)).toBeUndefined();
  });
});

test('every planted bug names options and operations that exist', () => {
  for (const bug of raftKv.bugs) {
    for (const [name, value] of Object.entries(bug.options)) expect(raftKv.options[name]?.values).toContain(value);
  }
  expect(new Set(raftKv.bugs.map(({ name }) => name)).size).toBe(6);
});
