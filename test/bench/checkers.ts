/** How long the checkers take: medians over generated workloads, the history already in memory. */
import { type History, HistoryBuilder } from '../../checkers/history/history.ts';
import type { Value } from '../../checkers/history/operation.ts';
import { checkLinearizability } from '../../checkers/linearizability/linearizability.ts';
import { models } from '../../checkers/models/models.ts';
import { Random } from '../checkers/linearizability/random.ts';
import { median, print } from './print.ts';

const rounds = 5;

interface Workload {
  readonly name: string;
  readonly model: string;
  readonly operations: number;
  readonly processes: number;
  readonly keys: number;
  /** How many different values are written; without it every write has its own. */
  readonly values?: number;
  readonly cas?: boolean;
  /** The share of operations whose outcome is unknown. */
  readonly unknown?: number;
  /** One read near the end answers what was never written. */
  readonly wrong?: boolean;
}

const workloads: readonly Workload[] = [
  { name: 'register', model: 'register', operations: 10_000, processes: 5, keys: 1 },
  { name: 'register', model: 'register', operations: 10_000, processes: 10, keys: 1 },
  { name: 'register', model: 'register', operations: 100_000, processes: 5, keys: 1 },
  { name: 'register', model: 'register', operations: 100_000, processes: 10, keys: 1 },
  { name: 'register, 1 % unknown', model: 'register', operations: 10_000, processes: 5, keys: 1, unknown: 0.01 },
  { name: 'cas over 5 values', model: 'cas-register', operations: 10_000, processes: 5, keys: 1, values: 5, cas: true },
  {
    name: 'cas over 5 values',
    model: 'cas-register',
    operations: 10_000,
    processes: 10,
    keys: 1,
    values: 5,
    cas: true,
  },
  {
    name: 'cas over 5 values',
    model: 'cas-register',
    operations: 100_000,
    processes: 5,
    keys: 1,
    values: 5,
    cas: true,
  },
  {
    name: 'cas over 5 values, wrong',
    model: 'cas-register',
    operations: 10_000,
    processes: 10,
    keys: 1,
    values: 5,
    cas: true,
    wrong: true,
  },
  { name: 'kv, 100 keys', model: 'kv', operations: 100_000, processes: 10, keys: 100, cas: true },
];

/** A correct object run by overlapping clients: each takes effect at some moment between invocation and return. */
function history(workload: Workload, seed: number): History {
  const { operations, processes, keys, values, cas = false, unknown = 0, wrong = false } = workload;
  const random = new Random(seed);
  const builder = new HistoryBuilder();
  const held = new Array<Value>(keys).fill(null);
  const open: ({ op: number; key: number; f: string; value: Value; done: boolean; answer: object } | undefined)[] = [];
  const names = Array.from({ length: processes }, (_, process) => process);
  let fresh = 0;
  let index = 0;
  let invoked = 0;
  while (invoked < operations || open.some((call) => call !== undefined)) {
    const worker = random.below(processes);
    const call = open[worker];
    const common = { index, time: index * 1000, process: names[worker]! };
    if (call === undefined) {
      if (invoked === operations) continue;
      invoked++;
      const key = random.below(keys);
      const value = () => (values === undefined ? ++fresh : random.below(values));
      const f = random.chance(0.5) ? 'read' : cas && random.chance(0.5) ? 'cas' : 'write';
      const argument =
        f === 'read' ? null : f === 'cas' ? [random.chance(0.5) ? held[key]! : value(), value()] : value();
      const op = builder.invoke({ ...common, type: 'invoke', f, key, value: argument });
      index++;
      open[worker] = { op, key, f, value: argument, done: false, answer: {} };
    } else if (!call.done) {
      call.done = true;
      const { f, key, value } = call;
      if (f === 'read') call.answer = { value: wrong && invoked > operations * 0.95 ? -1 : held[key]! };
      if (f === 'write') held[key] = value;
      if (f === 'cas') {
        const [from, to] = value as [Value, Value];
        const result = held[key] === from;
        if (result) held[key] = to;
        call.answer = { result };
      }
    } else {
      const { f, key, value } = call;
      open[worker] = undefined;
      if (random.chance(unknown)) {
        names[worker]! += processes;
        continue;
      }
      builder.complete(call.op, { ...common, type: 'ok', f, key, value, ...call.answer });
      index++;
    }
  }
  return builder.build(true);
}

/** Prints the median time of checking each workload over several seeds, and how much work the search did. */
const rows = workloads.map((workload) => {
  const results = Array.from({ length: rounds }, (_, seed) =>
    checkLinearizability(models.get(workload.model)!, history(workload, seed + 1), {
      now: () => performance.now(),
      timeLimitMs: 10_000,
    }),
  );
  return {
    workload: workload.name,
    operations: workload.operations,
    processes: workload.processes,
    keys: workload.keys,
    'median ms': Number(median(results.map(({ stats }) => stats.ms!)).toFixed(1)),
    configurations: median(results.map(({ stats }) => stats.configurations)),
    verdict: [...new Set(results.map(({ verdict }) => verdict.kind))].join(', '),
  };
});
print('linearizability', rows);
