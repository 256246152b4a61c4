import { nsPerMs, type Time } from '../../time.ts';
import { type Due, EventQueue } from './event-queue.ts';

/**
 * Virtual time: it passes only when everything that can happen now has happened. One thread, one queue; equal programs
 * see equal times. Times are whole nanoseconds.
 */
export class Simulation implements Time {
  readonly #queue = new EventQueue();
  #nowNs = 0;
  #order = 0;

  nowNs(): number {
    return this.#nowNs;
  }

  nowMs(): number {
    return this.#nowNs / nsPerMs;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const atNs = this.#nowNs + Math.max(0, Math.ceil(delayMs * nsPerMs));
    const due: Due = { atNs, order: this.#order++, run, cancelled: false };
    this.#queue.push(due);
    return {
      cancel: () => {
        due.cancelled = true;
      },
    };
  }

  /** Lets time pass until the work is done. Rejects when nothing is due any more and the work still waits. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    done.catch(() => undefined);
    for (;;) {
      // Promises that can settle now do so before the clock moves on.
      await promisesSettled();
      if (settled) return done;
      const next = this.#queue.take();
      if (next === undefined) throw new Error('the simulation stands still: nothing is due, and the work still waits');
      this.#nowNs = Math.max(this.#nowNs, next.atNs);
      next.run();
    }
  }
}

const promisesSettled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
