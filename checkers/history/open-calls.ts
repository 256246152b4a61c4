/** No call of the process is open. */
export const IDLE = -1;
/** The process had an unknown outcome. */
export const RETIRED = -2;

/** Process numbers below this have a row each; the few beyond live in a map. */
const ROWS_MAX = 1 << 22;

/** Per process: the operation it has open, or `IDLE`, or `RETIRED`. 4 bytes per process number up to 4 million. */
export class OpenCalls {
  /** One higher than `IDLE`, so that fresh rows are idle. */
  private rows = new Int32Array(64);
  private readonly beyond = new Map<number, number>();

  get(process: number): number {
    if (process < this.rows.length) return this.rows[process]! - 1;
    return process < ROWS_MAX ? IDLE : (this.beyond.get(process) ?? IDLE);
  }

  set(process: number, op: number): void {
    if (process >= ROWS_MAX) this.beyond.set(process, op);
    else {
      if (process >= this.rows.length) this.grow(process);
      this.rows[process] = op + 1;
    }
  }

  private grow(process: number): void {
    const rows = new Int32Array(Math.min(ROWS_MAX, Math.max(2 * this.rows.length, 2 * process)));
    rows.set(this.rows);
    this.rows = rows;
  }
}
