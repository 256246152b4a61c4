import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type CampaignRow, campaignTable, runSummary, verdictLine, wantsColour } from '../../harness/report/text.ts';
import { sampleRun, sampleVerdict } from '../store/sample-run.ts';

const run = sampleRun({
  bugs: ['stale-read'],
  faults: [
    {
      name: 'partition',
      injections: 2,
      proven: 1,
      evidence: [
        { atNs: 2.5e9, target: 'n1', what: 'the link is silent', proven: true, measured: 'no answer within 300 ms' },
        {
          atNs: 6.5e9,
          target: 'n1',
          what: 'the link still carries bytes',
          proven: false,
          measured: 'answered in 2 ms',
        },
      ],
    },
  ],
});

describe('the summary of a run', () => {
  test('reads like this', () => {
    const verdict = sampleVerdict({
      verdict: 'undecided',
      why: 'a fault was not proven',
      findings: [
        { checker: 'linearizable kv', verdict: 'pass', why: '', operations: [] },
        { checker: 'lost writes', verdict: 'undecided', why: 'no final read succeeded', operations: [] },
      ],
      vacuity: [
        { name: 'faults took hold', ok: false, what: '1 of 2 partitions was proven' },
        { name: 'a leader changed', ok: true, what: '3 changes' },
      ],
    });
    expect(runSummary({ run, verdict, reportPath: 'store/latest/report.html' })).toBe(`undecided: a fault was not proven
  lost writes: undecided: no final read succeeded

raft-kv · register · partition · local · 3 nodes · seed 42 · bug stale-read

operation  ok  failed  unknown
read       10       2        1
write       5       0        3
21 operations, 481 per second under load

partition: 2 injections, 1 proven
  6.5 s  the link still carries bytes (not proven)
  2.5 s  the link is silent (proven)

not exercised  faults took hold: 1 of 2 partitions was proven

report  store/latest/report.html
repeat  faultline run --system raft-kv --workload register --seed 42
`);
  });

  test('colour changes nothing but the colour', () => {
    const parts = { run, verdict: sampleVerdict() };
    const coloured = runSummary(parts, { colour: true });
    expect(coloured).not.toBe(runSummary(parts));
    expect(stripVTControlCharacters(coloured)).toBe(runSummary(parts));
  });

  test('a run without a verdict was interrupted', () => {
    expect(runSummary({ run })).toMatch(/^interrupted: /);
  });

  test('what a system answered cannot move the cursor', () => {
    expect(verdictLine(sampleVerdict({ verdict: 'violation', why: 'read \u001b[2J\n  and more' }))).toBe(
      'violation: read �[2J and more',
    );
  });
});

describe('the table of a campaign', () => {
  const row: CampaignRow = {
    system: 'raft-kv',
    workload: 'register',
    nemesis: 'partition',
    environment: 'local',
    seed: 42,
    verdict: 'pass',
    why: '',
    operations: 12_345,
    faultsProven: 4,
    faultsInjected: 4,
    bugs: [],
  };

  test('has a line for each run and a tally, gravest first', () => {
    const rows: CampaignRow[] = [
      row,
      { ...row, verdict: 'violation', why: 'stale read', bugs: ['stale-read'], seed: 7 },
      { ...row, verdict: 'error', why: 'n1 did not\nstart', operations: 0, faultsInjected: 0, faultsProven: 0 },
    ];
    expect(
      campaignTable(rows),
    ).toBe(`verdict    system                   workload  nemesis    environment  seed  operations  proven  why
pass       raft-kv                  register  partition  local          42      12,345     4/4
violation  raft-kv with stale-read  register  partition  local           7      12,345     4/4  stale read
error      raft-kv                  register  partition  local          42           0     0/0  n1 did not start

3 runs: 1 violation, 1 error, 1 pass
`);
    expect(stripVTControlCharacters(campaignTable(rows, { colour: true }))).toBe(campaignTable(rows));
  });
});

describe('colour', () => {
  const terminal = { isTTY: true } as NodeJS.WriteStream;
  const pipe = { isTTY: false } as NodeJS.WriteStream;
  test.each([
    ['a terminal', terminal, {}, true],
    ['a pipe', pipe, {}, false],
    ['a terminal under NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['a terminal under an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, false],
    ['a pipe under FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, true],
    ['both', terminal, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('%s', (_, stream, environment, wanted) => {
    expect(wantsColour(stream, environment)).toBe(wanted);
  });
});
