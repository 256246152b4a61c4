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
  #turns = 0;

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
  drive<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    done.catch(() => undefined);
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        if (settled) {
          resolve(done);
          return;
        }
        const next = this.#queue.take();
        if (next === undefined) {
          reject(new Error('the simulation stands still: nothing is due, and the work still waits'));
          return;
        }
        this.#nowNs = Math.max(this.#nowNs, next.atNs);
        try {
          next.run();
        } catch (error) {
          reject(error);
          return;
        }
        this.#whenSettled(turn);
      };
      this.#whenSettled(turn);
    });
  }

  /**
   * Runs it once every promise that can settle now has done so. A tick runs only when no microtask is left, and it costs
   * a tenth of a turn of the event loop; that turns now and then, for signals and for other threads.
   */
  #whenSettled(run: () => void): void {
    if (++this.#turns % turnsPerLoop === 0) setImmediate(run);
    else queueMicrotask(() => process.nextTick(run));
  }
}

const turnsPerLoop = 256;
