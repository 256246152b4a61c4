import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RunSummary } from '../../harness/run-summary.ts';
import { files } from '../../harness/store/layout.ts';
import { parseRunRecord, parseVerdictRecord } from '../../harness/store/run-record.ts';
import { faultline, temporaryStore } from './command-line.ts';

/** Real servers, real faults, through the command line alone. */
const store = temporaryStore();
afterAll(() => store.remove());

const run = (...args: string[]) =>
  faultline(
    ...['run', '--system', 'raft-kv', '--store', store.path, '--rate', '200', '--nemesis', 'partition'],
    ...['--seed', '3', '--stop-on-violation', ...args],
  );

test('a run whose history shows a violation ends long before its time, judged and reported as any other', async () => {
  const { code, stdout, stderr } = await run(
    ...['--workload', 'register', '--bug', 'stale-follower-read', '--time-limit', '90s', '--json'],
  );
  expect(stderr).toBe('');
  expect(code).toBe(1);
  const { dir, verdict, why } = JSON.parse(stdout) as RunSummary;
  expect({ verdict, why }).toEqual({ verdict: 'violation', why: expect.stringMatching(/^not linearizable: /) });
  const record = parseRunRecord(readFileSync(join(dir, files.run), 'utf8'));
  const judged = parseVerdictRecord(readFileSync(join(dir, files.verdict), 'utf8'));
  if (!record.ok || !judged.ok) throw new Error('the records cannot be read');
  const { phases } = record.record;
  expect(phases.map(({ name }) => name)).toEqual(['start', 'ready', 'load', 'stop']);
  expect((phases[3]!.endNs! - phases[0]!.startNs) / 1e9).toBeLessThan(45);
  expect(judged.record.vacuity).toContainEqual({
    name: 'completed',
    ok: false,
    what: expect.stringMatching(/^stopped early: process \d+ did \w+ on key "r\d+": /),
  });
  expect(existsSync(join(dir, files.report))).toBe(true);
});

test('a run without one comes to its end', { retry: 1 }, async () => {
  const { code, stdout } = await run('--workload', 'register', '--time-limit', '6s', '--json');
  expect({ code, verdict: (JSON.parse(stdout) as RunSummary).verdict }).toEqual({ code: 0, verdict: 'pass' });
});

test('a workload that is judged at its end only is refused, and the others are named', async () => {
  const { code, stdout, stderr } = await run('--workload', 'set');
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatch(/--stop-on-violation: workload 'set' .* register, counter, lock can be followed/);
});
