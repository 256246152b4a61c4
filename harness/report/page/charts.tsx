import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { firstAtLeast, none, type Operations, ok, outcomes } from '../data/operations.ts';
import type { Report } from '../data/report.ts';
import { type Accept, latencyOf, rateOf } from '../data/series.ts';
import { useWidth } from './canvas.ts';
import { bandColour, type Colours, useColours } from './colours.ts';
import { FaultColours } from './legend.tsx';
import { decimalsFor, type View } from './view.ts';

export interface ChartsProps {
  readonly report: Report;
  readonly faults: readonly string[];
  readonly view: View;
  readonly setView: (view: View) => void;
}

/** Milliseconds that the view must rest before the series are computed anew. */
const settleMs = 80;

export function Charts({ report, faults, view, setView }: ChartsProps) {
  const { operations } = report;
  const [kind, setKind] = useState('');
  const kinds = useMemo(
    () => [...new Set(Object.values(report.counts).flatMap((count) => Object.keys(count)))],
    [report],
  );
  const settled = useSettled(view);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const colours = useColours();

  const accept: Accept | undefined = useMemo(() => {
    const f = operations.texts.indexOf(kind);
    return kind === '' ? undefined : (row) => operations.columns.f[row] === f;
  }, [kind]);
  const buckets = Math.max(20, Math.min(240, Math.floor(width / 6)));
  const window = { ...settled, buckets };

  const rate = useMemo(() => rateOf(operations, window, accept), [settled, accept, buckets]);
  const latency = useMemo(() => latencyOf(operations, window, accept), [settled, accept, buckets]);
  const common = { report, faults, view: settled, setView, width, colours };

  return (
    <section aria-labelledby="charts">
      <h2 id="charts">Latency and rate</h2>
      <div class="tools">
        <label>
          operations{' '}
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">of every kind</option>
            {kinds.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <ul class="legend" aria-label="Faults">
          <FaultColours faults={faults} />
        </ul>
        <span class="spacer" />
        <span class="hint">Drag across a chart to zoom, double-click for the whole run.</span>
      </div>
      <div ref={frame}>
        <h3>Latency, by the time of the call (dots: every operation, lines: quantiles of those that succeeded)</h3>
        <Chart
          {...common}
          label="Latency over time, logarithmic"
          height={260}
          source={latency}
          data={() => [inSeconds(latency.atNs), ...latency.quantiles.map(({ ms }) => [...ms])]}
          series={latency.quantiles.map(({ quantile }, i) => ({
            label: quantile === 1 ? 'max' : `p${quantile * 100}`,
            stroke: colours.quantiles[i]!,
            value: (_: uPlot, ms: number | null) => (ms === null ? '–' : `${ms.toPrecision(3)} ms`),
          }))}
          scale={{ distr: 3, range: () => latencyRange(operations, settled, accept) }}
          unit={milliseconds}
          under={(plot) => drawScatter(plot, operations, settled, accept, colours)}
        />
        <h3>Operations per second, by how they ended</h3>
        <Chart
          {...common}
          label="Operations per second over time"
          height={200}
          source={rate}
          data={() => [inSeconds(rate.atNs), ...outcomes.map((outcome) => [...rate.perSecond[outcome]])]}
          series={outcomes.map((outcome, i) => ({
            label: outcome,
            stroke: colours.outcome[i]!,
            width: 1.5,
            value: (_: uPlot, perSecond: number | null) => (perSecond === null ? '–' : perSecond.toFixed(1)),
          }))}
          scale={{ range: (_, __, max) => [0, Math.max(1, max * 1.08)] }}
          unit={(perSecond) => `${perSecond}/s`}
        />
      </div>
    </section>
  );
}

const inSeconds = (atNs: Float64Array): number[] => Array.from(atNs, (ns) => ns / 1e9);
const milliseconds = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${Number(ms.toPrecision(3))} ms`);

interface ChartProps extends ChartsProps {
  readonly width: number;
  readonly colours: Colours;
  readonly label: string;
  readonly height: number;
  /** What the data were computed from: the chart is drawn anew when it is another object. */
  readonly source: object;
  readonly data: () => (number | null)[][];
  readonly series: readonly uPlot.Series[];
  readonly scale: uPlot.Scale;
  readonly unit: (value: number) => string;
  /** Draws beneath the lines. */
  readonly under?: (plot: uPlot) => void;
}

function Chart(props: ChartProps) {
  const { width, data, label, source, view, colours } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (width === 0) return;
    const plot = new uPlot(optionsOf(props), data() as uPlot.AlignedData, place.current!);
    return () => plot.destroy();
  }, [width, source, view, colours]);
  return <div ref={place} class="chart" role="img" aria-label={label} />;
}

function optionsOf({
  report,
  faults,
  view,
  setView,
  width,
  height,
  colours,
  series,
  scale,
  unit,
  under,
}: ChartProps): uPlot.Options {
  const axis = {
    stroke: colours.muted,
    grid: { stroke: colours.line, width: 1 },
    ticks: { stroke: colours.line, width: 1 },
  };
  return {
    width,
    height,
    scales: { x: { time: false, range: [view.fromNs / 1e9, view.toNs / 1e9] }, y: scale },
    axes: [
      {
        ...axis,
        values: (_, at) => at.map((second) => `${second.toFixed(decimalsFor((at[1] ?? 1) - (at[0] ?? 0)))} s`),
      },
      { ...axis, size: 64, values: (_, at) => at.map((value) => (value === null ? '' : unit(value))) },
    ],
    series: [
      { label: 'time', value: (_, second) => (second === null ? '–' : `${second.toFixed(3)} s`) },
      ...series.map((one) => ({ width: 1.5, points: { show: false }, spanGaps: false, ...one })),
    ],
    cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 5 } },
    legend: { live: true },
    hooks: {
      drawClear: [(plot) => drawBands(plot, report, faults)],
      drawAxes: under === undefined ? [] : [under],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const ns = (pixels: number): number => plot.posToVal(pixels, 'x') * 1e9;
          setView({ fromNs: ns(plot.select.left), toNs: ns(plot.select.left + plot.select.width) });
        },
      ],
      ready: [(plot) => plot.over.addEventListener('dblclick', () => setView({ fromNs: 0, toNs: report.endNs }))],
    },
  };
}

function drawBands(plot: uPlot, report: Report, faults: readonly string[]): void {
  const { left, top, width, height } = plot.bbox;
  const { ctx } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  for (const band of report.bands) {
    const from = plot.valToPos(band.startNs / 1e9, 'x', true);
    const to = plot.valToPos(band.endNs / 1e9, 'x', true);
    ctx.fillStyle = bandColour(band.fault, faults, 0.16);
    ctx.fillRect(from, top, Math.max(1, to - from), height);
  }
  ctx.restore();
}

/** Whole decades around everything that the chart shows. */
function latencyRange(operations: Operations, view: View, accept: Accept | undefined): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  eachLatency(operations, view, accept, (_, ms) => {
    least = Math.min(least, ms);
    most = Math.max(most, ms);
  });
  if (most === 0) return [0.1, 1000];
  return [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most * 1.05))];
}

const latencyMinMs = 0.001;

function eachLatency(
  { columns, length }: Operations,
  view: View,
  accept: Accept | undefined,
  visit: (row: number, ms: number) => void,
): void {
  const end = firstAtLeast(columns.invokedNs, view.toNs, length);
  for (let row = firstAtLeast(columns.invokedNs, view.fromNs, length); row < end; row++) {
    if (columns.completedNs[row] === none || accept?.(row) === false) continue;
    visit(row, Math.max(latencyMinMs, (columns.completedNs[row]! - columns.invokedNs[row]!) / 1e6));
  }
}

/** One dot per place at most, so that a million operations cost no more drawing than the canvas is large. */
function drawScatter(
  plot: uPlot,
  operations: Operations,
  view: View,
  accept: Accept | undefined,
  colours: Colours,
): void {
  const { left, top, width, height } = plot.bbox;
  const size = Math.max(2, Math.round(1.6 * devicePixelRatio));
  const columns = Math.ceil(width / size) + 1;
  const drawn = new Uint8Array(columns * (Math.ceil(height / size) + 1));
  const xOf = line(plot, 'x', view.fromNs / 1e9, view.toNs / 1e9, (second) => second);
  const yOf = line(plot, 'y', 0.1, 10, Math.log10);
  plot.ctx.save();
  for (const graver of [false, true]) {
    eachLatency(operations, view, accept, (row, ms) => {
      const outcome = operations.columns.outcome[row]!;
      if ((outcome !== ok) !== graver) return;
      const x = Math.floor((xOf(operations.columns.invokedNs[row]! / 1e9) - left) / size);
      const y = Math.floor((yOf(ms) - top) / size);
      const cell = y * columns + x;
      if (x < 0 || y < 0 || drawn[cell] === outcome + 1) return;
      drawn[cell] = outcome + 1;
      plot.ctx.globalAlpha = graver ? 0.9 : 0.45;
      plot.ctx.fillStyle = colours.outcome[outcome]!;
      plot.ctx.fillRect(left + x * size, top + y * size, size, size);
    });
  }
  plot.ctx.restore();
}

/** The plot's own scale, worked out from two points once instead of by asking it for every operation. */
function line(plot: uPlot, scale: string, low: number, high: number, of: (value: number) => number) {
  const from = plot.valToPos(low, scale, true);
  const slope = (plot.valToPos(high, scale, true) - from) / (of(high) - of(low));
  return (value: number): number => from + (of(value) - of(low)) * slope;
}

/** The value once it has stopped changing for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settleMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
