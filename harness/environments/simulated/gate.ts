/** What happens to somebody who can be stopped: while stopped, everything waits, in order. */
export class Gate {
  #stopped = false;
  #waiting: (() => void)[] = [];

  get stopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
  }

  resume(): void {
    this.#stopped = false;
    while (!this.#stopped) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next();
    }
  }

  /** Runs it now, or as soon as nobody is stopped any more. */
  pass(run: () => void): void {
    if (this.#stopped || this.#waiting.length > 0) this.#waiting.push(run);
    else run();
  }
}
