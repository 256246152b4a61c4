import { nsPerMs, nsPerSecond } from '../time.ts';
import type { Completed, Context, Generator, Next, Planned } from './generator.ts';

const done: Next = { kind: 'done' };

/** For ever what the function says; it sees the worker (always the first free one) that will act. */
export function each(plan: (worker: number, context: Context) => Planned): Generator {
  const self: Generator = {
    next(context) {
      const worker = context.free[0]!;
      return { kind: 'operation', worker, planned: plan(worker, context), rest: self };
    },
    update: () => self,
  };
  return self;
}

/** These operations, one after another, by whoever is free. */
export function list(operations: readonly Planned[], from = 0): Generator {
  return {
    next(context) {
      const planned = operations[from];
      if (planned === undefined) return done;
      return { kind: 'operation', worker: context.free[0]!, planned, rest: list(operations, from + 1) };
    },
    update() {
      return this;
    },
  };
}

/**
 * These operations, each until it is ok or has been tried `attempts` times; a failed one goes to the back of the queue
 * and the queue rests for `restMs`, since what made it fail needs time to pass. Every try is an operation of its own.
 */
export function insist(
  operations: readonly Planned[],
  { attempts, restMs }: { readonly attempts: number; readonly restMs: number },
): Generator {
  const go = (queue: readonly Attempt[], open: readonly Attempt[], notBeforeNs: number): Generator => ({
    next(context) {
      const [first, ...others] = queue;
      if (first === undefined) return open.length === 0 ? done : { kind: 'wait', rest: this };
      if (context.nowNs < notBeforeNs) return { kind: 'wait', untilNs: notBeforeNs, rest: this };
      return {
        kind: 'operation',
        worker: context.free[0]!,
        planned: first.planned,
        rest: go(others, [...open, { ...first, beganNs: context.nowNs }], notBeforeNs),
      };
    },
    update({ planned, type }) {
      const ended = open.find((attempt) => attempt.planned === planned);
      if (ended === undefined) return this;
      const still = open.filter((attempt) => attempt !== ended);
      if (type === 'ok' || ended.left <= 1) return go(queue, still, notBeforeNs);
      const again = { ...ended, left: ended.left - 1 };
      return go([...queue, again], still, Math.max(notBeforeNs, ended.beganNs + restMs * nsPerMs));
    },
  });
  return go(
    operations.map((planned) => ({ planned, left: attempts, beganNs: 0 })),
    [],
    0,
  );
}

interface Attempt {
  readonly planned: Planned;
  readonly left: number;
  readonly beganNs: number;
}

/** Chooses among generators with these weights at every operation; ends when all have ended. */
export function mix(parts: readonly { readonly weight: number; readonly generator: Generator }[]): Generator {
  return {
    next(context) {
      if (parts.length === 0) return done;
      let sum = 0;
      for (const part of parts) sum += part.weight;
      let at = context.random() * sum;
      let chosen = 0;
      while (chosen < parts.length - 1 && at >= parts[chosen]!.weight) at -= parts[chosen++]!.weight;
      const next = parts[chosen]!.generator.next(context);
      if (next.kind === 'done') return mix(parts.filter((_, i) => i !== chosen)).next(context);
      const rest = mix(parts.map((part, i) => (i === chosen ? { ...part, generator: next.rest } : part)));
      return { ...next, rest };
    },
    update(completed) {
      return mix(parts.map((part) => ({ ...part, generator: part.generator.update(completed) })));
    },
  };
}

/**
 * At most `perSecond` operations a second on average, exponentially spaced (a Poisson process), so that arrivals do not
 * keep step with the system's own timers. Falls behind rather than bursting: at most a tenth of a second is made up.
 */
export function stagger(perSecond: number, inner: Generator, dueNs?: number): Generator {
  return {
    next(context) {
      const due = Math.max(dueNs ?? context.nowNs, context.nowNs - nsPerSecond / 10);
      if (due > context.nowNs) return { kind: 'wait', untilNs: due, rest: this };
      const next = inner.next(context);
      if (next.kind === 'done') return done;
      if (next.kind === 'wait') return { ...next, rest: stagger(perSecond, next.rest, dueNs) };
      const gapNs = (-Math.log(1 - context.random()) * nsPerSecond) / perSecond;
      return { ...next, rest: stagger(perSecond, next.rest, due + gapNs) };
    },
    update: (completed) => stagger(perSecond, inner.update(completed), dueNs),
  };
}

/** Ends after so many operations. */
export function limit(operations: number, inner: Generator): Generator {
  return {
    next(context) {
      if (operations <= 0) return done;
      const next = inner.next(context);
      if (next.kind === 'done') return done;
      return { ...next, rest: limit(next.kind === 'operation' ? operations - 1 : operations, next.rest) };
    },
    update: (completed) => limit(operations, inner.update(completed)),
  };
}

/** Ends at this time (nanoseconds of the run). */
export function until(endNs: number, inner: Generator): Generator {
  return {
    next(context) {
      if (context.nowNs >= endNs) return done;
      const next = inner.next(context);
      if (next.kind === 'done') return done;
      const rest = until(endNs, next.rest);
      if (next.kind === 'operation') return { ...next, rest };
      return { kind: 'wait', untilNs: Math.min(next.untilNs ?? endNs, endNs), rest };
    },
    update: (completed) => until(endNs, inner.update(completed)),
  };
}

/** One generator after the other; the next begins when all operations of the one before have completed. */
export function phases(parts: readonly Generator[], open = 0): Generator {
  return {
    next(context) {
      const [first, ...others] = parts;
      if (first === undefined) return done;
      const next = first.next(context);
      if (next.kind === 'operation') return { ...next, rest: phases([next.rest, ...others], open + 1) };
      if (next.kind === 'wait') return { ...next, rest: phases([next.rest, ...others], open) };
      if (open > 0) return { kind: 'wait', rest: this };
      return phases(others).next(context);
    },
    update(completed) {
      const [first, ...others] = parts;
      if (first === undefined) return this;
      return phases([first.update(completed), ...others], Math.max(0, open - 1));
    },
  };
}

/**
 * Rotating keys: `active` keys at a time, each retired after `operationsPerKey` operations. Short per-key histories keep
 * unknown outcomes from piling up on one key (SYSTEMS 1c, 15.1). `start` makes the generator of the key with a number.
 */
export function perKey(options: {
  readonly active: number;
  readonly operationsPerKey: number;
  readonly start: (number: number) => Generator;
}): Generator {
  const fresh = (number: number): KeySlot => ({
    number,
    generator: options.start(number),
    left: options.operationsPerKey,
  });
  const rotate = (slots: readonly KeySlot[], created: number): Generator => ({
    next(context) {
      const chosen = Math.floor(context.random() * slots.length);
      const slot = slots[chosen]!;
      const next = slot.generator.next(context);
      const replace = (by: KeySlot, total: number) =>
        rotate(
          slots.map((old, i) => (i === chosen ? by : old)),
          total,
        );
      if (next.kind === 'done') return replace(fresh(created), created + 1).next(context);
      if (next.kind === 'wait') return { ...next, rest: replace({ ...slot, generator: next.rest }, created) };
      const rest =
        slot.left <= 1
          ? replace(fresh(created), created + 1)
          : replace({ ...slot, generator: next.rest, left: slot.left - 1 }, created);
      return { ...next, rest };
    },
    update: (completed) =>
      rotate(
        slots.map((slot) => ({ ...slot, generator: slot.generator.update(completed) })),
        created,
      ),
  });
  return rotate(
    Array.from({ length: options.active }, (_, number) => fresh(number)),
    options.active,
  );
}

interface KeySlot {
  readonly number: number;
  readonly generator: Generator;
  readonly left: number;
}

/**
 * Every logical process runs a script of its own: `start` makes it when the process first appears, so that a process
 * which takes over after an unknown outcome begins anew. A script sees only its own worker and its own completions; all end when every worker's has ended.
 */
export function eachProcess(start: (process: number) => Generator): Generator {
  const run = (scripts: ReadonlyMap<number, ProcessScript>): Generator => ({
    next(context) {
      let untilNs: number | undefined;
      let current = scripts;
      let ended = 0;
      for (const worker of context.free) {
        const process = context.processOf(worker);
        const known = current.get(worker);
        const script = known?.process === process ? known : { process, generator: start(process) };
        const next = script.generator.next({ ...context, free: [worker] });
        if (next.kind === 'done') {
          ended++;
          continue;
        }
        current = new Map(current).set(worker, { process, generator: next.rest });
        if (next.kind === 'operation') return { ...next, rest: run(current) };
        if (next.untilNs !== undefined) untilNs = Math.min(untilNs ?? next.untilNs, next.untilNs);
      }
      if (ended === context.workers) return done;
      return { kind: 'wait', ...(untilNs === undefined ? {} : { untilNs }), rest: run(current) };
    },
    update(completed: Completed) {
      const script = scripts.get(completed.worker);
      if (script === undefined || script.process !== completed.process) return this;
      const generator = script.generator.update(completed);
      return run(new Map(scripts).set(completed.worker, { process: script.process, generator }));
    },
  });
  return run(new Map());
}

interface ProcessScript {
  readonly process: number;
  readonly generator: Generator;
}
