import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { faultline, start, temporaryStore } from './command-line.ts';

const folder = temporaryStore();
afterAll(() => folder.remove());

let index = 0;
const line = (process: number, type: string, f: string, value?: unknown): string =>
  `${JSON.stringify({ index, time: index++ * 1000, process, type, f, ...(value === undefined ? {} : { value }) })}\n`;
const write = (value: number): string => line(0, 'invoke', 'write', value) + line(0, 'ok', 'write', value);
const read = (value: number): string => line(1, 'invoke', 'read') + line(1, 'ok', 'read', value);

function file(name: string, content: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

const follow = (path: string, ...args: string[]) => start(['check', '--follow', path, '--model', 'register', ...args]);

test('a violation ends it at once, explained as any check explains it', async () => {
  index = 0;
  const path = file('illegal.jsonl', write(1) + read(1));
  const { ended, child } = follow(path, '--json');
  await pause(1000);
  expect(child.exitCode).toBeNull();
  appendFileSync(path, write(2) + read(1) + write(3));
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const offline = await faultline('check', path, '--model', 'register', '--json');
  const { parseMs: _, checkMs: __, ...same } = JSON.parse(offline.stdout);
  expect(JSON.parse(stdout)).toMatchObject(same);
});

test('Ctrl-C ends it with the verdict so far; a last line that is being written does not count', async () => {
  index = 0;
  const path = file('so-far.jsonl', '');
  const { ended, child, said } = follow(path);
  appendFileSync(path, `${write(1) + line(0, 'invoke', 'write', 2) + read(2)}{"index":`);
  await pause(1500);
  child.kill('SIGINT');
  await said('interrupted: judged as it stands');
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^pass {2}.*so-far\.jsonl {2}3 operations, 1 key, \d+ ms {2}\(following\)\n$/);
});

test('what cannot be followed is left to the checkers, with their verdict and their answers per key', async () => {
  index = 0;
  const unknown = file('unknown.jsonl', write(1) + line(0, 'invoke', 'pop') + line(0, 'ok', 'pop'));
  const refused = await follow(unknown, '--idle', '300ms').ended;
  expect(refused).toMatchObject({ code: 2, stdout: expect.stringContaining('"pop" by process 0') });
  expect(refused.stderr).toContain('followed no further');
  index = 0;
  const perKey = await follow(file('per-key.jsonl', write(1)), '--idle', '300ms', '--json', '--per-key').ended;
  expect(JSON.parse(perKey.stdout)).toMatchObject({ verdict: 'pass', perKey: [{ verdict: 'pass' }] });
});

test('a run is followed until it is over; what only its end can show is judged then', async () => {
  const run = join(folder.path, 'run');
  mkdirSync(run);
  index = 0;
  writeFileSync(join(run, 'history.jsonl'), write(1) + read(1));
  const phases = [{ name: 'stop', startNs: 1, endNs: 2 }];
  const record = {
    ...{ version: 1, faultline: { version: '0' }, system: 's', workload: 'register', nemesis: 'none' },
    ...{ environment: 'local', nodes: ['n1'], concurrency: 1, timeLimitMs: 1, seed: 1, bugs: [], options: {} },
    ...{ startedAt: '2026-01-01T00:00:00.000Z', command: [], phases: [], operations: {}, opsPerSecond: 0 },
    ...{ faults: [], schedule: [] },
  };
  writeFileSync(join(run, 'run.json'), JSON.stringify(record));
  const { ended, child } = start(['check', '--follow', run, '--json']);
  await pause(1500);
  expect(child.exitCode).toBeNull();
  writeFileSync(join(run, 'run.json'), JSON.stringify({ ...record, phases }));
  const { code, stdout } = await ended;
  expect({ code, verdict: JSON.parse(stdout).verdict }).toEqual({ code: 0, verdict: 'pass' });
  writeFileSync(join(run, 'run.json'), JSON.stringify({ ...record, workload: 'set' }));
  const set = await faultline('check', '--follow', run);
  expect(set).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('runs of register, counter, lock can be followed'),
  });
});

test('what cannot be is refused', async () => {
  const path = file('refused.jsonl', '');
  expect(await follow(path, '--format', 'edn').ended).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('JSON lines only'),
  });
  const missing = await follow(join(folder.path, 'none.jsonl')).ended;
  expect(missing).toMatchObject({ code: 64, stderr: expect.stringContaining('there was no such file for 5 s') });
});
