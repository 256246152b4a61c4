import type { Band, Mark } from '../../data/bands.ts';
import { failed, none, type Operations, ok, rowOf, unknown } from '../../data/operations.ts';
import { operationInWords } from '../../data/words.ts';
import { bandColour, type Colours } from '../colours.ts';
import { ticks, type View, widthOf } from '../view.ts';
import { firstEndingAt, type Lanes, type Strip } from './lanes.ts';

/** Pixels. */
export const axisHeight = 38;
export const labelWidth = 58;
const barGap = 2;
const labelMin = 36;
const characterWidth = 6.1;

export interface Scene {
  readonly operations: Operations;
  readonly lanes: Lanes;
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  readonly faults: readonly string[];
  readonly view: View;
  readonly colours: Colours;
  readonly width: number;
  readonly height: number;
  readonly laneHeight: number;
  /** Pixels that the lanes are scrolled by. */
  readonly scrollY: number;
  /** Rows, ascending. */
  readonly matches: Float64Array;
  /** While a search is on, whatever does not match steps back. */
  readonly searching: boolean;
  readonly involved: readonly number[];
  readonly selected: number | undefined;
}

export const xOf = (scene: Pick<Scene, 'view' | 'width'>, ns: number): number =>
  labelWidth + ((ns - scene.view.fromNs) / widthOf(scene.view)) * (scene.width - labelWidth);

export const nsAt = (scene: Pick<Scene, 'view' | 'width'>, x: number): number =>
  scene.view.fromNs + ((x - labelWidth) / (scene.width - labelWidth)) * widthOf(scene.view);

/**
 * Draws what is visible. Bars narrower than a pixel are merged, outcome by outcome, the rarer and graver on top: so the
 * cost depends on the size of the canvas and not of the history, and no failure is hidden behind successes.
 */
export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  context.clearRect(0, 0, scene.width, scene.height);
  context.font = '11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
  context.textBaseline = 'middle';
  context.save();
  context.beginPath();
  context.rect(labelWidth, 0, scene.width - labelWidth, scene.height);
  context.clip();
  drawLanes(context, scene);
  drawBands(context, scene);
  drawGrid(context, scene);
  context.globalAlpha = scene.searching ? 0.25 : 1;
  for (const outcome of [ok, failed, unknown]) drawOutcome(context, scene, outcome);
  context.globalAlpha = 1;
  drawRows(context, scene, scene.matches, scene.colours.match);
  drawRows(context, scene, scene.involved, scene.colours.violation);
  if (scene.selected !== undefined) outlineRow(context, scene, scene.selected);
  drawMarks(context, scene);
  drawAxis(context, scene);
  context.restore();
  drawLaneLabels(context, scene);
}

function laneTop(scene: Scene, lane: number): number {
  return axisHeight + lane * scene.laneHeight - scene.scrollY;
}

function visibleLanes(scene: Scene): [first: number, end: number] {
  const first = Math.max(0, Math.floor(scene.scrollY / scene.laneHeight));
  const fit = Math.ceil((scene.height - axisHeight) / scene.laneHeight) + 1;
  return [first, Math.min(scene.lanes.lanes.length, first + fit)];
}

function drawLanes(context: CanvasRenderingContext2D, scene: Scene): void {
  context.fillStyle = scene.colours.lane;
  const [first, end] = visibleLanes(scene);
  for (let lane = first; lane < end; lane++) {
    if (lane % 2 === 0) context.fillRect(labelWidth, laneTop(scene, lane), scene.width, scene.laneHeight);
  }
}

function drawBands(context: CanvasRenderingContext2D, scene: Scene): void {
  for (const band of scene.bands) {
    const from = xOf(scene, band.startNs);
    const to = xOf(scene, band.endNs);
    if (to < labelWidth || from > scene.width) continue;
    context.fillStyle = bandColour(band.fault, scene.faults, 0.16);
    context.fillRect(from, 0, Math.max(1, to - from), scene.height);
    context.fillStyle = bandColour(band.fault, scene.faults, 0.9);
    context.fillRect(from, 0, Math.max(1, to - from), 3);
  }
}

function drawOutcome(context: CanvasRenderingContext2D, scene: Scene, outcome: number): void {
  const [first, end] = visibleLanes(scene);
  for (let lane = first; lane < end; lane++)
    drawStrip(context, scene, lane, scene.lanes.lanes[lane]![outcome]!, outcome);
}

function drawStrip(context: CanvasRenderingContext2D, scene: Scene, lane: number, strip: Strip, outcome: number): void {
  const top = laneTop(scene, lane) + barGap / 2;
  const height = Math.max(1, scene.laneHeight - barGap);
  let i = firstEndingAt(strip, scene.view.fromNs);
  while (i < strip.rows.length && strip.startNs[i]! <= scene.view.toNs) {
    const from = xOf(scene, strip.startNs[i]!);
    const to = Math.max(from + 1.5, xOf(scene, strip.endNs[i]!));
    context.fillStyle = scene.colours.outcome[outcome]!;
    bar(context, scene, { from, to: to - (to - from > 4 ? 1 : 0), top, height, row: strip.rows[i]! });
    i++;
    // The next bar that reaches beyond this one's last pixel.
    if (i < strip.rows.length && strip.endNs[i]! < nsAt(scene, to)) i = firstEndingAt(strip, nsAt(scene, to));
  }
}

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly height: number;
  readonly row: number;
}

function bar(context: CanvasRenderingContext2D, scene: Scene, { from, to, top, height, row }: Bar): void {
  context.fillRect(from, top, to - from, height);
  const left = Math.max(from, labelWidth);
  const room = Math.min(to, scene.width) - left;
  if (room < labelMin || height < 10) return;
  const text = operationInWords(rowOf(scene.operations, row));
  const fit = Math.floor((room - 6) / characterWidth);
  context.fillStyle = scene.colours.onBar;
  context.fillText(
    text.length <= fit ? text : `${text.slice(0, Math.max(1, fit - 1))}…`,
    left + 3,
    top + height / 2 + 0.5,
  );
}

function drawRows(context: CanvasRenderingContext2D, scene: Scene, rows: Iterable<number>, colour: string): void {
  const top = barGap / 2;
  const height = Math.max(2, scene.laneHeight - barGap);
  for (const row of rows) {
    const endNs = scene.lanes.endNs[row]!;
    const startNs = scene.operations.columns.invokedNs[row]!;
    if (startNs > scene.view.toNs) break; // rows ascend by invocation
    if (endNs < scene.view.fromNs) continue;
    const from = xOf(scene, startNs);
    context.fillStyle = colour;
    const to = Math.max(from + 2.5, xOf(scene, endNs));
    bar(context, scene, { from, to, top: top + laneTop(scene, scene.lanes.laneOf[row]!), height, row });
  }
}

function outlineRow(context: CanvasRenderingContext2D, scene: Scene, row: number): void {
  const from = xOf(scene, scene.operations.columns.invokedNs[row]!);
  const to = Math.max(from + 2, xOf(scene, scene.lanes.endNs[row]!));
  context.strokeStyle = scene.colours.text;
  context.lineWidth = 2;
  context.strokeRect(from - 1.5, laneTop(scene, scene.lanes.laneOf[row]!) - 0.5, to - from + 3, scene.laneHeight + 1);
}

function drawMarks(context: CanvasRenderingContext2D, scene: Scene): void {
  context.fillStyle = scene.colours.muted;
  for (const mark of scene.marks) context.fillRect(xOf(scene, mark.atNs), 4, 1, scene.height);
}

function drawGrid(context: CanvasRenderingContext2D, scene: Scene): void {
  context.fillStyle = scene.colours.line;
  for (const at of ticksOf(scene).atNs) context.fillRect(xOf(scene, at), axisHeight - 6, 1, scene.height);
}

const ticksOf = (scene: Scene) => ticks(scene.view, (scene.width - labelWidth) / 110);

function drawAxis(context: CanvasRenderingContext2D, scene: Scene): void {
  context.fillStyle = scene.colours.surface;
  context.globalAlpha = 0.85;
  context.fillRect(labelWidth, 3, scene.width, axisHeight - 3);
  context.globalAlpha = 1;
  let freeFrom = 0;
  for (const band of scene.bands) {
    const from = Math.max(xOf(scene, band.startNs), labelWidth);
    if (from > scene.width || xOf(scene, band.endNs) < labelWidth || from < freeFrom) continue;
    context.fillStyle = scene.colours.text;
    context.fillText(band.fault, from + 3, 12);
    freeFrom = from + (band.fault.length + 1) * characterWidth;
  }
  const { atNs, label } = ticksOf(scene);
  for (const at of atNs) {
    const x = xOf(scene, at);
    context.fillStyle = scene.colours.muted;
    context.fillText(label(at), x + 3, axisHeight - 10);
  }
}

/** A lane is called after the process that acts in it where the view begins. */
function drawLaneLabels(context: CanvasRenderingContext2D, scene: Scene): void {
  const [first, end] = visibleLanes(scene);
  context.save();
  context.beginPath();
  context.rect(0, axisHeight, labelWidth, scene.height);
  context.clip();
  context.fillStyle = scene.colours.muted;
  context.textAlign = 'right';
  const each = Math.max(1, Math.ceil(13 / scene.laneHeight));
  for (let lane = first; lane < end; lane += each) {
    const process = processAt(scene, lane);
    if (process !== none) context.fillText(`p${process}`, labelWidth - 8, laneTop(scene, lane) + scene.laneHeight / 2);
  }
  context.textAlign = 'left';
  context.restore();
}

function processAt(scene: Scene, lane: number): number {
  let best = none;
  let bestStart = Number.POSITIVE_INFINITY;
  for (const strip of scene.lanes.lanes[lane]!) {
    const i = firstEndingAt(strip, scene.view.fromNs);
    if (i >= strip.rows.length || strip.startNs[i]! >= bestStart) continue;
    bestStart = strip.startNs[i]!;
    best = scene.operations.columns.process[strip.rows[i]!]!;
  }
  return best;
}

/** The operation drawn at this point, the graver outcome first; undefined between bars. */
export function rowAt(scene: Scene, x: number, y: number): number | undefined {
  const lane = scene.lanes.lanes[Math.floor((y - axisHeight + scene.scrollY) / scene.laneHeight)];
  if (lane === undefined || y < axisHeight || x < labelWidth) return undefined;
  const reach = 2; // pixels: a bar may be thinner than a hand is steady
  for (const outcome of [unknown, failed, ok]) {
    const strip = lane[outcome]!;
    const i = firstEndingAt(strip, nsAt(scene, x - reach));
    if (i < strip.rows.length && strip.startNs[i]! <= nsAt(scene, x + reach)) return strip.rows[i]!;
  }
  return undefined;
}
