import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { rowOf, rowOfIndex } from '../../data/operations.ts';
import type { Report } from '../../data/report.ts';
import { search, searchHelp } from '../../data/search.ts';
import { count, counted, duration, operationInWords } from '../../data/words.ts';
import { prepared, useWidth } from '../canvas.ts';
import { type Colours, useColours } from '../colours.ts';
import { Legend } from '../legend.tsx';
import { OperationDetails } from '../operation-details.tsx';
import { moved, type View, widthOf, zoomed } from '../view.ts';
import { axisHeight, draw, labelWidth, nsAt, rowAt, type Scene } from './draw.ts';
import { type Lanes, lanesOf } from './lanes.ts';
import { Overview } from './overview.tsx';

export interface TimelineProps {
  readonly report: Report;
  readonly faults: readonly string[];
  readonly view: View;
  readonly setView: (view: View) => void;
  readonly selected: number | undefined;
  readonly select: (row: number | undefined) => void;
  /** Rows that a violation names, ascending. */
  readonly involved: readonly number[];
}

const heightMax = 560;
const laneHeightMax = 22;
const laneHeightMin = 7;

export function Timeline(props: TimelineProps) {
  const { report, view, setView, selected, select, involved } = props;
  const [query, setQuery] = useState('');
  const matches = useMemo(() => search(report.operations, query), [query]);
  const lanes = useMemo(() => lanesOf(report.operations, report.endNs), [report]);

  /** Shows the operation with some of what happens around it. */
  const goTo = (row: number): void => {
    select(row);
    const startNs = report.operations.columns.invokedNs[row]!;
    const lengthNs = lanes.endNs[row]! - startNs;
    const width = Math.min(widthOf(view), Math.max(lengthNs * 12, report.endNs / 400));
    const middle = startNs + Math.min(lengthNs, width / 2) / 2;
    if (startNs < view.fromNs || startNs > view.toNs || widthOf(view) > width * 4) {
      setView({ fromNs: middle - width / 2, toNs: middle + width / 2 });
    }
  };
  const step = (by: 1 | -1): void => {
    const next = neighbour(matches, selected, by);
    if (next !== undefined) goTo(next);
  };
  const showViolation = (): void => {
    const first = involved[0];
    const last = involved.at(-1);
    if (first === undefined || last === undefined) return;
    const fromNs = report.operations.columns.invokedNs[first]!;
    const toNs = lanes.endNs[last]!;
    const margin = Math.max((toNs - fromNs) * 0.15, 1_000_000);
    select(last);
    setView({ fromNs: fromNs - margin, toNs: toNs + margin });
  };

  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <div class="tools">
        <input
          type="search"
          placeholder="Search: f:write key:x outcome:unknown …"
          aria-label={`Search operations. ${searchHelp}`}
          title={searchHelp}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
          }}
        />
        <output class="matches" aria-live="polite">
          {query.trim() === ''
            ? ''
            : matches.length === 0
              ? 'nothing matches'
              : counted(matches.length, 'match').replace(/matchs$/, 'matches')}
        </output>
        <button type="button" disabled={matches.length === 0} onClick={() => step(-1)}>
          previous
        </button>
        <button type="button" disabled={matches.length === 0} onClick={() => step(1)}>
          next
        </button>
        <span class="spacer" />
        {involved.length > 0 && (
          <button type="button" class="to-violation" onClick={showViolation}>
            show the violation
          </button>
        )}
        <button type="button" onClick={() => setView({ fromNs: 0, toNs: report.endNs })}>
          whole run
        </button>
      </div>
      <Overview {...props} />
      <Canvas
        {...props}
        lanes={lanes}
        matches={matches}
        searching={query.trim() !== ''}
        step={step}
        showViolation={showViolation}
      />
      <Legend faults={props.faults} violation={involved.length > 0} />
      <p class="hint">
        Drag to move. Click the lanes, then the wheel zooms (or Ctrl and wheel); drag across the strip above them to
        choose a stretch. Keys: arrows move, + and − zoom, 0 whole run, n and p next and previous match, comma and full
        stop neighbours in the same process{involved.length > 0 ? ', v the violation' : ''}.
      </p>
      {selected !== undefined && (
        <OperationDetails
          row={rowOf(report.operations, selected)}
          goToIndex={(index) => goTo(rowOfIndex(report.operations, index))}
        />
      )}
      {matches.length > 0 && <Matches report={report} matches={matches} selected={selected} goTo={goTo} />}
    </section>
  );
}

function neighbour(rows: Float64Array, selected: number | undefined, by: 1 | -1): number | undefined {
  if (selected === undefined) return by === 1 ? rows[0] : rows.at(-1);
  if (by === 1) return rows.find((row) => row > selected) ?? rows[0];
  return rows.findLast((row) => row < selected) ?? rows.at(-1);
}

const matchesListed = 12;

/** The same as the highlighted bars, in words: for people who cannot see, or do not want to hover. */
function Matches(props: {
  readonly report: Report;
  readonly matches: Float64Array;
  readonly selected: number | undefined;
  readonly goTo: (row: number) => void;
}) {
  const { report, matches, selected, goTo } = props;
  const at = selected === undefined ? 0 : Math.max(0, matches.indexOf(selected) - 2);
  const listed = Array.from(matches.slice(at, at + matchesListed), (row) => rowOf(report.operations, row));
  return (
    <ol class="match-list" start={at + 1}>
      {listed.map((row) => (
        <li key={row.row} class={row.row === selected ? 'current' : ''}>
          <button type="button" class="link" onClick={() => goTo(row.row)}>
            <span class={`dot ${row.outcome}`} /> {row.index} · p{row.process} · {(row.invokedNs / 1e9).toFixed(4)} s ·{' '}
            {operationInWords(row)}
          </button>
        </li>
      ))}
      {matches.length > at + listed.length && (
        <li class="more">and {count(matches.length - at - listed.length)} more</li>
      )}
    </ol>
  );
}

interface CanvasProps extends TimelineProps {
  readonly lanes: Lanes;
  readonly matches: Float64Array;
  readonly searching: boolean;
  readonly step: (by: 1 | -1) => void;
  readonly showViolation: () => void;
}

interface Hover {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

function Canvas(props: CanvasProps) {
  const { report, lanes, view, setView, select } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useColours();
  const width = useWidth(canvas);
  const [scrollY, setScrollY] = useState(0);
  const [hover, setHover] = useState<Hover>();

  const number = Math.max(1, lanes.lanes.length);
  const laneHeight = Math.min(laneHeightMax, Math.max(laneHeightMin, Math.floor(heightMax / number)));
  const lanesHeight = Math.min(heightMax, number * laneHeight);
  const height = axisHeight + lanesHeight;
  const scrollMax = number * laneHeight - lanesHeight;
  const scene = sceneOf(props, { colours, width, height, laneHeight, scrollY });

  // The handlers below are attached once; they must see the scene of the last drawing.
  const current = useRef({ scene, view, setView });
  current.current = { scene, view, setView };

  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const context = prepared(canvas.current, width, height);
      if (context !== undefined) draw(context, scene);
    });
    return () => cancelAnimationFrame(frame);
  });

  useEffect(() => {
    // By hand, because the framework's wheel listeners are passive and the page would scroll too.
    const element = canvas.current!;
    const onWheel = (event: WheelEvent): void => {
      if (document.activeElement !== element && !event.ctrlKey) return;
      event.preventDefault();
      const { scene, view, setView } = current.current;
      const pan = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        setView(moved(view, (pan / (scene.width - labelWidth)) * widthOf(view)));
      } else {
        setView(zoomed(view, Math.exp(event.deltaY * 0.002), nsAt(scene, Math.max(labelWidth, event.offsetX))));
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  const scrollTo = (y: number): void => setScrollY(Math.min(scrollMax, Math.max(0, y)));
  const drag = useRef<{ x: number; y: number; view: View; scrollY: number; far: boolean } | undefined>(undefined);

  const onPointerMove = (event: PointerEvent): void => {
    const began = drag.current;
    if (began === undefined) {
      const row = rowAt(scene, event.offsetX, event.offsetY);
      const text = row === undefined ? faultsInWords(scene, event.offsetX) : tooltip(report, lanes, row);
      setHover(text === '' ? undefined : { x: event.offsetX, y: event.offsetY, text });
      return;
    }
    const [x, y] = [event.offsetX - began.x, event.offsetY - began.y];
    began.far ||= Math.abs(x) + Math.abs(y) > 4;
    if (!began.far) return;
    setHover(undefined);
    setView(moved(began.view, (-x / (width - labelWidth)) * widthOf(began.view)));
    scrollTo(began.scrollY - y);
  };

  return (
    <div class="canvas-frame">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is moved and zoomed with the keyboard */}
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={`Timeline of ${counted(report.operations.length, 'operation')} in ${counted(number, 'lane')}. Arrow keys move, plus and minus zoom; search above lists operations as text.`}
        style={{ height: `${height}px` }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.offsetX, y: event.offsetY, view, scrollY, far: false };
        }}
        onPointerMove={onPointerMove}
        onPointerUp={(event) => {
          if (drag.current?.far === false) select(rowAt(scene, event.offsetX, event.offsetY));
          drag.current = undefined;
        }}
        onPointerCancel={() => {
          drag.current = undefined;
        }}
        onPointerLeave={() => setHover(undefined)}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          if (onKey(event.key, props, scrollTo, scrollY)) event.preventDefault();
        }}
      />
      {hover !== undefined && (
        <div class="tooltip" style={{ left: `${Math.min(hover.x + 12, width - 320)}px`, top: `${hover.y + 16}px` }}>
          {hover.text}
        </div>
      )}
    </div>
  );
}

function sceneOf(
  { report, lanes, faults, view, matches, searching, involved, selected }: CanvasProps,
  canvas: Pick<Scene, 'colours' | 'width' | 'height' | 'laneHeight' | 'scrollY'> & { colours: Colours },
): Scene {
  const { operations, bands, marks } = report;
  return { operations, lanes, bands, marks, faults, view, matches, searching, involved, selected, ...canvas };
}

/** True if the key meant something here. */
function onKey(key: string, props: CanvasProps, scrollTo: (y: number) => void, scrollY: number): boolean {
  const { view, setView, report, step, showViolation, select } = props;
  const middle = (view.fromNs + view.toNs) / 2;
  switch (key) {
    case 'ArrowLeft':
      setView(moved(view, -widthOf(view) / 5));
      return true;
    case 'ArrowRight':
      setView(moved(view, widthOf(view) / 5));
      return true;
    case 'ArrowUp':
      scrollTo(scrollY - 60);
      return true;
    case 'ArrowDown':
      scrollTo(scrollY + 60);
      return true;
    case '+':
    case '=':
      setView(zoomed(view, 0.5, middle));
      return true;
    case '-':
      setView(zoomed(view, 2, middle));
      return true;
    case '0':
    case 'Home':
      setView({ fromNs: 0, toNs: report.endNs });
      return true;
    case 'n':
      step(1);
      return true;
    case 'p':
      step(-1);
      return true;
    case ',':
      selectInProcess(props, -1);
      return true;
    case '.':
      selectInProcess(props, 1);
      return true;
    case 'v':
      showViolation();
      return true;
    case 'Escape':
      select(undefined);
      return true;
    default:
      return false;
  }
}

function selectInProcess({ report, lanes, view, setView, selected, select }: CanvasProps, by: 1 | -1): void {
  if (selected === undefined) return;
  const lane = lanes.laneOf[selected]!;
  let row = selected + by;
  while (row >= 0 && row < report.operations.length && lanes.laneOf[row] !== lane) row += by;
  if (row < 0 || row >= report.operations.length) return;
  select(row);
  const at = report.operations.columns.invokedNs[row]!;
  if (at < view.fromNs || at > view.toNs) setView(moved(view, at - (view.fromNs + view.toNs) / 2));
}

/** The faults and marks at a place between the bars; empty if there are none. */
function faultsInWords(scene: Scene, x: number): string {
  const reach = 2; // pixels
  const [from, to] = [nsAt(scene, x - reach), nsAt(scene, x + reach)];
  const bands = scene.bands
    .filter((band) => band.startNs <= to && band.endNs >= from)
    .map(({ fault, detail, healed }) => `${fault} ${detail}${healed ? '' : ' (not healed)'}`);
  const marks = scene.marks
    .filter(({ atNs }) => atNs >= from && atNs <= to)
    .map(({ name, detail }) => `${name} ${detail}`);
  return [...bands, ...marks].join(' · ');
}

function tooltip(report: Report, lanes: Lanes, row: number): string {
  const operation = rowOf(report.operations, row);
  const length =
    operation.completedNs === undefined ? 'never answered' : duration(lanes.endNs[row]! - operation.invokedNs);
  return `${operationInWords(operation)} · p${operation.process}${operation.node === undefined ? '' : ` · ${operation.node}`} · ${length}`;
}
