import type { FaultRecord, RunRecord, VerdictRecord } from './store/run-record.ts';

/** What `run --json` prints, and `campaign --json` once per run (DESIGN 6). */
export interface RunSummary {
  readonly dir: string;
  readonly report: string;
  readonly verdict: VerdictRecord['verdict'];
  readonly why: string;
  readonly system: string;
  readonly workload: string;
  readonly nemesis: string;
  readonly seed: number;
  readonly operations: RunRecord['operations'];
  readonly faults: readonly FaultRecord[];
  readonly opsPerSecond: number;
}

export const summarise = (dir: string, report: string, run: RunRecord, verdict: VerdictRecord): RunSummary => ({
  dir,
  report,
  verdict: verdict.verdict,
  why: verdict.why,
  system: run.system,
  workload: run.workload,
  nemesis: run.nemesis,
  seed: run.seed,
  operations: run.operations,
  faults: run.faults,
  opsPerSecond: run.opsPerSecond,
});
