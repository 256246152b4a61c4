import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { faultline, temporaryStore } from './command-line.ts';

const store = temporaryStore();
afterAll(() => store.remove());
const runs = join(store.path, 'runs');
const run = (...args: string[]) => [
  'run',
  '--store',
  runs,
  '--system',
  'raft-kv',
  '--workload',
  'register',
  '--time-limit',
  '1s',
  ...args,
];

function file(name: string, content: string): string {
  const path = join(store.path, name);
  writeFileSync(path, content);
  return path;
}

/** One line on standard error, nothing on standard output, exit 64, and no run in the store. */
async function refused(args: readonly string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await faultline(...args);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  const left = readdirSync(store.path, { recursive: true, encoding: 'utf8' });
  expect(left.filter((path) => path.endsWith('history.jsonl') && path.startsWith('runs'))).toEqual([]);
}

describe('what cannot be is refused before anything starts', () => {
  test.each([
    [['run', '--system', 'raftkv', '--workload', 'register'], /unknown system 'raftkv': did you mean 'raft-kv'/],
    [['run', '--system', 'raft-kv', '--workload', 'registr'], /unknown workload 'registr': did you mean 'register'/],
    [run('--nemesis', 'partitoin'), /unknown fault 'partitoin': did you mean 'partition'/],
    [run('--nodes', '0'), /--nodes: 0 must be a whole number from 1 to 9/],
    [run('--nodes', 'three'), /--nodes: this must be a number/],
    [run('--nods', '3'), /nods/],
    [run('--option', 'reads'), /--option: 'reads' must be written NAME=VALUE/],
    [run('--time-limit', '5 parsecs'), /--time-limit: '5 parsecs' is no duration/],
    [run('--bug', 'stale'), /unknown bug 'stale'.*known: /],
    [['campain'], /campaign/],
    [['campaign', 'no-such-file.yaml'], /campaign file no-such-file.yaml: /],
    [['check', 'no-such-history.jsonl'], /cannot read 'no-such-history.jsonl'/],
    [['report', 'no-such-run'], /no run at 'no-such-run'/],
    [[], /which command/],
  ])('faultline %j', (args, message) => refused(args, message));

  test('a campaign file, by file, line and field', async () => {
    const path = file('campaign.yaml', 'systems: raft-kv\nworkloads:\n  - register\nnemesis: partition\n');
    await refused(['campaign', path, '--store', runs], /campaign\.yaml:4: field 'nemesis'.*nemeses/);
  });

  test('a port in use, by number', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await refused(run('--base-port', String(port)), new RegExp(`port ${port}`));
    server.close();
  });

  test('a store that cannot be written', async () => {
    const blocked = file('a-file', '');
    await refused([...run(), '--store', join(blocked, 'store')], /--store: cannot write to/);
    const locked = join(store.path, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    if (process.getuid?.() !== 0) await refused([...run(), '--store', locked], /--store: cannot write to/);
  });
});

describe('a malformed history is refused by line', () => {
  const invoke = '{"index":0,"time":1,"process":0,"type":"invoke","f":"read","key":"x"}';
  const check = (name: string, content: string, message: RegExp) =>
    refused(['check', file(name, content), '--model', 'kv'], message);

  test('a line that is no JSON', () =>
    check('broken.jsonl', `${invoke}\n{"index":1,"ti\n${invoke}\n`, /broken\.jsonl:2: /));
  test('a completion that has no invocation', () =>
    check('orphan.jsonl', `${invoke.replace('invoke', 'ok')}\n`, /orphan\.jsonl:1: .*invo/));
  test('a second invocation while one is open', () =>
    check('twice.jsonl', `${invoke}\n${invoke}\n`, /twice\.jsonl:2: /));
  test('an unknown type', () =>
    check('type.jsonl', `${invoke.replace('invoke', 'maybe')}\n`, /type\.jsonl:1: .*maybe/));
  test('no model and no run beside it', () => refused(['check', file('alone.jsonl', `${invoke}\n`)], /which --model/));
  test('an unknown model', () =>
    refused(
      ['check', file('m.jsonl', `${invoke}\n`), '--model', 'registre'],
      /unknown model 'registre': did you mean 'register'/,
    ));
});

test('a history cut short in its last line is what a killed harness leaves: judged, with a warning', async () => {
  const path = file(
    'cut.jsonl',
    '{"index":0,"time":1,"process":0,"type":"invoke","f":"write","key":"x","value":1}\n{"index":1,"time":2,"proc',
  );
  const { code, stdout, stderr } = await faultline('check', path, '--model', 'kv', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', operations: 1 });
  expect(stderr).toMatch(/cut\.jsonl:2: warning/);
  expect(code).toBe(0);
});
