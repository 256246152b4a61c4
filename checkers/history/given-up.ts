import type { GivenUp } from './history.ts';

/** The `info` events of clients while a history is built: 16 bytes each, and nothing for a history without. */
export class GrowingGivenUp {
  private length = 0;
  private op = new Int32Array(0);
  private at = new Int32Array(0);
  private ns = new Float64Array(0);

  push(op: number, at: number, ns: number): void {
    if (this.length === this.op.length) this.grow();
    this.op[this.length] = op;
    this.at[this.length] = at;
    this.ns[this.length] = ns;
    this.length++;
  }

  columns(): GivenUp {
    const { length, op, at, ns } = this;
    return { op: op.subarray(0, length), at: at.subarray(0, length), ns: ns.subarray(0, length) };
  }

  private grow(): void {
    const { op, at, ns } = this;
    const to = Math.max(16, 2 * this.length);
    this.op = new Int32Array(to);
    this.at = new Int32Array(to);
    this.ns = new Float64Array(to);
    this.op.set(op);
    this.at.set(at);
    this.ns.set(ns);
  }
}
