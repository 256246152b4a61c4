import type { Finding } from '../../store/run-record.ts';
import { type Explanation, explanationsOf, type Shrunk } from '../data/explanation.ts';
import { none, type Operations, originOf, rowOf, rowOfIndex, unknown } from '../data/operations.ts';
import type { Report } from '../data/report.ts';
import { count, counted, operationInWords } from '../data/words.ts';
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

/** Open operations of unknown outcome that are drawn; there may be hundreds, and one shows what they are like. */
const unknownShown = 3;

function Explained({ explanation, operations, choose }: ExplainedProps) {
  const { key, paragraph, shrunk, involved, blocked, states, prefixLength } = explanation;
  const origin = blocked === none ? none : originOf(operations, blocked);
  const isOpen = (row: number): boolean => operations.columns.outcome[row] === unknown && row !== origin;
  const open = shrunk === undefined ? involved.filter(isOpen) : shrunk.maybe;
  const decisive = shrunk === undefined ? involved.filter((row) => !isOpen(row)) : shrunk.core;
  const rows = new Set([...decisive, ...open.slice(-unknownShown)]);
  if (origin !== none && shrunk === undefined) rows.add(origin);
  const hidden = open.filter((row) => !rows.has(row));
  return (
    <div class="explained">
      {key !== undefined && <h3>key {key}</h3>}
      {paragraph !== '' && <p class="paragraph">{paragraph}</p>}
      {shrunk !== undefined && <p>{sizesInWords(shrunk)}</p>}
      <Involved rows={ascending(rows)} blocked={blocked} operations={operations} choose={choose} />
      {hidden.length > 0 && (
        <details>
          <summary>{counted(hidden.length, 'more operation')} that may have taken effect, none of which helps</summary>
          <OperationTable rows={hidden} blocked={blocked} operations={operations} choose={choose} />
        </details>
      )}
      {prefixLength !== undefined && (
        <p>
          {prefixLength === 0
            ? 'Not even a first operation fits.'
            : `In the whole history, ${counted(prefixLength, 'operation')} can be put in an order that explains them; then nothing fits.`}
        </p>
      )}
      {shrunk === undefined && origin !== none && !involved.includes(origin) && (
        <p>
          The last operation before it that brought {rowOf(operations, blocked).output} was{' '}
          {operationInWords(rowOf(operations, origin))} (event {operations.columns.index[origin]}).
        </p>
      )}
      {states.map((state) => (
        <Attempts key={state.state} {...state} blocked={blocked} operations={operations} choose={choose} />
      ))}
    </div>
  );
}

function sizesInWords({ core, maybe, before, after, minimal }: Shrunk): string {
  const maybes = maybe.length === 0 ? '' : `, ${maybe.length} of which may have happened at any time or never`;
  const rest = maybe.length === 0 ? 'all of them' : `the answers of the other ${core.length}`;
  return `Of ${counted(before, 'operation')}, ${count(after)} show it${maybes}${minimal ? `; it takes ${rest}` : ''}.`;
}

const ascending = (rows: Iterable<number>): number[] => [...rows].sort((a, b) => a - b);

/** What may not come next in one state, and why. */
function Attempts(props: Explanation['states'][number] & Omit<ExplainedProps, 'explanation'> & { blocked: number }) {
  const { state, attempts, blocked, operations, choose } = props;
  const refused = attempts.filter(({ row, refusal }) => row !== none && refusal !== undefined);
  const possible = attempts.filter(({ refusal }) => refusal === undefined).length;
  return (
    <div>
      With the state <code>{state}</code>:
      <ul class="refusals">
        {refused.map(({ row, refusal }) => (
          <li key={row} class={row === blocked ? 'blocked' : ''}>
            <button type="button" class="link" onClick={() => choose(row)}>
              {operationInWords(rowOf(operations, row))}
            </button>
            : {refusal}
          </li>
        ))}
        {possible > 0 && <li>{counted(possible, 'other operation')} could come next, and what follows is no better</li>}
      </ul>
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
      <div class="scroll">
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
      </div>
    </section>
  );
}
