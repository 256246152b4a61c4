import type { Finding } from '../../store/run-record.ts';
import { explanationOf, type Refusal } from '../data/explanation.ts';
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

/** Operations of the checker's longest order that are drawn although no finding names them: they say how the state came about. */
const prefixShown = 6;

function Violation({ finding, operations, choose }: ViolationProps) {
  const explanation = explanationOf(finding.details);
  const named = [...finding.operations, ...(explanation.blocked === undefined ? [] : [explanation.blocked])];
  const rows = [...new Set([...explanation.prefix.slice(-prefixShown), ...named])]
    .map((index) => rowOfIndex(operations, index))
    .filter((row) => row !== none)
    .sort((a, b) => a - b);
  const blocked = explanation.blocked;
  return (
    <article class="violation-card">
      <h3>
        {finding.checker}
        {explanation.key !== undefined && <span class="tag">key {explanation.key}</span>}
        {explanation.procedure !== undefined && <span class="tag">{explanation.procedure}</span>}
      </h3>
      <p class="why">{finding.why}</p>
      {rows.length > 0 && <Picture operations={operations} rows={rows} blocked={blocked} choose={choose} />}
      {explanation.prefix.length > 0 && (
        <p>
          The longest order that fits has {counted(explanation.prefix.length, 'operation')}
          {explanation.states.length > 0 && (
            <>
              {' '}
              and leaves{' '}
              {explanation.states.map((state) => (
                <code key={state}>{state}</code>
              ))}
            </>
          )}
          . Nothing can come next:
        </p>
      )}
      {explanation.prefix.length === 0 && explanation.states.length > 0 && (
        <p>
          States that can be reached:{' '}
          {explanation.states.map((state) => (
            <code key={state}>{state}</code>
          ))}
        </p>
      )}
      {explanation.refusals.length > 0 && (
        <Refusals refusals={explanation.refusals} operations={operations} choose={choose} />
      )}
      {rows.length > 0 && <OperationTable operations={operations} rows={rows} blocked={blocked} choose={choose} />}
      {Object.keys(explanation.rest).length > 0 && (
        <details>
          <summary>Everything the checker says</summary>
          <pre>{JSON.stringify(explanation.rest, null, 2)}</pre>
        </details>
      )}
    </article>
  );
}

function Refusals(props: {
  readonly refusals: readonly Refusal[];
  readonly operations: Operations;
  readonly choose: (row: number) => void;
}) {
  return (
    <ul class="refusals">
      {props.refusals.map(({ operation, state, why }, i) => {
        const row = operation === undefined ? none : rowOfIndex(props.operations, operation);
        return (
          <li key={i}>
            {row !== none && (
              <button type="button" class="link" onClick={() => props.choose(row)}>
                {operationInWords(rowOf(props.operations, row))}
              </button>
            )}
            {row === none && operation !== undefined && `event ${operation}`}
            {operation !== undefined && ': '}
            {why}
            {state !== undefined && (
              <>
                {' '}
                (state <code>{state}</code>)
              </>
            )}
          </li>
        );
      })}
    </ul>
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
