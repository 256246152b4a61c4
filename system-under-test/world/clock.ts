import type { Clock, Timer } from './world.ts';

/** What the host offers; replaceable so that the arithmetic below can be tested against a clock that a test owns. */
export interface HostClock {
  monotonicMs(): number;
  wallMs(): number;
  /** Runs once, about `delayMs` later; may be early by a millisecond. */
  after(delayMs: number, run: () => void): () => void;
}

export const hostClock: HostClock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return () => clearTimeout(handle);
  },
};

/** The longest delay that the host's timers take; longer waits are made of several. */
const delayMsMax = 2 ** 31 - 1;

/**
 * A node's clocks, whose wall offset and rate can be set while it runs (SYSTEMS 0.4). The rate bends wall and monotonic
 * time alike; neither clock jumps when the rate changes. Timers follow this monotonic clock, so they are never early.
 */
export class AdjustableClock implements Clock {
  readonly #host: HostClock;
  readonly #pending = new Set<Wait>();
  #rate = 1;
  /** How far rates have carried this node from true time up to `#bentAtMs` (host monotonic), milliseconds. */
  #skewMs = 0;
  #bentAtMs: number;
  #wallOffsetMs = 0;

  constructor(host: HostClock = hostClock) {
    this.#host = host;
    this.#bentAtMs = host.monotonicMs();
  }

  monotonicMs(): number {
    const hostMs = this.#host.monotonicMs();
    return hostMs + this.#skewAt(hostMs);
  }

  wallMs(): number {
    return this.#host.wallMs() + this.#skewAt(this.#host.monotonicMs()) + this.#wallOffsetMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const wait: Wait = { dueMs: this.monotonicMs() + delayMs, run, disarm: () => {} };
    this.#pending.add(wait);
    this.#arm(wait);
    return {
      cancel: () => {
        wait.disarm();
        this.#pending.delete(wait);
      },
    };
  }

  /** Steps wall time only. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** From now on both clocks run at `rate` times true time; must be positive. */
  setRate(rate: number): void {
    if (!(rate > 0 && Number.isFinite(rate))) throw new RangeError(`a clock rate must be positive, got ${rate}`);
    const hostMs = this.#host.monotonicMs();
    this.#skewMs = this.#skewAt(hostMs);
    this.#bentAtMs = hostMs;
    this.#rate = rate;
    for (const wait of this.#pending) {
      wait.disarm();
      this.#arm(wait);
    }
  }

  /** Wall time is true again and both clocks run at rate 1. Monotonic time keeps what it has gained: it never jumps. */
  reset(): void {
    this.setRate(1);
    this.#wallOffsetMs = -this.#skewMs;
  }

  #skewAt(hostMs: number): number {
    return this.#skewMs + (this.#rate - 1) * (hostMs - this.#bentAtMs);
  }

  #arm(wait: Wait): void {
    const hostDelayMs = Math.min(delayMsMax, Math.max(0, (wait.dueMs - this.monotonicMs()) / this.#rate));
    wait.disarm = this.#host.after(Math.ceil(hostDelayMs), () => this.#expire(wait));
  }

  #expire(wait: Wait): void {
    if (this.monotonicMs() < wait.dueMs) {
      this.#arm(wait);
      return;
    }
    this.#pending.delete(wait);
    wait.run();
  }
}

interface Wait {
  readonly dueMs: number;
  readonly run: () => void;
  disarm: () => void;
}
