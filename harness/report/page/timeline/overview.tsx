import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { rateOf } from '../../data/series.ts';
import { prepared, useWidth } from '../canvas.ts';
import { bandColour, useColours } from '../colours.ts';
import { labelWidth } from './draw.ts';
import type { TimelineProps } from './timeline.tsx';

const height = 46;

/** The whole run in a strip: how much ended how, where the faults were, and which stretch is shown. Drag to choose one. */
export function Overview({ report, faults, view, setView, involved }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas);
  const colours = useColours();
  const plot = Math.max(1, width - labelWidth);
  const columns = Math.max(1, Math.floor(plot / 2));
  const rate = useMemo(
    () => rateOf(report.operations, { fromNs: 0, toNs: Math.max(1, report.endNs), buckets: columns }),
    [report, columns],
  );
  const [anchor, setAnchor] = useState<number>();

  const xOf = (ns: number): number => labelWidth + (ns / Math.max(1, report.endNs)) * plot;
  const nsAt = (x: number): number => (Math.min(plot, Math.max(0, x - labelWidth)) / plot) * report.endNs;

  useEffect(() => {
    const context = prepared(canvas.current, width, height);
    if (context === undefined) return;
    context.clearRect(0, 0, width, height);
    for (const band of report.bands) {
      context.fillStyle = bandColour(band.fault, faults, 0.22);
      context.fillRect(xOf(band.startNs), 0, Math.max(1, xOf(band.endNs) - xOf(band.startNs)), height);
    }
    const stacked = [rate.perSecond.ok, rate.perSecond.failed, rate.perSecond.unknown];
    const most = Math.max(
      1e-9,
      ...Array.from(rate.atNs, (_, i) => stacked.reduce((sum, series) => sum + series[i]!, 0)),
    );
    for (let i = 0; i < columns; i++) {
      let top = height;
      for (const [outcome, series] of stacked.entries()) {
        if (series[i] === 0) continue;
        const tall = Math.max(outcome === 0 ? 0 : 1.5, (series[i]! / most) * (height - 6));
        context.fillStyle = colours.outcome[outcome]!;
        context.fillRect(xOf(rate.atNs[i]!) - 1, top - tall, 2, tall);
        top -= tall;
      }
    }
    context.fillStyle = colours.violation;
    for (const row of involved) context.fillRect(xOf(report.operations.columns.invokedNs[row]!) - 1, 0, 2.5, height);
    context.fillStyle = colours.surface;
    context.globalAlpha = 0.65;
    context.fillRect(labelWidth, 0, xOf(view.fromNs) - labelWidth, height);
    context.fillRect(xOf(view.toNs), 0, width, height);
    context.globalAlpha = 1;
    context.strokeStyle = colours.muted;
    context.strokeRect(xOf(view.fromNs) + 0.5, 0.5, Math.max(2, xOf(view.toNs) - xOf(view.fromNs)) - 1, height - 1);
  });

  return (
    <canvas
      ref={canvas}
      class="overview"
      aria-label="The whole run; drag to choose the stretch that the timeline below shows"
      style={{ height: `${height}px` }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setAnchor(event.offsetX);
      }}
      onPointerMove={(event) => {
        if (anchor === undefined || Math.abs(event.offsetX - anchor) < 3) return;
        const [from, to] = [anchor, event.offsetX].sort((a, b) => a - b) as [number, number];
        setView({ fromNs: nsAt(from), toNs: nsAt(to) });
      }}
      onPointerUp={(event) => {
        if (anchor !== undefined && Math.abs(event.offsetX - anchor) < 3) {
          const half = (view.toNs - view.fromNs) / 2;
          setView({ fromNs: nsAt(event.offsetX) - half, toNs: nsAt(event.offsetX) + half });
        }
        setAnchor(undefined);
      }}
    />
  );
}
