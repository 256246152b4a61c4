import { bugs } from './bugs/index.ts';
import { answerOf, operations, requestOf, statusOfBody } from './service/binding.ts';
import { host } from './service/hosted.ts';
import { optionDeclarations } from './service/options.ts';
import type { Command, NodeLaunch, System } from './system.ts';

/** The reference service: keys, transactions, sessions and locks on Raft. */
const raftKv: System = {
  name: 'raft-kv',
  summary: 'key-value store and lock service on Raft: linearizable reads, exactly-once sessions, fencing tokens',
  operations,
  options: optionDeclarations,
  bugs: bugs.map((bug) => bug.description),
  command: commandLine,
  host,
  openSession: () => requestOf({ f: 'session' }),
  request: requestOf,
  answer: answerOf,
  statusRequest: { method: 'GET', path: '/v1/status' },
  status: statusOfBody,
  hooks: {
    clockJump: (byMs) => ({ method: 'POST', path: '/test/clock', body: { jumpMs: byMs } }),
    clockRate: (rate) => ({ method: 'POST', path: '/test/clock', body: { rate } }),
    clockReset: () => ({ method: 'POST', path: '/test/clock', body: { reset: true } }),
    slowSync: (delayMs) => ({ method: 'POST', path: '/test/disk', body: { slowSyncMs: delayMs } }),
  },
  linkProbe(nonce) {
    const line = JSON.stringify({ probe: nonce });
    return { request: `${line}\n`, reply: line };
  },
};

/** Every system that can be run by name. */
export const systems: Readonly<Record<string, System>> = { [raftKv.name]: raftKv };

function commandLine(launch: NodeLaunch): Command {
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [
    `${import.meta.dirname}/service/main.ts`,
    ...['--id', launch.id, '--members', launch.members.join(',')],
    ...pairs('--peer', launch.peers),
    ...['--host', launch.host, '--client-port', String(launch.clientPort), '--peer-port', String(launch.peerPort)],
    ...['--data', launch.dataDirectory, '--cluster', launch.cluster, '--seed', String(launch.seed)],
    ...pairs('--option', launch.options),
    ...launch.bugs.flatMap((bug) => ['--bug', bug]),
    ...(launch.testHooks ? ['--test-hooks'] : []),
    '--exit-with-stdin',
  ];
}
