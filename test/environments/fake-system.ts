import type { NodeStatus, System } from '../../system-under-test/system.ts';

/** The system whose nodes are `fake-node.ts`. */
export const fakeSystem: System = {
  name: 'fake',
  summary: 'answers what the environment asks, and nothing else',
  operations: [],
  options: {},
  bugs: [],
  command: (launch) => [`${import.meta.dirname}/fake-node.ts`, JSON.stringify(launch)],
  request: () => ({ method: 'GET', path: '/v1/status' }),
  answer: (_call, status) => (status === 200 ? { kind: 'ok' } : { kind: 'unknown', error: String(status) }),
  statusRequest: { method: 'GET', path: '/v1/status' },
  status: (body) => body as NodeStatus | undefined,
  hooks: {
    clockJump: (jumpMs) => ({ method: 'POST', path: '/test/clock', body: { jumpMs } }),
    clockRate: (rate) => ({ method: 'POST', path: '/test/clock', body: { rate } }),
    clockReset: () => ({ method: 'POST', path: '/test/clock', body: { reset: true } }),
    slowSync: (slowSyncMs) => ({ method: 'POST', path: '/test/disk', body: { slowSyncMs } }),
  },
  linkProbe: (nonce) => ({ request: `{"probe":"${nonce}"}\n`, reply: `{"probe":"${nonce}"}` }),
};
