import type { Time } from '../../harness/time.ts';

interface Due {
  readonly atNs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when everything that can happen now has happened: tests of seconds take milliseconds. */
export class VirtualTime implements Time {
  #nowNs = 0;
  #order = 0;
  #due: Due[] = [];

  nowNs(): number {
    return this.#nowNs;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const due: Due = { atNs: this.#nowNs + Math.max(0, delayMs) * 1e6, order: this.#order++, run };
    this.#due.push(due);
    return {
      cancel: () => {
        this.#due = this.#due.filter((other) => other !== due);
      },
    };
  }

  /** Lets time pass until the work is done. Rejects when nothing is due any more and the work still waits. */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const watch = work.finally(() => {
      settled = true;
    });
    watch.catch(() => undefined);
    for (;;) {
      // Promise chains of the code under test run out before the clock moves on.
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return watch;
      this.#due.sort((a, b) => a.atNs - b.atNs || a.order - b.order);
      const next = this.#due.shift();
      if (next === undefined) throw new Error('virtual time: nothing is due, and the work still waits');
      this.#nowNs = Math.max(this.#nowNs, next.atNs);
      next.run();
    }
  }
}
