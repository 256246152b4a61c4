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
  const { workers, time, random, processes, signal } = options;
  return new Promise((resolve, reject) => {
    let generator = options.generator;
    const free = Array.from({ length: workers }, (_, worker) => worker); // longest idle first: spreads the load evenly
    let finished = false;
    let pumping = false;
    let timer: { cancel(): void } | undefined;

    const context: Context = {
      get nowNs() {
        return time.nowNs();
      },
      free,
      workers,
      processOf: (worker) => processes[worker]!,
      random,
    };

    const end = (): void => {
      finished = true;
      timer?.cancel();
      if (free.length === workers) {
        signal.removeEventListener('abort', end);
        resolve();
      }
    };

    const fail = (reason: unknown): void => {
      finished = true;
      timer?.cancel();
      reject(reason);
    };

    const pump = (): void => {
      if (pumping) return;
      pumping = true;
      timer?.cancel();
      while (!finished && free.length > 0) {
        const next = generator.next(context);
        if (next.kind === 'done') {
          end();
          break;
        }
        generator = next.rest;
        if (next.kind === 'wait') {
          if (next.untilNs !== undefined)
            timer = time.after(Math.max(0, (next.untilNs - time.nowNs()) / nsPerMs), pump);
          break;
        }
        begin(next.worker, next.planned);
      }
      pumping = false;
    };

    const begin = (worker: number, planned: Planned): void => {
      free.splice(free.indexOf(worker), 1);
      const process = processes[worker]!;
      options.perform(worker, process, planned).then((ending) => {
        free.push(worker);
        const { type } = ending;
        const seen = ending.type === 'ok' ? { value: ending.value, result: ending.result } : {};
        generator = generator.update({ planned, worker, process, type, ...defined(seen) });
        if (type === 'info') processes[worker] = process + workers;
        if (finished) end();
        else pump();
      }, fail);
    };

    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    else pump();
  });
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
