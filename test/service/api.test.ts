import { describe, expect, test } from 'vitest';
import { Api } from '../../system-under-test/service/api.ts';
import { parseRequest } from '../../system-under-test/service/request.ts';
import { SimulatedCluster } from './cluster.ts';

const parse = (name: string, body: unknown) => parseRequest(name, body);

describe('requests that are understood', () => {
  test.each([
    ['session', {}, { op: 'session' }],
    ['read', { key: 'x' }, { op: 'read', key: 'x' }],
    ['write', { key: 'x', value: null }, { op: 'write', key: 'x', value: null }],
    ['cas', { key: 'x', from: 1, to: [2] }, { op: 'cas', key: 'x', from: 1, to: [2] }],
    ['delete', { key: 'x' }, { op: 'delete', key: 'x' }],
    ['append', { key: 'x', value: { a: 1 } }, { op: 'append', key: 'x', value: { a: 1 } }],
    ['add', { key: 'x', delta: -3 }, { op: 'add', key: 'x', delta: -3 }],
    [
      'txn',
      {
        ops: [
          ['r', 'x', null],
          ['append', 'y', 1],
          ['w', 'z', 2],
        ],
      },
      {
        op: 'txn',
        ops: [
          ['r', 'x', null],
          ['append', 'y', 1],
          ['w', 'z', 2],
        ],
      },
    ],
    ['acquire', { lock: 'l', owner: 'a', ttlMs: 5 }, { op: 'acquire', lock: 'l', owner: 'a', ttlMs: 5, waitMs: 0 }],
    [
      'acquire',
      { lock: 'l', owner: 'a', ttlMs: 5, waitMs: 9 },
      { op: 'acquire', lock: 'l', owner: 'a', ttlMs: 5, waitMs: 9 },
    ],
    ['renew', { lock: 'l', owner: 'a', token: 1 }, { op: 'renew', lock: 'l', owner: 'a', token: 1 }],
    ['release', { lock: 'l', owner: 'a', token: 1 }, { op: 'release', lock: 'l', owner: 'a', token: 1 }],
    ['fenced-read', { resource: 'r', token: 1 }, { op: 'fenced-read', resource: 'r', token: 1 }],
    ['fenced-write', { resource: 'r', token: 1, value: 2 }, { op: 'fenced-write', resource: 'r', token: 1, value: 2 }],
    ['transfer', { to: 'n2' }, { op: 'transfer', to: 'n2' }],
  ])('%s %j', (name, body, request) => {
    expect(parse(name, body)).toEqual({ kind: 'request', request, session: undefined });
    expect(parse(name, { ...body, client: '7', seq: 3 })).toEqual({
      kind: 'request',
      request,
      session: { client: '7', seq: 3 },
    });
  });
});

describe('requests that are refused, and why', () => {
  test.each([
    ['read', null, 'the body must be an object'],
    ['read', [], 'the body must be an object'],
    ['read', {}, '"key" is missing'],
    ['read', { key: '' }, '"key" must be a string of 1 to 512 characters'],
    ['read', { key: 7 }, '"key" must be a string'],
    ['read', { key: 'x'.repeat(513) }, '"key" must be a string'],
    ['read', { key: 'x', consistency: 'stale' }, 'unknown field "consistency"'],
    ['write', { key: 'x' }, '"value" is missing'],
    ['write', { key: 'x', value: 1, ttl: 2, more: 3 }, 'unknown field "ttl", "more"'],
    ['write', { key: 'x', value: 1, client: '1' }, '"client" and "seq" belong together'],
    ['write', { key: 'x', value: 1, seq: 1 }, '"client" and "seq" belong together'],
    ['write', { key: 'x', value: 1, client: 1, seq: 1 }, '"client" must be a string'],
    ['write', { key: 'x', value: 1, client: '1', seq: 0 }, '"seq" must be a whole number from 1'],
    ['cas', { key: 'x', from: 1 }, '"to" is missing'],
    ['add', { key: 'x', delta: 1.5 }, '"delta" must be a whole number'],
    ['add', { key: 'x', delta: '1' }, '"delta" must be a whole number'],
    ['add', { key: 'x', delta: 2 ** 53 }, '"delta" must be a whole number'],
    ['txn', { ops: [] }, '"ops" must be a list of 1 to 1000'],
    ['txn', { ops: 'r' }, '"ops" must be a list'],
    ['txn', { ops: [['r', 'x']] }, '"ops"[0] must be a list of kind, key and value'],
    [
      'txn',
      {
        ops: [
          ['w', 'x', 1],
          ['r', 'x', 1],
        ],
      },
      '"ops"[1]: the value of a read must be null',
    ],
    ['txn', { ops: [['cas', 'x', 1]] }, '"ops"[0]: the kind must be'],
    ['txn', { ops: [['w', '', 1]] }, '"ops"[0]: the key must be'],
    ['acquire', { lock: 'l', owner: 'a' }, '"ttlMs" is missing'],
    ['acquire', { lock: 'l', owner: 'a', ttlMs: 0 }, '"ttlMs" must be a whole number from 1'],
    ['acquire', { lock: 'l', owner: 'a', ttlMs: 1, waitMs: 60_001 }, '"waitMs" must be a whole number from 0 to 60000'],
    ['release', { lock: 'l', owner: 'a', token: 0 }, '"token" must be a whole number from 1'],
    ['transfer', {}, '"to" is missing'],
  ])('%s %j: %s', (name, body, why) => {
    const parsed = parse(name, body);
    expect(parsed.kind).toBe('malformed');
    expect((parsed as { why: string }).why).toContain(why);
  });

  test.each(['expire', 'abandon', 'constructor', 'toString', '__proto__', ''])(
    'there is no operation "%s" for clients',
    (name) => {
      expect(parse(name, {}).kind).toBe('unknown');
    },
  );
});

describe('the envelope (SYSTEMS 0.2)', () => {
  async function started() {
    const cluster = await SimulatedCluster.start();
    const leader = await cluster.leader();
    const api = new Api({ id: leader, cluster: 'c', node: cluster.nodes.get(leader)!, syncMs: () => 1.5 });
    const ask = async (method: string, path: string, body = '', headers = {}) => {
      const replies: { status: number; body: unknown }[] = [];
      void api.handle(method, path, headers, body).then((reply) => replies.push(reply));
      await cluster.universe.pass(50);
      return replies[0]!;
    };
    return { ask, leader };
  }

  test('success carries the value and who answered', async () => {
    const { ask, leader } = await started();
    const reply = await ask('POST', '/v1/add', '{"key":"n","delta":4}');
    expect(reply).toEqual({
      status: 200,
      body: { ok: true, value: 4, meta: { node: leader, cluster: 'c', term: 1, index: 2, epoch: 1 } },
    });
  });

  test.each([
    ['POST', '/v1/write', '{"key":', 400, 'bad-request'],
    ['POST', '/v1/write', '', 400, 'bad-request'],
    ['POST', '/v1/write', '{}', 400, 'bad-request'],
    ['POST', '/v1/nothing', '{}', 404, 'unknown-operation'],
    ['GET', '/v1/write', '', 405, 'bad-method'],
    ['POST', '/v1/status', '{}', 405, 'bad-method'],
    ['POST', '/elsewhere', '{}', 404, 'unknown-path'],
  ])('%s %s %j -> %i %s, definite', async (method, path, body, status, code) => {
    const { ask } = await started();
    expect(await ask(method, path, body)).toMatchObject({
      status,
      body: { ok: false, error: { code, definite: true } },
    });
  });

  test('a client of another cluster is refused definitely, one of this cluster is not', async () => {
    const { ask } = await started();
    const write = '{"key":"x","value":1}';
    expect(await ask('POST', '/v1/write', write, { 'x-faultline-cluster': 'other' })).toMatchObject({
      status: 409,
      body: { ok: false, error: { code: 'wrong-cluster', definite: true } },
    });
    expect(await ask('POST', '/v1/write', write, { 'x-faultline-cluster': 'c' })).toMatchObject({ status: 200 });
  });

  test('a refusal by the state is a definite error', async () => {
    const { ask } = await started();
    await ask('POST', '/v1/write', '{"key":"x","value":"text"}');
    expect(await ask('POST', '/v1/add', '{"key":"x","delta":1}')).toMatchObject({
      status: 422,
      body: { ok: false, error: { code: 'wrong-type', definite: true } },
    });
  });

  test('status', async () => {
    const { ask, leader } = await started();
    const { status, body } = await ask('GET', '/v1/status');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: leader,
      cluster: 'c',
      role: 'leader',
      term: 1,
      leader,
      commit: 1,
      applied: 1,
      syncMs: 1.5,
    });
  });
});
