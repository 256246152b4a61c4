import { useId } from 'preact/hooks';
import { type Operations, type Row, rowOf } from '../data/operations.ts';
import { duration, operationInWords, seconds } from '../data/words.ts';

/** More bars than this are no picture any more; the last ones are shown, for there the order breaks. */
const barsMax = 40;
const laneHeight = 42;
const left = 56;
const stepMin = 22;
const characterWidth = 6.7;
const captionWidth = 360;

/**
 * A few operations as bars, one line per process. Horizontal distances are not to scale: every beginning and ending gets
 * a place of its own, in their true order. What overlaps and what comes first is exact, and that is all that the order
 * of operations depends on.
 */
export function Picture(props: {
  readonly operations: Operations;
  /** Rows, ascending. */
  readonly rows: readonly number[];
  /** The row that fits nowhere, or `none`. */
  readonly blocked: number;
  readonly choose: (row: number) => void;
}) {
  const rows = props.rows.slice(-barsMax).map((row) => rowOf(props.operations, row));
  const processes = [...new Set(rows.map((row) => row.process))].sort((a, b) => a - b);
  const { xOf, width } = places(rows);
  const title = useId();
  const height = processes.length * laneHeight + 22;
  return (
    <figure class="picture">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-labelledby={title}>
        <title id={title}>The operations involved as bars, in the order in which they began and ended</title>
        {processes.map((process, lane) => (
          <g key={process}>
            <line x1={left} x2={width} y1={lane * laneHeight + 38} y2={lane * laneHeight + 38} class="lane-line" />
            <text x={left - 10} y={lane * laneHeight + 34} text-anchor="end" class="muted">
              p{process}
            </text>
          </g>
        ))}
        {rows.map((row) => {
          const x = xOf(row.index);
          const open = row.outcome === 'unknown';
          const end = open ? width - 6 : xOf(row.completionIndex ?? row.index);
          const y = processes.indexOf(row.process) * laneHeight;
          const isBlocked = row.row === props.blocked;
          const words = operationInWords(row);
          return (
            // biome-ignore lint/a11y/useSemanticElements: an SVG shape cannot be a button element
            <g
              key={row.index}
              role="button"
              tabIndex={0}
              class={`bar ${row.outcome} ${isBlocked ? 'blocked' : ''}`}
              onClick={() => props.choose(row.row)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' || event.key === ' ') props.choose(row.row);
              }}
            >
              <title>{`${words}, process ${row.process}, ${seconds(row.invokedNs)}`}</title>
              <text x={x} y={y + 16}>
                {words}
              </text>
              <rect x={x} y={y + 22} width={Math.max(6, end - x)} height={12} rx={2} />
              {open && <path d={`M ${end} ${y + 20} l 5 8 l -5 8`} class="open-end" />}
            </g>
          );
        })}
        <text x={left} y={height - 6} class="muted">
          time → (order exact, lengths not to scale)
        </text>
      </svg>
      {props.rows.length > barsMax && (
        <figcaption>
          The last {barsMax} of {props.rows.length} operations; the table below has them all.
        </figcaption>
      )}
    </figure>
  );
}

/** Where each event goes: in order, at least `stepMin` apart, and far enough for the words over each bar. */
function places(rows: readonly Row[]): { xOf(index: number): number; width: number } {
  const events = new Set<number>();
  for (const row of rows) {
    events.add(row.index);
    if (row.completionIndex !== undefined && row.outcome !== 'unknown') events.add(row.completionIndex);
  }
  const startsAt = new Map(rows.map((row) => [row.index, row]));
  const freeFrom = new Map<number, number>(); // by process
  const places = new Map<number, number>();
  let x = left + 4 - stepMin;
  for (const event of [...events].sort((a, b) => a - b)) {
    x += stepMin;
    const row = startsAt.get(event);
    if (row !== undefined) {
      x = Math.max(x, freeFrom.get(row.process) ?? 0);
      freeFrom.set(row.process, x + operationInWords(row).length * characterWidth + 12);
    }
    places.set(event, x);
  }
  const width = Math.max(captionWidth, x + 40, ...freeFrom.values()) + 16;
  return { xOf: (index) => places.get(index) ?? left, width };
}

/** The same as the picture, for reading and for copying. */
export function OperationTable(props: {
  readonly operations: Operations;
  readonly rows: readonly number[];
  /** The row that fits nowhere, or `none`. */
  readonly blocked: number;
  readonly choose: (row: number) => void;
}) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th class="number">event</th>
            <th class="number">process</th>
            <th>operation</th>
            <th>outcome</th>
            <th>node</th>
            <th class="number">began</th>
            <th class="number">took</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((number) => {
            const row = rowOf(props.operations, number);
            const took = row.completedNs === undefined ? 'no answer' : duration(row.completedNs - row.invokedNs);
            return (
              <tr key={number} class={row.row === props.blocked ? 'blocked' : ''}>
                <td class="number">{row.index}</td>
                <td class="number">{row.process}</td>
                <td>
                  <button type="button" class="link" onClick={() => props.choose(number)}>
                    {operationInWords(row)}
                  </button>
                </td>
                <td>
                  <span class={`dot ${row.outcome}`} /> {row.outcome}
                </td>
                <td>{row.node}</td>
                <td class="number">{seconds(row.invokedNs)}</td>
                <td class="number">{took}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
