import type { Row } from '../data/operations.ts';
import { duration, operationInWords, seconds } from '../data/words.ts';

/** Everything that the history says of one operation. */
export function OperationDetails({
  row,
  goToIndex,
}: {
  readonly row: Row;
  readonly goToIndex: (index: number) => void;
}) {
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['process', String(row.process)],
    ['node', row.node],
    ['phase', row.phase],
    ['key', row.key],
    ['asked', row.input],
    ['answered', row.output],
    ['result', row.result],
    ['error', row.error],
    ['invoked', `${seconds(row.invokedNs)} (event ${row.index})`],
    ['ended', ended(row)],
  ];
  return (
    <aside class="details" aria-live="polite">
      <h3>
        <span class={`dot ${row.outcome}`} /> {operationInWords(row)} <small>{row.outcome}</small>
      </h3>
      <dl>
        {fields.map(
          ([name, text]) => text !== undefined && [<dt key={`${name}?`}>{name}</dt>, <dd key={name}>{text}</dd>],
        )}
      </dl>
      <button type="button" onClick={() => goToIndex(row.index)}>
        show on the timeline
      </button>
    </aside>
  );
}

function ended(row: Row): string {
  if (row.completedNs === undefined) return 'never: nothing more was heard of it';
  const after = `${seconds(row.completedNs)} (event ${row.completionIndex}), after ${duration(row.completedNs - row.invokedNs)}`;
  return row.outcome === 'unknown' ? `the client gave up at ${after}` : after;
}
