import type { RunRecord, VerdictRecord } from '../../store/run-record.ts';
import type { Band, Mark } from './bands.ts';
import { type Container, pack, unpack } from './container.ts';
import { type ColumnName, type Counts, columnNames, type Operations } from './operations.ts';

/** Everything that a report shows. */
export interface Report {
  readonly title: string;
  /** Absent for a bare history that `faultline check` judged, and when `run.json` cannot be read. */
  readonly run: RunRecord | undefined;
  /** Absent when the run was interrupted before it was judged. */
  readonly verdict: VerdictRecord | undefined;
  /** What could not be read, in words. */
  readonly problems: readonly string[];
  readonly operations: Operations;
  /** Operations in the history; more than `operations.length` when the limit cut it. */
  readonly total: number;
  readonly counts: Counts;
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  readonly endNs: number;
  /** The last lines of each node's log. */
  readonly logs: readonly { readonly node: string; readonly tail: string }[];
}

type Meta = Omit<Report, 'operations' | 'run' | 'verdict'> & {
  readonly run: RunRecord | null;
  readonly verdict: VerdictRecord | null;
  readonly texts: readonly string[];
};

export function packReport({ operations, run, verdict, ...rest }: Report): Uint8Array<ArrayBuffer> {
  const meta: Meta = { ...rest, run: run ?? null, verdict: verdict ?? null, texts: operations.texts };
  return pack({ meta, columns: operations.columns });
}

export function unpackReport(packed: Uint8Array): Report {
  const { meta, columns }: Container<Meta> = unpack<Meta>(packed);
  const { texts, run, verdict, ...rest } = meta;
  for (const name of columnNames) if (columns[name] === undefined) throw new Error(`the report has no column ${name}`);
  const operations: Operations = {
    length: columns.index!.length,
    columns: columns as Readonly<Record<ColumnName, Float64Array>>,
    texts,
  };
  return { ...rest, operations, run: run ?? undefined, verdict: verdict ?? undefined };
}
