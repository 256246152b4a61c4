import type { Value } from '../../checkers/history/operation.ts';
import type { Completed, Context, Generator, Next, Planned } from '../generator/generator.ts';
import { integer, pick } from '../random.ts';
import { nsPerMs } from '../time.ts';

export interface LockCycleOptions {
  readonly locks: readonly string[];
  readonly ttlMs: number;
  /** After so many cycles the script ends; Infinity for the load. */
  readonly cycles: number;
  /** What is done between grant and release. */
  readonly critical: (held: Held, context: Context) => CriticalStep;
}

/** A grant, as its owner knows it. */
export interface Held {
  readonly lock: string;
  readonly owner: string;
  readonly token: number;
  /** What the resource said when last read under this grant; undefined before. */
  readonly read: Value | undefined;
  /** Critical operations done under this grant. */
  readonly done: number;
}

/** The next operation under the lock after holding on for a while, or the end of the critical section. */
export type CriticalStep =
  | { readonly kind: 'operation'; readonly planned: Planned; readonly afterMs: number }
  | { readonly kind: 'release'; readonly afterMs: number };

/**
 * One client of a lock, as a script: acquire (with or without waiting), work, release, again. A client that is refused
 * backs off; one that learns that its grant is gone begins anew; one that does not learn the outcome is retired with its
 * script by `eachProcess`, and whatever it may hold unknowingly ends with its lease (SYSTEMS 7.1b).
 */
export function lockCycle(process: number, options: LockCycleOptions): Generator {
  return idle(`p${process}`, options, options.cycles, 0);
}

function idle(owner: string, options: LockCycleOptions, cycles: number, notBeforeNs: number): Generator {
  return {
    next(context) {
      if (cycles <= 0) return { kind: 'done' };
      if (context.nowNs < notBeforeNs) return { kind: 'wait', untilNs: notBeforeNs, rest: this };
      const lock = pick(context.random, options.locks);
      const wait = context.random() < 0.5 ? { waitMs: Math.round(options.ttlMs / 2) } : {};
      const planned: Planned = { f: 'acquire', key: lock, value: { owner, ttlMs: options.ttlMs, ...wait } };
      return operation(context, planned, acquiring(owner, lock, options, cycles, context.nowNs));
    },
    update() {
      return this;
    },
  };
}

function acquiring(owner: string, lock: string, options: LockCycleOptions, cycles: number, sinceNs: number): Generator {
  return waitingFor((completed) => {
    if (completed.type !== 'ok') return idle(owner, options, cycles, sinceNs + 50 * nsPerMs);
    // Being refused is an answer, and spends no cycle: the final phase wants a full one from everybody.
    if (typeof completed.result !== 'number') return idle(owner, options, cycles, sinceNs + 20 * nsPerMs);
    const held = { lock, owner, token: completed.result, read: undefined, done: 0 };
    return holding(held, options, cycles);
  });
}

function holding(held: Held, options: LockCycleOptions, cycles: number): Generator {
  return {
    next(context) {
      const step = options.critical(held, context);
      const rest =
        step.kind === 'operation'
          ? acting(held, step.planned, options, cycles)
          : acting(held, release(held), options, cycles);
      return pausing(context.nowNs + step.afterMs * nsPerMs, rest).next(context);
    },
    update() {
      return this;
    },
  };
}

/** Goes on at a time; the decision what to do is already made. */
function pausing(atNs: number, rest: Generator): Generator {
  return {
    next: (context): Next =>
      context.nowNs < atNs ? { kind: 'wait', untilNs: atNs, rest: pausing(atNs, rest) } : rest.next(context),
    update: () => pausing(atNs, rest),
  };
}

function acting(held: Held, planned: Planned, options: LockCycleOptions, cycles: number): Generator {
  return {
    next: (context) =>
      operation(
        context,
        planned,
        waitingFor((completed) => {
          if (planned.f === 'release') return idle(held.owner, options, cycles - 1, 0);
          const lost = completed.type !== 'ok' || completed.result === false;
          if (lost) return acting(held, release(held), options, cycles);
          const value = completed.value as { readonly value?: Value } | undefined;
          const read = planned.f === 'fenced-read' ? (value?.value ?? null) : held.read;
          return holding({ ...held, read, done: held.done + 1 }, options, cycles);
        }),
      ),
    update() {
      return this;
    },
  };
}

/** Nothing to do until the open operation ends. */
function waitingFor(then: (completed: Completed) => Generator): Generator {
  const self: Generator = { next: () => ({ kind: 'wait', rest: self }), update: then };
  return self;
}

const release = ({ lock, owner, token }: Held): Planned => ({ f: 'release', key: lock, value: { owner, token } });

const operation = (context: Context, planned: Planned, rest: Generator): Next => ({
  kind: 'operation',
  worker: context.free[0]!,
  planned,
  rest,
});

/** A pause of up to `maxMs`, most of them short. */
export const shortPauseMs = (context: Context, maxMs: number): number => integer(context.random, 1, maxMs + 1);
