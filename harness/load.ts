import type { Ending } from './client/client.ts';
import type { Context, Generator, Planned } from './generator/generator.ts';
import type { Random } from './random.ts';
import { nsPerMs, type Time } from './time.ts';

export interface LoadOptions {
  readonly generator: Generator;
  readonly workers: number;
  readonly time: Time;
  readonly random: Random;
  /** Performs and records one operation. Rejects only when the harness itself is broken, which ends the load. */
  readonly perform: (worker: number, process: number, planned: Planned) => Promise<Ending>;
  /** The first process number of each worker; processes of one phase never return in another. */
  readonly processes: number[];
  readonly signal: AbortSignal;
}

/**
 * Lets a generator drive concurrent workers until it is done and every operation has ended. On abort nothing new is
 * begun, and what is open is waited for (each operation has its own time limit).
 *
 * After an unknown outcome the worker goes on as a new process, `workers` higher (SYSTEMS 15.2).
 */
export function drive(options: LoadOptions): Promise<void> {
  return new Promise((resolve, reject) => new Drive(options, resolve, reject).begin());
}

class Drive {
  readonly #options: LoadOptions;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  /** Longest idle first: spreads the load evenly. */
  readonly #free: number[];
  readonly #context: Context;
  #generator: Generator;
  #finished = false;
  #pumping = false;
  #timer: { cancel(): void } | undefined;

  constructor(options: LoadOptions, resolve: () => void, reject: (reason: unknown) => void) {
    const { workers, time, random, processes, generator } = options;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#generator = generator;
    this.#free = Array.from({ length: workers }, (_, worker) => worker);
    this.#context = {
      get nowNs() {
        return time.nowNs();
      },
      free: this.#free,
      workers,
      processOf: (worker) => processes[worker]!,
      random,
    };
  }

  begin(): void {
    const { signal } = this.#options;
    signal.addEventListener('abort', this.#finish, { once: true });
    if (signal.aborted) this.#finish();
    else this.#pump();
  }

  /** Nothing new from here on; resolves once nothing is open. */
  #finish = (): void => {
    this.#finished = true;
    this.#timer?.cancel();
    if (this.#free.length < this.#options.workers) return;
    this.#options.signal.removeEventListener('abort', this.#finish);
    this.#resolve();
  };

  /** Asks the generator as long as somebody is free and it has something to do now. */
  #pump = (): void => {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#timer?.cancel();
    while (!this.#finished && this.#free.length > 0) {
      const next = this.#generator.next(this.#context);
      if (next.kind === 'done') {
        this.#finish();
        break;
      }
      this.#generator = next.rest;
      if (next.kind === 'wait') {
        if (next.untilNs !== undefined) this.#pumpAt(next.untilNs);
        break;
      }
      this.#perform(next.worker, next.planned);
    }
    this.#pumping = false;
  };

  #pumpAt(untilNs: number): void {
    const { time } = this.#options;
    this.#timer = time.after(Math.max(0, (untilNs - time.nowNs()) / nsPerMs), this.#pump);
  }

  #perform(worker: number, planned: Planned): void {
    this.#free.splice(this.#free.indexOf(worker), 1);
    const process = this.#options.processes[worker]!;
    this.#options.perform(worker, process, planned).then(
      (ending) => this.#ended(worker, process, planned, ending),
      (reason) => {
        this.#finished = true;
        this.#timer?.cancel();
        this.#reject(reason);
      },
    );
  }

  #ended(worker: number, process: number, planned: Planned, ending: Ending): void {
    this.#free.push(worker);
    const seen = ending.type === 'ok' ? defined({ value: ending.value, result: ending.result }) : {};
    this.#generator = this.#generator.update({ planned, worker, process, type: ending.type, ...seen });
    if (ending.type === 'info') this.#options.processes[worker] = process + this.#options.workers;
    if (this.#finished) this.#finish();
    else this.#pump();
  }
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
