import { join } from 'node:path';
import type { History } from '../../checkers/history/history.ts';
import { writeFileAtomic } from '../store/atomic-file.ts';
import { files } from '../store/layout.ts';
import type { VerdictRecord } from '../store/run-record.ts';
import { loadBundle } from './bundle.ts';
import { html } from './html.ts';
import { readRunFiles, reportOfHistory } from './run-files.ts';

/**
 * Makes `report.html` from `run.json`, `history.jsonl` and `verdict.json` alone, so that it can be made again at any
 * later time, and of a run that was interrupted. Resolves to the path of the report.
 */
export async function writeReport(runDirectory: string): Promise<string> {
  const [report, bundle] = await Promise.all([readRunFiles(runDirectory), loadBundle()]);
  const path = join(runDirectory, files.report);
  await writeFileAtomic(path, html(report, bundle));
  return path;
}

export interface HistoryReport {
  readonly history: History;
  /** What the page is called: the history's file name. */
  readonly title: string;
  readonly verdict: VerdictRecord;
  /** The file to write. */
  readonly to: string;
}

/** The same page for a history from elsewhere. */
export async function writeHistoryReport({ history, title, verdict, to }: HistoryReport): Promise<void> {
  await writeFileAtomic(to, html(reportOfHistory(history, title, verdict), await loadBundle()));
}
