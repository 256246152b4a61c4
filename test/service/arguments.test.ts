import { expect, test } from 'vitest';
import { systems } from '../../system-under-test/catalogue.ts';
import { parseArguments } from '../../system-under-test/service/arguments.ts';
import type { NodeLaunch } from '../../system-under-test/system.ts';

const launch: NodeLaunch = {
  id: 'n1',
  members: ['n1', 'n2'],
  peers: { n2: '127.0.0.1:4001' },
  host: '127.0.0.1',
  clientPort: 0,
  peerPort: 4000,
  dataDirectory: '/data=x',
  cluster: 'run-1',
  seed: 7,
  options: { reads: 'lease', 'election-ms': '400' },
  bugs: ['stale-follower-read', 'ack-before-fsync'],
  testHooks: true,
};

test('what the catalogue writes, the process reads', () => {
  const [, ...argv] = systems['raft-kv']!.command(launch);
  const { options, exitWithStdin, ...rest } = parseArguments(argv);
  const { options: _, ...expected } = launch;
  expect(rest).toEqual(expected);
  expect(exitWithStdin).toBe(true);
  expect(options.raft).toMatchObject({ reads: 'lease', electionTimeoutMinMs: 400, heartbeatMs: 50 });
});

const sound = '--id n1 --members n1,n2 --peer n2=127.0.0.1:1 --data d --cluster c';

test.each([
  ['', '--id is missing'],
  ['--id n1', '--members is missing'],
  ['--id n3 --members n1,n2 --data d --cluster c', '--id n3 is none of --members n1,n2'],
  ['--id n1 --members n1,n1 --data d --cluster c', 'distinct names'],
  ['--id n1 --members n1,n2 --data d --cluster c', '--peer is missing for n2'],
  [`${sound} --peer n3=127.0.0.1:1`, '--peer n3 is none of --members'],
  [`${sound} --peer n2=127.0.0.1:2`, '--peer n2 is given twice'],
  ['--id n1 --members n1,n2 --peer n2=nowhere --data d --cluster c', 'an address is host:port'],
  [`${sound} --client-port 70000`, '--client-port must be at most 65535'],
  [`${sound} --seed x`, '--seed must be a whole number'],
  [`${sound} --option reads`, '--option takes NAME=VALUE'],
  [`${sound} --option reads=dirty`, 'reads must be one of read-index, lease'],
  [`${sound} --option speed=9`, 'there is no option "speed"'],
  [`${sound} --option election-ms=60`, 'at least twice heartbeat-ms'],
  [`${sound} --option snapshot-entries=0`, 'snapshot-entries must be a whole number of at least 1'],
  [`${sound} --bug heisenbug`, 'there is no bug "heisenbug"'],
  [`${sound} --verbose`, '--verbose'],
])('"%s" is refused: %s', (line, why) => {
  const argv = line === '' ? [] : line.split(' ');
  expect(() => parseArguments(argv)).toThrow(why);
  expect(() => parseArguments(argv)).toThrow('usage: node');
});
