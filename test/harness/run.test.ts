import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readLive } from '../../harness/environments/local/live-register.ts';
import type { RunSummary } from '../../harness/run-summary.ts';
import { faultline, isAlive, start, temporaryStore } from './command-line.ts';

/** Real servers, real faults, through the command line alone. */
const store = temporaryStore();
afterAll(() => store.remove());

const run = (...args: string[]) => ['run', '--system', 'raft-kv', '--store', store.path, '--rate', '200', ...args];
const summaryOf = (stdout: string) => JSON.parse(stdout) as RunSummary;
const live = () => readLive(join(store.path, '.live')).flatMap((file) => (file.kind === 'run' ? [file.run] : []));

describe('a run', () => {
  // A machine too busy to show its faults makes an honest run undecided: one more try.
  test('passes on the correct build, is found in the store, and is judged again from its file', {
    retry: 1,
  }, async () => {
    const args = run('--workload', 'set', '--nemesis', 'kill', '--time-limit', '6s', '--seed', '11', '--json');
    const { code, stdout, stderr } = await faultline(...args);
    expect(stderr).toBe('');
    const summary = summaryOf(stdout);
    expect(summary).toMatchObject({ verdict: 'pass', system: 'raft-kv', workload: 'set', nemesis: 'kill', seed: 11 });
    expect(code).toBe(0);
    expect(summary.faults).toMatchObject([{ name: 'kill' }]);
    expect(summary.faults[0]!.proven).toBeGreaterThan(0);
    for (const file of ['run.json', 'history.jsonl', 'verdict.json', 'report.html', 'n1.log']) {
      expect(existsSync(join(summary.dir, file)), file).toBe(true);
    }
    const again = await faultline('check', summary.dir, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ verdict: 'pass' });
    expect(again.code).toBe(0);
    const runs = await faultline('runs', '--store', store.path, '--json');
    expect(JSON.parse(runs.stdout)[0]).toMatchObject({ directory: summary.dir, verdict: 'pass' });
    expect(live()).toEqual([]);
  });

  test('with a planted bug is a violation, in two runs with one seed at the same time', async () => {
    const args = run(
      '--workload',
      'register',
      '--nemesis',
      'partition',
      '--bug',
      'stale-follower-read',
      '--time-limit',
      '8s',
      '--seed',
      '3',
      '--json',
    );
    const both = await Promise.all([faultline(...args), faultline(...args)]);
    const summaries = both.map(({ stdout }) => summaryOf(stdout));
    expect(both.map(({ code }) => code)).toEqual([1, 1]);
    expect(summaries[0]!.dir).not.toBe(summaries[1]!.dir);
    expect(summaries[0]!.why).toMatch(/^not linearizable: no order explains /);
    const again = await faultline('check', join(summaries[0]!.dir, 'history.jsonl'), '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ verdict: 'violation' });
    expect(again.code).toBe(1);
  });
});

describe('a harness that ends before its time', () => {
  const args = run('--workload', 'register', '--nemesis', 'pause', '--time-limit', '60s');

  test('killed with -9: no process stays, the history is judged, and there is nothing to clean', async () => {
    const { child, ended, said } = start(args);
    await said('load ');
    await new Promise((resolve) => setTimeout(resolve, 2500)); // into the first pause: stopped processes end too
    const [before] = live();
    const pids = [...before!.processes.map(({ pid }) => pid), before!.keeper.pid];
    expect(pids.filter(isAlive).length).toBeGreaterThanOrEqual(6);
    child.kill('SIGKILL');
    const { stderr } = await ended;
    for (let waited = 0; pids.some(isAlive) && waited < 5000; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pids.filter(isAlive)).toEqual([]);
    const directory = /, (\/.*)/.exec(stderr)![1]!;
    const checked = await faultline('check', directory, '--json');
    expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: 'pass' });
    expect(JSON.parse(checked.stdout).operations).toBeGreaterThan(100);
    const cleaned = await faultline('clean', '--store', store.path);
    expect(cleaned).toMatchObject({ code: 0, stdout: 'nothing to clean\n' });
    expect(before!.dataDirectory !== null && existsSync(before!.dataDirectory)).toBe(false);
    const report = await faultline('report', directory);
    expect(report.code).toBe(0);
  });

  test('interrupted: ends within five seconds, undecided, with a partial report', async () => {
    const { child, ended, said } = start(args);
    await said('load ');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const pids = live().flatMap(({ processes }) => processes.map(({ pid }) => pid));
    const asked = performance.now();
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(code).toBe(2);
    expect(stdout).toContain('the run was interrupted (stopped by SIGINT)');
    const report = /report {2}(\/.*)/.exec(stdout)![1]!;
    expect(readFileSync(report, 'utf8')).toContain('interrupted');
    expect(pids.filter(isAlive)).toEqual([]);
    expect(live()).toEqual([]);
  });
});
