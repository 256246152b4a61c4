import type { RunRecord, VerdictRecord } from '../../harness/store/run-record.ts';

/** A complete, plausible record; tests change what they are about. */
export const sampleRun = (changes: Partial<RunRecord> = {}): RunRecord => ({
  version: 1,
  faultline: { version: '0.1.0', commit: 'abc1234' },
  system: 'raft-kv',
  workload: 'register',
  nemesis: 'partition',
  environment: 'local',
  nodes: ['n1', 'n2', 'n3'],
  concurrency: 6,
  rate: 500,
  timeLimitMs: 20_000,
  seed: 42,
  bugs: [],
  options: { reads: 'lease' },
  startedAt: '2026-11-20T09:36:30.123Z',
  command: ['faultline', 'run', '--system', 'raft-kv', '--workload', 'register', '--seed', '42'],
  phases: [{ name: 'load', startNs: 0, endNs: 20e9 }],
  operations: { load: { read: { ok: 10, failed: 2, unknown: 1 }, write: { ok: 5, failed: 0, unknown: 3 } } },
  opsPerSecond: 480.5,
  faults: [],
  schedule: [],
  ...changes,
});

export const sampleVerdict = (changes: Partial<VerdictRecord> = {}): VerdictRecord => ({
  version: 1,
  verdict: 'pass',
  why: '',
  findings: [],
  vacuity: [],
  checkMs: 12,
  ...changes,
});
