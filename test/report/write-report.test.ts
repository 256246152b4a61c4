import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../checkers/history/operation.ts';
import { historyOf } from '../../checkers/history/pairing.ts';
import { collect, rowOf } from '../../harness/report/data/operations.ts';
import { type Report, unpackReport } from '../../harness/report/data/report.ts';
import { readRunFiles } from '../../harness/report/run-files.ts';
import { writeHistoryReport, writeReport } from '../../harness/report/write-report.ts';
import { files } from '../../harness/store/layout.ts';
import { sampleVerdict } from '../store/sample-run.ts';
import { sampleHistory } from './sample-history.ts';
import { writeSampleRun } from './sample-store.ts';

let store: string;
beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), 'faultline-report-'));
});
afterEach(() => rm(store, { recursive: true, force: true }));

function embedded(page: string): Report {
  const data = /<script type="application\/octet-stream" id="data">([A-Za-z0-9+/=]*)<\/script>/.exec(page)?.[1];
  if (data === undefined) throw new Error('the page holds no data');
  return unpackReport(inflateRawSync(Buffer.from(data, 'base64')));
}

describe('report.html', () => {
  test('holds the whole run, and gives it back', async () => {
    const options = { operations: 3000, seed: 11, staleRead: true };
    const run = await writeSampleRun(store, options);
    const path = await writeReport(run);
    expect(path).toBe(join(run, files.report));
    const report = embedded(await readFile(path, 'utf8'));
    const { operations } = collect(sampleHistory(options).events);
    expect(report.operations).toEqual(operations);
    expect(report.total).toBe(3000);
    expect(report.verdict?.verdict).toBe('violation');
    expect(report.run).toEqual(JSON.parse(await readFile(join(run, files.run), 'utf8')));
    expect(report.logs.map((log) => log.node)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    expect(report.bands.length).toBeGreaterThan(0);
    expect(report.problems).toEqual([]);
  });

  test('asks for nothing from outside', async () => {
    const page = await readFile(await writeReport(await writeSampleRun(store, { operations: 20, seed: 1 })), 'utf8');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<(link|img|iframe|script[^>]* src)/);
    expect(page).not.toMatch(/url\(/);
  });

  test('no value of a history, a verdict or a name becomes markup', async () => {
    const evil = '</script><script>alert(1)</script><!--"\'&';
    const verdict = sampleVerdict({ verdict: 'violation', why: evil, findings: [] });
    const run = await writeSampleRun(store, { operations: 1, seed: 1, verdict, run: { system: evil } });
    const event: HistoryEvent = {
      index: 2,
      time: 1e9,
      process: 99,
      type: 'invoke',
      f: evil,
      key: evil,
      value: { a: evil },
    };
    await appendFile(join(run, files.history), `${JSON.stringify(event)}\n`);
    const page = await readFile(await writeReport(run), 'utf8');
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page).not.toContain('alert(1)</script>');
    expect(page).not.toContain('<!--');
    const report = embedded(page);
    expect(report.title).toContain(evil);
    expect(rowOf(report.operations, 1)).toMatchObject({ f: evil, key: evil });
  });

  test('an operation may have the name of something built in', async () => {
    const run = await writeSampleRun(store, { operations: 1, seed: 1 });
    const event: HistoryEvent = {
      index: 2,
      time: 5,
      process: 99,
      type: 'invoke',
      f: 'constructor',
      phase: '__proto__',
    };
    await appendFile(join(run, files.history), `${JSON.stringify(event)}\n`);
    const report = await readRunFiles(run);
    expect(Object.entries(report.counts)).toContainEqual([
      '__proto__',
      { constructor: { ok: 0, failed: 0, unknown: 1 } },
    ]);
  });
});

describe('a run that was cut short', () => {
  test('has a report without a verdict, and tells of the torn last line', async () => {
    const run = await writeSampleRun(store, { operations: 50, seed: 2, verdict: null });
    const history = join(run, files.history);
    await truncate(history, (await readFile(history)).length - 20);
    const report = embedded(await readFile(await writeReport(run), 'utf8'));
    expect(report.verdict).toBeUndefined();
    expect(report.problems).toEqual(['the last line of history.jsonl is cut short']);
    expect(report.total).toBe(50);
  });

  test('has a report even when nothing but its directory is there', async () => {
    const report = embedded(await readFile(await writeReport(store), 'utf8'));
    expect(report.run).toBeUndefined();
    expect(report.operations.length).toBe(0);
    expect(report.problems.join()).toMatch(/history\.jsonl cannot be read: ENOENT/);
  });

  test('names the file that cannot be understood', async () => {
    const run = await writeSampleRun(store, { operations: 5, seed: 2 });
    await writeFile(join(run, files.verdict), '{"version":1}');
    await writeFile(join(run, files.history), 'not json\n{"index":0}\n');
    const { problems } = await readRunFiles(run);
    expect(problems[0]).toMatch(/^verdict\.json cannot be read/);
    expect(problems[1]).toBe('2 lines of history.jsonl are no events, the first of them line 1');
  });
});

test('a bare history has the same page', async () => {
  const to = join(store, 'report.html');
  const history = historyOf(sampleHistory({ operations: 40, seed: 3 }).events);
  await writeHistoryReport({ history, title: 'etcd_003.log', verdict: sampleVerdict(), to });
  const report = embedded(await readFile(to, 'utf8'));
  expect(report).toMatchObject({ title: 'etcd_003.log', run: undefined, total: 40 });
});

test('two processes that both find no bundle build it without getting in each other’s way', async () => {
  const cache = join(store, 'cache');
  const script = join(import.meta.dirname, 'bundle-builder.ts');
  const builders = [1, 2].map(() =>
    spawn(process.execPath, [script, cache], { stdio: ['ignore', 'inherit', 'inherit'] }),
  );
  const codes = await Promise.all(builders.map(async (builder) => (await once(builder, 'exit'))[0]));
  expect(codes).toEqual([0, 0]);
  expect((await readdir(cache)).map((name) => name.replace(/^[0-9a-f]{16}/, 'digest'))).toEqual(['digest.json']);
});
