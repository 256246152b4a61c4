import type { Finding } from '../../store/run-record.ts';
import { type Explanation, explanationsOf } from '../data/explanation.ts';
import { none, type Operations, rowOf, rowOfIndex } from '../data/operations.ts';
import type { Report } from '../data/report.ts';
import { counted, operationInWords } from '../data/words.ts';
import { OperationTable, Picture } from './picture.tsx';

export interface FindingsProps {
  readonly report: Report;
  /** Shows an operation on the timeline. */
  readonly choose: (row: number) => void;
}

/** What went wrong, each violation with the operations that prove it. */
export function Violations({ report, choose }: FindingsProps) {
  const violations = (report.verdict?.findings ?? []).filter((finding) => finding.verdict === 'violation');
  if (violations.length === 0) return null;
  return (
    <section aria-labelledby="violations">
      <h2 id="violations">What went wrong</h2>
      {violations.map((finding, i) => (
        <Violation key={i} finding={finding} operations={report.operations} choose={choose} />
      ))}
    </section>
  );
}

interface ViolationProps {
  readonly finding: Finding;
  readonly operations: Operations;
  readonly choose: (row: number) => void;
}

/** So many keys are drawn; a broken system breaks them all, and one is enough to see how. */
const explanationsMax = 5;

function Violation({ finding, operations, choose }: ViolationProps) {
  const explanations = explanationsOf(finding.details, operations);
  const rows = finding.operations.map((index) => rowOfIndex(operations, index)).filter((row) => row !== none);
  return (
    <article class="violation-card">
      <h3>{finding.checker}</h3>
      <p class="why">{finding.why}</p>
      {explanations.slice(0, explanationsMax).map((explanation) => (
        <Explained key={explanation.key} explanation={explanation} operations={operations} choose={choose} />
      ))}
      {explanations.length > explanationsMax && (
        <p>And {counted(explanations.length - explanationsMax, 'more key')} in violation.</p>
      )}
      {explanations.length === 0 && rows.length > 0 && (
        <Involved rows={rows} blocked={none} operations={operations} choose={choose} />
      )}
      {finding.details !== undefined && (
        <details>
          <summary>Everything the checker says</summary>
          <pre class="log">{JSON.stringify(finding.details, null, 2)}</pre>
        </details>
      )}
    </article>
  );
}

interface ExplainedProps {
  readonly explanation: Explanation;
  readonly operations: Operations;
  readonly choose: (row: number) => void;
}

function Explained({ explanation, operations, choose }: ExplainedProps) {
  const { key, involved, blocked, states, prefixLength } = explanation;
  return (
    <div class="explained">
      {key !== undefined && <h3>key {key}</h3>}
      <Involved rows={involved} blocked={blocked} operations={operations} choose={choose} />
      {prefixLength !== undefined && (
        <p>
          {prefixLength === 0
            ? 'Not even a first operation fits.'
            : `The ${counted(prefixLength, 'operation')} before can be put in order; then nothing fits.`}
        </p>
      )}
      {states.map(({ state, attempts }) => (
        <div key={state}>
          With the state <code>{state}</code>:
          <ul class="refusals">
            {attempts.map(({ row, refusal }) => (
              <li key={row} class={row === blocked ? 'blocked' : ''}>
                {row !== none && (
                  <button type="button" class="link" onClick={() => choose(row)}>
                    {operationInWords(rowOf(operations, row))}
                  </button>
                )}
                : {refusal ?? 'possible, but what it leads to is no better'}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function Involved(props: {
  readonly rows: readonly number[];
  readonly blocked: number;
  readonly operations: Operations;
  readonly choose: (row: number) => void;
}) {
  return (
    <>
      <Picture {...props} />
      <OperationTable {...props} />
    </>
  );
}

/** Every checker that was asked, and its answer. */
export function Checkers({ report }: { readonly report: Report }) {
  const findings = report.verdict?.findings ?? [];
  if (findings.length === 0) return null;
  return (
    <section aria-labelledby="checkers">
      <h2 id="checkers">Checkers</h2>
      <table>
        <thead>
          <tr>
            <th>checker</th>
            <th>verdict</th>
            <th>why</th>
          </tr>
        </thead>
        <tbody>
          {findings.map((finding, i) => (
            <tr key={i}>
              <td>{finding.checker}</td>
              <td>
                <span class={`verdict-word ${finding.verdict}`}>{finding.verdict}</span>
              </td>
              <td class="prose">{finding.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
