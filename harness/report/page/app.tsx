import { useMemo, useState } from 'preact/hooks';
import { none, rowOfIndex } from '../data/operations.ts';
import type { Report } from '../data/report.ts';
import { counted } from '../data/words.ts';
import { Charts } from './charts.tsx';
import { Checkers, Violations } from './findings.tsx';
import { Counts, Environment, Evidence, Logs, Repeat, Schedule, Vacuity } from './sections.tsx';
import { Timeline } from './timeline/timeline.tsx';
import { clamped, type View, zoomed } from './view.ts';

export function App({ report }: { readonly report: Report }) {
  const [view, setAnyView] = useState<View>({ fromNs: 0, toNs: Math.max(1, report.endNs) });
  const setView = (next: View): void => setAnyView(clamped(next, report.endNs));
  const [selected, select] = useState<number>();
  const faults = useMemo(() => [...new Set(report.bands.map((band) => band.fault))], [report]);
  const involved = useMemo(() => involvedRows(report), [report]);

  const choose = (row: number): void => {
    select(row);
    const startNs = report.operations.columns.invokedNs[row]!;
    const width = Math.max(report.endNs / 200, 5_000_000);
    setView(zoomed({ fromNs: startNs - width / 2, toNs: startNs + width / 2 }, 1, startNs));
    document.getElementById('timeline')?.scrollIntoView({ behavior: 'smooth' });
  };

  const shared = { report, faults, view, setView };
  return (
    <>
      <Banner report={report} />
      <Violations report={report} choose={choose} />
      <Evidence report={report} />
      <Vacuity report={report} />
      <Checkers report={report} />
      <Counts report={report} />
      {report.operations.length > 0 && (
        <>
          <Charts {...shared} />
          <Timeline {...shared} selected={selected} select={select} involved={involved} />
        </>
      )}
      <Schedule report={report} />
      <Logs report={report} />
      <Repeat report={report} />
      <Environment report={report} />
    </>
  );
}

function involvedRows({ verdict, operations }: Report): readonly number[] {
  const indexes = (verdict?.findings ?? [])
    .filter((finding) => finding.verdict === 'violation')
    .flatMap((finding) => finding.operations);
  const rows = new Set(indexes.map((index) => rowOfIndex(operations, index)));
  return [...rows].filter((row) => row !== none).sort((a, b) => a - b);
}

const signs = { pass: '✓', violation: '✗', undecided: '?', interrupted: '…' } as const;

/** The verdict, the reason, and what it is about: all that many readers need. */
function Banner({ report }: { readonly report: Report }) {
  const { run, verdict } = report;
  const kind = verdict?.verdict ?? 'interrupted';
  const why =
    verdict === undefined ? 'The run ended before it was judged; this is what was recorded until then.' : verdict.why;
  const facts = run && [
    run.environment,
    counted(run.nodes.length, 'node'),
    `${counted(run.concurrency, 'client')}`,
    `seed ${run.seed}`,
    ...(run.bugs.length === 0 ? [] : [`planted bug ${run.bugs.join(', ')}`]),
    run.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
  ];
  return (
    <header class={`banner ${kind}`}>
      <p class="subject">{report.title}</p>
      <h1>
        <span aria-hidden="true">{signs[kind]}</span> {kind}
      </h1>
      <p class="why">{why === '' ? reasonToPass(report) : why}</p>
      {facts && <p class="facts">{facts.join(' · ')}</p>}
      {report.problems.length > 0 && (
        <ul class="problems">
          {report.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </header>
  );
}

/** A pass gives no reason of its own: it is that everything asked was answered with yes. */
function reasonToPass({ verdict, run }: Report): string {
  const checkers = counted(verdict?.findings.length ?? 0, 'checker');
  const proven = (run?.faults ?? []).reduce((sum, fault) => sum + fault.proven, 0);
  return `No violation found by ${checkers}${run === undefined ? '' : `; ${counted(proven, 'fault')} proven to have taken hold`}.`;
}
