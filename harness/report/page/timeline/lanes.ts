import { firstAtLeast, none, type Operations, outcomes } from '../../data/operations.ts';

/** Operations of one lane and one outcome, in order; they do not overlap. */
export interface Strip {
  readonly rows: Int32Array;
  readonly startNs: Float64Array;
  /** Where the bar ends: the completion, or, if none came, the lane's next operation, or the end of the run. */
  readonly endNs: Float64Array;
}

/** By outcome, in the order of `outcomes`. */
export type Lane = readonly Strip[];

export interface Lanes {
  readonly lanes: readonly Lane[];
  /** By row. */
  readonly laneOf: Int32Array;
  /** By row; see `Strip.endNs`. */
  readonly endNs: Float64Array;
}

/**
 * Gives every process a lane for its lifetime, and its lane to a later process once it has retired: so a worker that
 * goes on under a new number after every unknown outcome stays in a picture of constant height.
 */
export function lanesOf(operations: Operations, runEndNs: number): Lanes {
  const { columns, length } = operations;
  const laneOfProcess = assignLanes(lifetimes(operations));
  const laneOf = new Int32Array(length);
  const rowsOfLane: number[][] = [];
  for (let row = 0; row < length; row++) {
    const lane = laneOfProcess.get(columns.process[row]!)!;
    laneOf[row] = lane;
    rowsOfLane[lane] ??= [];
    rowsOfLane[lane].push(row);
  }
  const endNs = new Float64Array(length);
  for (const rows of rowsOfLane) {
    for (const [i, row] of rows.entries()) {
      const next = rows[i + 1];
      const openUntil = next === undefined ? runEndNs : columns.invokedNs[next]!;
      endNs[row] = columns.completedNs[row] === none ? openUntil : columns.completedNs[row]!;
    }
  }
  const lanes = rowsOfLane.map((rows) =>
    outcomes.map((_, outcome) =>
      stripOf(
        operations,
        endNs,
        rows.filter((row) => columns.outcome[row] === outcome),
      ),
    ),
  );
  return { lanes, laneOf, endNs };
}

interface Lifetime {
  readonly process: number;
  readonly startNs: number;
  endNs: number;
}

/** In order of first invocation. */
function lifetimes({ columns, length }: Operations): Lifetime[] {
  const lives = new Map<number, Lifetime>();
  for (let row = 0; row < length; row++) {
    const process = columns.process[row]!;
    const startNs = columns.invokedNs[row]!;
    const endNs = columns.completedNs[row] === none ? Number.POSITIVE_INFINITY : columns.completedNs[row]!;
    const life = lives.get(process);
    if (life === undefined) lives.set(process, { process, startNs, endNs });
    else life.endNs = endNs;
  }
  return [...lives.values()];
}

function assignLanes(lives: readonly Lifetime[]): Map<number, number> {
  const freeAtNs: number[] = [];
  const lanes = new Map<number, number>();
  for (const { process, startNs, endNs } of lives) {
    const free = freeAtNs.findIndex((at) => at <= startNs);
    const lane = free === -1 ? freeAtNs.length : free;
    freeAtNs[lane] = endNs;
    lanes.set(process, lane);
  }
  return inOrderOfProcess(lanes);
}

/** The lane whose first process has the lowest number comes first, whichever happened to call first. */
function inOrderOfProcess(lanes: ReadonlyMap<number, number>): Map<number, number> {
  const firstProcess: number[] = [];
  for (const [process, lane] of lanes) firstProcess[lane] ??= process;
  const order = [...firstProcess.keys()].sort((a, b) => firstProcess[a]! - firstProcess[b]!);
  const place = new Map(order.map((lane, i) => [lane, i]));
  return new Map([...lanes].map(([process, lane]) => [process, place.get(lane)!]));
}

function stripOf({ columns }: Operations, endNs: Float64Array, rows: readonly number[]): Strip {
  return {
    rows: Int32Array.from(rows),
    startNs: Float64Array.from(rows, (row) => columns.invokedNs[row]!),
    endNs: Float64Array.from(rows, (row) => endNs[row]!),
  };
}

/** The first operation of a strip that is still going on at this time, or begins later. */
export const firstEndingAt = (strip: Strip, atNs: number): number => firstAtLeast(strip.endNs, atNs);
