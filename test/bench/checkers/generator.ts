import { type History, HistoryBuilder } from '../../../checkers/history/history.ts';
import type { HistoryEvent, Value } from '../../../checkers/history/operation.ts';
import { Random } from '../../checkers/linearizability/random.ts';
import {
  type Answer,
  type Asked,
  Cell,
  Counter,
  GrowingSet,
  Log,
  type Mix,
  Queue,
  type SharedObject,
} from './objects.ts';

/** A kind of history to generate. */
export interface Workload {
  readonly name: string;
  readonly object: 'cell' | 'log' | 'queue' | 'counter' | 'set';
  /** The model that judges it. */
  readonly model: string;
  /** What the object holds at first, where that is not what the model says. */
  readonly initial?: Value;
  readonly operations: number;
  readonly processes: number;
  /** Shared objects, each under a key of its own; 1 if not said. */
  readonly keys?: number;
  /** After so many operations a key is never used again, and a new one takes its place. */
  readonly rotate?: number;
  /** Of a cell: how many different values are written; without it every write has its own. */
  readonly values?: number;
  /**
   * Of a cell: shares of the operations, half reads and half writes if not said. Of a set: the share of reads, one in a
   * hundred if not said, since each lists every element.
   */
  readonly mix?: Mix;
  /** The share of operations whose outcome is unknown; half of those have taken effect. */
  readonly unknown?: number;
  /** How much longer a process waits between two calls than a call takes: 0 if not said, everybody always busy. */
  readonly think?: number;
  /** Where in the history (0 to 1) an answer is false. */
  readonly lieAt?: number;
  /** How many answers are false from there on; 1 if not said. Where values repeat, one alone may be explained. */
  readonly lies?: number;
}

interface Shared {
  readonly key: number;
  readonly object: SharedObject;
  used: number;
}

interface Open {
  readonly asked: Asked;
  readonly of: Shared;
  /** Once it has taken effect. */
  answer: Answer | undefined;
}

/**
 * Runs correct objects under overlapping clients, one event at a time: equal arguments give equal events. A call is
 * invoked, takes effect, and returns in three steps of its process; processes take steps at random. Times are
 * nanoseconds, ten microseconds an event.
 */
export function generate(workload: Workload, seed: number, sink: (event: HistoryEvent) => void): void {
  const {
    operations,
    processes,
    keys = 1,
    rotate = Number.POSITIVE_INFINITY,
    unknown = 0,
    think = 0,
    lieAt,
  } = workload;
  const random = new Random(seed);
  let keysUsed = 0;
  const fresh = (): Shared => ({ key: keysUsed++, object: objectOf(workload, random), used: 0 });
  const shared = Array.from({ length: keys }, fresh);
  const names = Array.from({ length: processes }, (_, process) => process);
  const open = new Array<Open | undefined>(processes).fill(undefined);
  const lyingFrom = lieAt === undefined ? Number.POSITIVE_INFINITY : Math.floor(lieAt * operations);
  let lies = workload.lies ?? 1;
  let invoked = 0;
  let busy = 0;
  let index = 0;
  while (invoked < operations || busy > 0) {
    const worker = random.below(processes);
    const call = open[worker];
    if (call === undefined) {
      if (invoked === operations || (think > 0 && !random.chance(1 / (1 + think)))) continue;
      const at = random.below(keys);
      if (shared[at]!.used === rotate) shared[at] = fresh();
      const of = shared[at]!;
      of.used++;
      const asked = of.object.ask(names[worker]!);
      open[worker] = { asked, of, answer: undefined };
      emit('invoke', worker, asked, of.key, { value: asked.value });
      invoked++;
      busy++;
    } else if (call.answer === undefined) {
      if (!random.chance(unknown / 2)) call.answer = call.of.object.apply(call.asked, worker);
      else retire(worker, call);
    } else if (random.chance(unknown / 2)) {
      retire(worker, call);
    } else {
      open[worker] = undefined;
      busy--;
      const lie = lies > 0 && invoked >= lyingFrom ? call.of.object.lie(call.asked, call.answer) : undefined;
      if (lie !== undefined) lies--;
      emit('ok', worker, call.asked, call.of.key, lie ?? call.answer);
    }
  }

  function retire(worker: number, call: Open): void {
    open[worker] = undefined;
    busy--;
    emit('info', worker, call.asked, call.of.key, {});
    names[worker]! += processes;
  }

  function emit(type: HistoryEvent['type'], worker: number, asked: Asked, key: number, answer: Answer): void {
    const common = { index, time: index * 10_000, process: names[worker]!, type, f: asked.f };
    sink({ ...common, key, ...answer });
    index++;
  }
}

/** The generated events as a history. */
export function generatedHistory(workload: Workload, seed: number): History {
  const builder = new HistoryBuilder();
  const open = new Map<HistoryEvent['process'], number>();
  generate(workload, seed, (event) => {
    if (event.type === 'invoke') open.set(event.process, builder.invoke(event));
    else builder.complete(open.get(event.process)!, event);
  });
  return builder.build(true);
}

function objectOf({ object, mix, values }: Workload, random: Random): SharedObject {
  switch (object) {
    case 'cell':
      return new Cell(random, mix ?? { read: 0.5, write: 0.5, cas: 0 }, values);
    case 'log':
      return new Log(random);
    case 'queue':
      return new Queue(random);
    case 'counter':
      return new Counter(random);
    case 'set':
      return new GrowingSet(random, mix?.read ?? 0.01);
    default:
      return object satisfies never;
  }
}
