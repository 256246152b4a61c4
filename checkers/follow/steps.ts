import type { Call } from './call.ts';

/** An invocation or a return. */
export interface Step {
  readonly call: Call;
  readonly returns: boolean;
}

/** A first-in-first-out queue of steps; O(1) each, amortised. */
export class Steps {
  private readonly steps: Step[] = [];
  private head = 0;

  get length(): number {
    return this.steps.length - this.head;
  }

  get first(): Step | undefined {
    return this.steps[this.head];
  }

  push(call: Call, returns: boolean): void {
    this.steps.push({ call, returns });
  }

  shift(): void {
    this.head++;
    if (this.head * 2 < this.steps.length || (this.head < 64 && this.head < this.steps.length)) return;
    this.steps.splice(0, this.head);
    this.head = 0;
  }

  /** Those that have not been taken off. */
  *[Symbol.iterator](): Generator<Step> {
    for (let at = this.head; at < this.steps.length; at++) yield this.steps[at]!;
  }
}
