import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { judge } from '../../checkers/checker.ts';
import type { HistoryEvent } from '../../checkers/history/operation.ts';
import { historyOf } from '../../checkers/history/pairing.ts';
import { linearizable } from '../../checkers/linearizability/checker.ts';
import { createRunDirectory, files, writeRunRecord, writeVerdictRecord } from '../../harness/store/layout.ts';
import type { FaultRecord, RunRecord, VerdictRecord } from '../../harness/store/run-record.ts';
import { findingRecord } from '../../harness/store/run-record.ts';
import { sampleRun, sampleVerdict } from '../store/sample-run.ts';
import { type Sample, type SampleOptions, sampleHistory } from './sample-history.ts';

export interface SampleRunOptions extends SampleOptions {
  readonly run?: Partial<RunRecord>;
  /** Written instead of the verdict that fits the history; `null` leaves the run without one. */
  readonly verdict?: VerdictRecord | null;
}

/** Writes a whole run directory, as the run loop would, and returns its path. */
export async function writeSampleRun(store: string, options: SampleRunOptions): Promise<string> {
  const sample = sampleHistory(options);
  const run = runOf(sample, options);
  const directory = await createRunDirectory(store, { ...run, startedAt: new Date(run.startedAt) });
  await writeRunRecord(directory, run);
  await writeFile(join(directory, files.history), sample.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const verdict = options.verdict === undefined ? verdictOf(sample) : options.verdict;
  if (verdict !== null) await writeVerdictRecord(directory, verdict);
  for (const node of run.nodes) {
    await writeFile(join(directory, files.nodeLog(node)), `${node} started\n${node} became follower in term 2\n`);
  }
  return directory;
}

function runOf({ events }: Sample, { seed, workers = 10, run }: SampleRunOptions): RunRecord {
  const endNs = events.at(-1)?.time ?? 0;
  const counts: RunRecord['operations'][string] = {};
  for (const event of events) {
    if (typeof event.process !== 'number' || event.type === 'invoke') continue;
    counts[event.f] ??= { ok: 0, failed: 0, unknown: 0 };
    counts[event.f]![event.type === 'ok' ? 'ok' : event.type === 'fail' ? 'failed' : 'unknown']++;
  }
  return sampleRun({
    seed,
    nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
    concurrency: workers,
    nemesis: 'partition,kill,clock',
    command: ['faultline', 'run', '--system', 'raft-kv', '--workload', 'register', '--seed', String(seed)],
    phases: [{ name: 'load', startNs: 0, endNs }],
    operations: { load: counts },
    opsPerSecond: events.length / 2 / (endNs / 1e9),
    faults: faultsOf(events),
    schedule: events
      .filter((event) => event.process === 'nemesis' && !hasEvidence(event))
      .map((event) => ({
        atNs: event.time,
        fault: event.f.replace(/-.*/, ''),
        action: event.f.endsWith('start') ? ('inject' as const) : ('heal' as const),
        target: targetOf(event),
      })),
    loopLag: { p50Ms: 0.4, p99Ms: 3.2, maxMs: 18 },
    clocks: [
      { atNs: 1e9, node: 'n1', wallOffsetMs: 0.1, uncertaintyMs: 0.2 },
      { atNs: 2e9, node: 'n1', wallOffsetMs: 812.5, uncertaintyMs: 0.3 },
    ],
    ...run,
  });
}

const targetOf = ({ value }: HistoryEvent): unknown => (value as { target: unknown }).target;

/** Of the two notes at each end of a fault, the one that says it is done. */
const hasEvidence = ({ value }: HistoryEvent): boolean => JSON.stringify(value ?? null).includes('evidence');

function faultsOf(events: Sample['events']): FaultRecord[] {
  return ['partition', 'kill', 'clock'].map((name) => {
    const starts = events.filter((event) => event.f === `${name}-start` && hasEvidence(event));
    const evidence = starts.map((event, i) => ({
      atNs: event.time,
      target: targetOf(event),
      what:
        name === 'partition' ? 'n1 -> n2 is cut' : name === 'kill' ? 'the process is gone' : 'wall clock moved 800 ms',
      proven: name !== 'clock' || i > 0,
      measured: name === 'partition' ? 'no answer within 300 ms' : name === 'kill' ? 'pid gone' : 'offset 12 ms ± 1 ms',
    }));
    return { name, injections: starts.length, proven: evidence.filter(({ proven }) => proven).length, evidence };
  });
}

/** What the real checker says of it, so that the page is tested against what it will be given. */
function verdictOf({ events }: Sample): VerdictRecord {
  const limits = { timeMs: 20_000, memoryBytes: 1e9, now: () => performance.now() };
  const findings = judge([linearizable('kv')], historyOf(events), limits).map(findingRecord);
  const vacuity = [
    { name: 'operations succeeded during faults', ok: true, what: '412 operations succeeded while a fault was active' },
    { name: 'a leader changed', ok: true, what: '3 changes of leader' },
  ];
  const { verdict, why } = findings[0]!;
  const availability = { checker: 'availability', verdict: 'pass' as const, why: '', operations: [] };
  return sampleVerdict({ verdict, why, findings: [...findings, availability], vacuity });
}
