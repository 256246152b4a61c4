import { describe, expect, test } from 'vitest';
import { Client, type ClientOptions } from '../../harness/client/client.ts';
import { broken, type Reply, type SendOptions, type Transport } from '../../harness/client/transport.ts';
import type { HttpRequest, Json, System } from '../../system-under-test/system.ts';

interface Sent {
  readonly node: string;
  readonly request: HttpRequest;
  readonly options: SendOptions;
}

/** Answers with these replies in turn. */
class Script implements Transport {
  readonly sent: Sent[] = [];
  readonly #replies: Reply[];

  constructor(replies: readonly Reply[]) {
    this.#replies = [...replies];
  }

  async send(node: string, request: HttpRequest, options: SendOptions): Promise<Reply> {
    this.sent.push({ node, request, options });
    const reply = this.#replies.shift();
    if (reply === undefined) throw new Error('the client sent more than the script foresees');
    return reply;
  }

  async close(): Promise<void> {}
}

const system: System = {
  name: 'scripted',
  summary: 'answers as its body says',
  operations: ['write'],
  options: {},
  bugs: [],
  command: () => [],
  openSession: () => ({ method: 'POST', path: '/session', body: {} }),
  request: (call) => ({ method: 'POST', path: `/${call.f}`, body: (call.session ?? null) as Json }),
  answer: (_call, status, body) => {
    if (body === undefined) return { kind: 'unknown', error: `status ${status} without JSON`, protocolError: true };
    const { kind, value } = body as { kind: 'ok' | 'failed' | 'unknown'; value?: Json };
    return kind === 'ok' ? { kind, ...(value === undefined ? {} : { value }) } : { kind, error: `said ${kind}` };
  },
  statusRequest: { method: 'GET', path: '/' },
  status: () => undefined,
};

const says = (kind: 'ok' | 'failed' | 'unknown', value?: Json): Reply => ({
  kind: 'response',
  status: 200,
  body: { kind, ...(value === undefined ? {} : { value }) },
});
const refused = broken('refused', 'ECONNREFUSED');
const lost = broken('timeout', 'no answer');

function perform(replies: readonly Reply[], options: Partial<ClientOptions> = {}) {
  const transport = new Script(replies);
  const client = new Client({
    system,
    transport,
    nodes: ['n1', 'n2', 'n3'],
    timeoutMs: 100,
    attempts: 1,
    sessions: false,
    ...options,
  });
  return { transport, client, ending: client.perform({ f: 'write', key: 'x', value: 1 }) };
}

describe('one attempt', () => {
  test.each([
    ['a refused connection', refused, 'fail'],
    ['a lost answer', lost, 'info'],
    ['a definite error', says('failed'), 'fail'],
    ['an indefinite error', says('unknown'), 'info'],
    ['success', says('ok'), 'ok'],
    ['an answer that is no JSON', { kind: 'response', status: 200, body: undefined } as Reply, 'info'],
  ])('%s', async (_what, reply, type) => {
    const { transport, ending } = perform([reply]);
    expect((await ending).type).toBe(type);
    expect(transport.sent).toHaveLength(1);
  });

  test('an answer that breaks the contract is kept as a finding, not guessed at', async () => {
    const { client, ending } = perform([{ kind: 'response', status: 500, body: undefined }]);
    await ending;
    expect(client.protocolErrors).toEqual(['write: status 500 without JSON']);
  });
});

describe('retries, all under one identity', () => {
  const session = says('ok', 'client-9');
  const retrying = { attempts: 3, sessions: true };

  test.each([
    ['refused three times: it never happened', [refused, refused, refused], 'fail', 3],
    ['refused, lost, refused: it may have happened', [refused, lost, refused], 'info', 3],
    ['lost, then a definite error: it may have happened', [lost, says('failed'), says('failed')], 'info', 3],
    ['lost, then ok: it happened once', [lost, says('ok')], 'ok', 2],
    ['ok at once', [says('ok')], 'ok', 1],
  ])('%s', async (_what, replies, type, attempts) => {
    const { transport, ending } = perform([session, ...replies], retrying);
    expect((await ending).type).toBe(type);
    const identities = transport.sent.slice(1).map(({ request }) => request.body);
    expect(identities).toEqual(Array.from({ length: attempts }, () => ({ client: 'client-9', sequence: 1 })));
  });

  test('each retry goes to the next node', async () => {
    const { transport, ending } = perform([session, lost, lost, lost], retrying);
    await ending;
    expect(transport.sent.map(({ node }) => node)).toEqual(['n1', 'n1', 'n2', 'n3']);
  });

  test('no session, no operation: it never happened', async () => {
    const { transport, ending } = perform([refused, refused, lost], retrying);
    expect(await ending).toMatchObject({ type: 'fail', error: 'no session: timeout' });
    expect(transport.sent.map(({ request }) => request.path)).toEqual(['/session', '/session', '/session']);
  });

  test('a session is opened where a node answers', async () => {
    const { transport, ending } = perform([refused, session, says('ok')], retrying);
    expect((await ending).type).toBe('ok');
    expect(transport.sent.map(({ node }) => node)).toEqual(['n1', 'n2', 'n1']);
  });

  test('the sequence counts operations, not attempts', async () => {
    const transport = new Script([session, lost, says('ok'), says('ok')]);
    const client = new Client({ system, transport, nodes: ['n1'], timeoutMs: 100, ...retrying });
    await client.perform({ f: 'write' });
    await client.perform({ f: 'write' });
    expect(transport.sent.at(-1)!.request.body).toEqual({ client: 'client-9', sequence: 2 });
  });
});
