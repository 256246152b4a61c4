import { useState } from 'preact/hooks';
import type { FaultRecord } from '../../store/run-record.ts';
import { outcomes } from '../data/operations.ts';
import type { Report } from '../data/report.ts';
import { count, counted, inShort, seconds, shellCommand } from '../data/words.ts';

/** What each fault was measured to have done. */
export function Evidence({ report }: { readonly report: Report }) {
  const faults = report.run?.faults ?? [];
  if (report.run === undefined) return null;
  return (
    <section aria-labelledby="evidence">
      <h2 id="evidence">Faults and their evidence</h2>
      {faults.length === 0 && <p>No faults were injected.</p>}
      {faults.map((fault) => (
        <FaultEvidence key={fault.name} fault={fault} />
      ))}
    </section>
  );
}

function FaultEvidence({ fault }: { readonly fault: FaultRecord }) {
  const unmeasurable = fault.unmeasurable ?? 0;
  const all = fault.proven > 0 && fault.proven + unmeasurable === fault.injections;
  return (
    <details class="fault" open={!all || fault.evidence.length <= 6}>
      <summary>
        <strong>{fault.name}</strong> {counted(fault.injections, 'injection')},{' '}
        <span class={all ? 'proven' : 'unproven'}>{fault.proven} proven by measurement</span>
        {unmeasurable > 0 && `, ${unmeasurable} unmeasurable`}
      </summary>
      <div class="scroll" hidden={fault.evidence.length === 0}>
        <table>
          <thead>
            <tr>
              <th class="number">at</th>
              <th>target</th>
              <th>finding</th>
              <th>measured</th>
              <th>proven</th>
            </tr>
          </thead>
          <tbody>
            {fault.evidence.map(({ atNs, target, what, measured, proven }, i) => (
              <tr key={i}>
                <td class="number">{seconds(atNs)}</td>
                <td>{inShort(target)}</td>
                <td>{what}</td>
                <td>{measuredInWords(measured)}</td>
                <td class={proven ? 'proven' : 'unproven'}>{proven ? 'yes' : 'no'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Figures come as JSON from the nemesis, as a sentence from others. */
function measuredInWords(measured: string): string {
  try {
    return inShort(JSON.parse(measured));
  } catch {
    return measured;
  }
}

/** Whether the run proves anything at all. */
export function Vacuity({ report }: { readonly report: Report }) {
  const checks = report.verdict?.vacuity ?? [];
  if (checks.length === 0) return null;
  return (
    <section aria-labelledby="vacuity">
      <h2 id="vacuity">Did this run exercise anything?</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>condition</th>
              <th>met</th>
              <th>counted</th>
            </tr>
          </thead>
          <tbody>
            {checks.map(({ name, ok, what }) => (
              <tr key={name}>
                <td>{name}</td>
                <td class={ok ? 'proven' : 'unproven'}>{ok ? 'yes' : 'no'}</td>
                <td class="prose">{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** How many operations of each kind ended how, per phase of the run. */
export function Counts({ report }: { readonly report: Report }) {
  const rows = Object.entries(report.counts).flatMap(([phase, kinds]) =>
    Object.entries(kinds).map(([f, counts], i) => ({ phase: i === 0 ? phase : '', f, counts })),
  );
  const phased = rows.some((row) => row.phase !== '');
  return (
    <section aria-labelledby="operations">
      <h2 id="operations">Operations</h2>
      <p>
        {counted(report.total, 'operation')} in {seconds(report.endNs)}
        {report.run !== undefined && `, ${report.run.opsPerSecond.toFixed(1)} per second under load`}.
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              {phased && <th>phase</th>}
              <th>operation</th>
              {outcomes.map((outcome) => (
                <th key={outcome} class="number">
                  <span class={`dot ${outcome}`} /> {outcome}
                </th>
              ))}
              <th class="number">ok share</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ phase, f, counts }, i) => {
              const all = counts.ok + counts.failed + counts.unknown;
              return (
                <tr key={i}>
                  {phased && <td>{phase}</td>}
                  <td>{f}</td>
                  {outcomes.map((outcome) => (
                    <td key={outcome} class={`number ${counts[outcome] === 0 ? 'muted' : ''}`}>
                      {count(counts[outcome])}
                    </td>
                  ))}
                  <td class="number">{all === 0 ? '–' : `${((100 * counts.ok) / all).toFixed(1)} %`}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function Schedule({ report }: { readonly report: Report }) {
  const steps = report.run?.schedule ?? [];
  if (steps.length === 0) return null;
  const aimed = steps.some(({ target }) => target !== null && target !== undefined);
  return (
    <section aria-labelledby="schedule">
      <h2 id="schedule">Schedule of faults</h2>
      <div class="scroll tall">
        <table>
          <thead>
            <tr>
              <th class="number">at</th>
              <th>fault</th>
              <th>action</th>
              {aimed && <th>target</th>}
            </tr>
          </thead>
          <tbody>
            {steps.map(({ atNs, fault, action, target }, i) => (
              <tr key={i}>
                <td class="number">{seconds(atNs)}</td>
                <td>{fault}</td>
                <td>{action}</td>
                {aimed && <td>{inShort(target)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function Repeat({ report }: { readonly report: Report }) {
  const [copied, setCopied] = useState(false);
  const command = report.run?.command ?? [];
  if (command.length === 0) return null;
  const line = shellCommand(command);
  return (
    <section aria-labelledby="repeat">
      <h2 id="repeat">Repeat this run</h2>
      <div class="command">
        <pre>{line}</pre>
        <button
          type="button"
          onClick={() => {
            copy(line).then(setCopied, () => setCopied(false));
          }}
        >
          {copied ? 'copied' : 'copy'}
        </button>
      </div>
    </section>
  );
}

/** A page from disk has no clipboard of its own in some browsers; the old way still works there. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.body.appendChild(document.createElement('textarea'));
    area.value = text;
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}

/** Where and how it ran. */
export function Environment({ report }: { readonly report: Report }) {
  const { run } = report;
  if (run === undefined) return null;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['faultline', [run.faultline.version, run.faultline.commit].filter(Boolean).join(' at ')],
    ['environment', run.environment],
    ['nodes', run.nodes.join(', ')],
    ['clients', String(run.concurrency)],
    ['rate asked for', run.rate === undefined ? 'as fast as possible' : `${count(run.rate)} per second`],
    ['time limit', `${run.timeLimitMs / 1000} s`],
    ['seed', String(run.seed)],
    ['planted bugs', run.bugs.length === 0 ? 'none' : run.bugs.join(', ')],
    ...Object.entries(run.options).map(([name, value]) => [`option ${name}`, value] as const),
    [
      'phases',
      run.phases
        .map(
          ({ name, startNs, endNs }) => `${name} ${seconds(startNs)} – ${endNs === undefined ? '…' : seconds(endNs)}`,
        )
        .join(' · '),
    ],
    [
      'lag of the harness',
      run.loopLag && `median ${run.loopLag.p50Ms} ms, p99 ${run.loopLag.p99Ms} ms, at most ${run.loopLag.maxMs} ms`,
    ],
    ['judged in', report.verdict && `${(report.verdict.checkMs / 1000).toFixed(2)} s`],
  ];
  return (
    <section aria-labelledby="environment">
      <h2 id="environment">Environment and options</h2>
      <dl class="facts">
        {facts.map(
          ([name, text]) =>
            text !== undefined && text !== '' && [<dt key={`${name}?`}>{name}</dt>, <dd key={name}>{text}</dd>],
        )}
      </dl>
      {run.clocks !== undefined && run.clocks.length > 0 && <ClockRange clocks={run.clocks} />}
      {run.nodeInfo !== undefined && Object.keys(run.nodeInfo).length > 0 && (
        <details>
          <summary>What the nodes said of themselves</summary>
          <pre>{JSON.stringify(run.nodeInfo, null, 2)}</pre>
        </details>
      )}
    </section>
  );
}

function ClockRange({ clocks }: { readonly clocks: NonNullable<NonNullable<Report['run']>['clocks']> }) {
  const nodes = [...new Set(clocks.map((sample) => sample.node))].sort();
  return (
    <div class="scroll">
      <table>
        <caption>Wall clocks against the harness's, milliseconds</caption>
        <thead>
          <tr>
            <th>node</th>
            <th class="number">samples</th>
            <th class="number">least</th>
            <th class="number">most</th>
            <th class="number">known to ±</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => {
            const samples = clocks.filter((sample) => sample.node === node);
            const offsets = samples.map((sample) => sample.wallOffsetMs);
            return (
              <tr key={node}>
                <td>{node}</td>
                <td class="number">{samples.length}</td>
                <td class="number">{Math.min(...offsets).toFixed(1)}</td>
                <td class="number">{Math.max(...offsets).toFixed(1)}</td>
                <td class="number">{Math.max(...samples.map((sample) => sample.uncertaintyMs)).toFixed(2)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

export function Logs({ report }: { readonly report: Report }) {
  if (report.logs.length === 0) return null;
  return (
    <section aria-labelledby="logs">
      <h2 id="logs">Ends of the nodes' logs</h2>
      {report.logs.map(({ node, tail }) => (
        <details key={node}>
          <summary>{node}</summary>
          <pre class="log">{tail === '' ? '(empty)' : tail}</pre>
        </details>
      ))}
    </section>
  );
}
