import { styleText } from 'node:util';
import { totalOf } from '../store/run-index.ts';
import type { FaultRecord, OutcomeCounts, RunRecord, VerdictRecord } from '../store/run-record.ts';
import { paragraphsOf } from './data/explanation.ts';
import { count, counted, shellCommand } from './data/words.ts';

/** What a terminal shows of a run or a campaign. Plain text; colour only where the caller found it welcome. */
export interface TextOptions {
  readonly colour?: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** A terminal that wants colour: one that is a terminal, under NO_COLOR, FORCE_COLOR and NODE_DISABLE_COLORS. */
export function wantsColour(stream: NodeJS.WriteStream, environment = process.env): boolean {
  const set = (name: string): boolean => (environment[name] ?? '') !== '';
  if (set('NO_COLOR') || set('NODE_DISABLE_COLORS')) return false;
  if (set('FORCE_COLOR')) return environment.FORCE_COLOR !== '0';
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

/** The verdict and its reason in one line: `violation: key x: read 3 after 4 had been read`. */
export function verdictLine(verdict: VerdictRecord | undefined): string {
  if (verdict === undefined) return 'interrupted: the run ended before it was judged';
  return verdict.why === '' ? verdict.verdict : `${verdict.verdict}: ${oneLine(verdict.why)}`;
}

export interface SummaryParts {
  readonly run: RunRecord;
  readonly verdict?: VerdictRecord | undefined;
  /** Where the report was written, if it was. */
  readonly reportPath?: string | undefined;
}

/** The end of a run on a terminal: the verdict first, the command that repeats it last. */
export function runSummary({ run, verdict, reportPath }: SummaryParts, { colour = false }: TextOptions = {}): string {
  const paint = painter(colour);
  const total = totalOf(run);
  const lines = [
    paint(['bold', verdictStyle(verdict?.verdict)], verdictLine(verdict)),
    ...findingLines(verdict),
    '',
    `${run.system} · ${run.workload} · ${run.nemesis} · ${run.environment} · ${counted(run.nodes.length, 'node')} · seed ${run.seed}` +
      (run.bugs.length === 0 ? '' : ` · bug ${run.bugs.join(', ')}`),
    '',
    ...operationsTable(run, paint),
    `${count(total.ok + total.failed + total.unknown)} operations, ${count(Math.round(run.opsPerSecond))} per second under load`,
    '',
    ...(run.faults.length === 0
      ? ['no faults were injected']
      : run.faults.flatMap((fault) => faultLines(fault, paint))),
    ...vacuityLines(verdict, paint),
    '',
    ...(reportPath === undefined ? [] : [`report  ${reportPath}`]),
    `repeat  ${shellCommand(run.command)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines(verdict: VerdictRecord | undefined): string[] {
  const notable = (verdict?.findings ?? []).filter((finding) => finding.verdict !== 'pass');
  return notable.flatMap((finding) => [
    `  ${finding.checker}: ${finding.verdict}: ${oneLine(finding.why)}`,
    ...paragraphsOf(finding.details)
      .slice(0, 1)
      .map((paragraph) => `    ${oneLine(paragraph)}`),
  ]);
}

function operationsTable(run: RunRecord, paint: Paint): string[] {
  const byKind = new Map<string, OutcomeCounts>();
  for (const kinds of Object.values(run.operations)) {
    for (const [f, counts] of Object.entries(kinds)) {
      const sum = byKind.get(f) ?? { ok: 0, failed: 0, unknown: 0 };
      byKind.set(f, {
        ok: sum.ok + counts.ok,
        failed: sum.failed + counts.failed,
        unknown: sum.unknown + counts.unknown,
      });
    }
  }
  const rows = [...byKind].map(([f, { ok, failed, unknown }]) => [f, count(ok), count(failed), count(unknown)]);
  return table({ header: ['operation', 'ok', 'failed', 'unknown'], rows, numeric: [1, 2, 3] }, paint);
}

/** Enough to see what was measured; the report has all of it. */
const evidenceLinesMax = 3;

function faultLines(fault: FaultRecord, paint: Paint): string[] {
  const { name, injections, proven, unmeasurable = 0 } = fault;
  const style = proven > 0 && proven + unmeasurable === injections ? 'green' : 'yellow';
  const rest = unmeasurable === 0 ? '' : `, ${unmeasurable} unmeasurable`;
  const head = `${name}: ${counted(injections, 'injection')}, ${paint(style, `${proven} proven`)}${rest}`;
  // What could not be proven is what a reader must hear of first.
  const evidence = [...fault.evidence].sort((a, b) => Number(a.proven) - Number(b.proven));
  const shown = evidence.slice(0, evidenceLinesMax).map(({ atNs, what, proven }) => {
    const sign = proven ? paint('green', 'proven') : paint('yellow', 'not proven');
    return `  ${(atNs / 1e9).toFixed(1)} s  ${oneLine(what)} (${sign})`;
  });
  const more = evidence.length - shown.length;
  return [head, ...shown, ...(more > 0 ? [`  and ${counted(more, 'more measurement')}`] : [])];
}

function vacuityLines(verdict: VerdictRecord | undefined, paint: Paint): string[] {
  const missing = (verdict?.vacuity ?? []).filter((check) => !check.ok);
  if (missing.length === 0) return [];
  return ['', ...missing.map(({ name, what }) => `${paint('yellow', 'not exercised')}  ${name}: ${what}`)];
}

/** One run of a campaign; `verdict` is `error` when the harness or the environment failed. */
export interface CampaignRow {
  readonly system: string;
  readonly workload: string;
  readonly nemesis: string;
  readonly environment: string;
  readonly seed: number;
  readonly verdict: VerdictRecord['verdict'] | 'error';
  readonly why: string;
  readonly operations: number;
  readonly faultsProven: number;
  readonly faultsInjected: number;
  readonly bugs: readonly string[];
}

export function campaignTable(runs: readonly CampaignRow[], { colour = false }: TextOptions = {}): string {
  const paint = painter(colour);
  const rows = runs.map((run) => [
    run.verdict,
    run.bugs.length === 0 ? run.system : `${run.system} with ${run.bugs.join(', ')}`,
    run.workload,
    run.nemesis,
    run.environment,
    String(run.seed),
    count(run.operations),
    `${run.faultsProven}/${run.faultsInjected}`,
    run.why,
  ]);
  const header = ['verdict', 'system', 'workload', 'nemesis', 'environment', 'seed', 'operations', 'proven', 'why'];
  const lines = table({ header, rows, numeric: [5, 6, 7], styleOf: (row) => verdictStyle(runs[row]!.verdict) }, paint);
  const kinds = ['violation', 'error', 'undecided', 'pass'] as const;
  const tally = kinds
    .map((kind) => ({ kind, number: runs.filter((run) => run.verdict === kind).length }))
    .filter(({ number }) => number > 0)
    .map(({ kind, number }) => paint(verdictStyle(kind), `${number} ${kind}`));
  return `${[...lines, '', `${counted(runs.length, 'run')}: ${tally.join(', ')}`].join('\n')}\n`;
}

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that are set flush right. */
  readonly numeric: readonly number[];
  /** The style of a row's first cell. */
  readonly styleOf?: (row: number) => Style;
}

/** Columns two blanks apart, as wide as their widest cell; no line ends in blanks. */
function table({ header, rows, numeric, styleOf }: Table, paint: Paint): string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  const pad = (text: string, column: number): string =>
    numeric.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  const line = (row: readonly string[]): string => row.map(pad).join('  ').trimEnd();
  return [
    paint('dim', line(header)),
    ...cells.map((row, i) => {
      const first = row[0] ?? '';
      const text = line(row);
      return styleOf === undefined ? text : paint(styleOf(i), first) + text.slice(first.length);
    }),
  ];
}

/** A reason may span lines, or hold whatever a system answered; a line of a terminal may not. */
const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/\p{Cc}/gu, '�');

function verdictStyle(verdict: CampaignRow['verdict'] | undefined): 'green' | 'red' | 'yellow' | 'magenta' {
  switch (verdict) {
    case 'pass':
      return 'green';
    case 'violation':
      return 'red';
    case 'error':
      return 'magenta';
    case 'undecided':
    case undefined:
      return 'yellow';
    default:
      return verdict satisfies never;
  }
}

type Paint = (style: Style, text: string) => string;

/** Whether colour is welcome was decided by the caller, so the stream is not asked again. */
const painter =
  (colour: boolean): Paint =>
  (style, text) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
