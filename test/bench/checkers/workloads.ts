import type { Workload } from './generator.ts';

const register = { object: 'cell', model: 'register' } as const;
const fiveValues = {
  object: 'cell',
  model: 'cas-register',
  values: 5,
  lies: 100,
  mix: { read: 0.5, write: 0.25, cas: 0.25 },
} as const;

/** The workloads of CHECKERS.md section 4, and one for each monitor. Each is measured legal and with one false answer. */
export const workloads: readonly Workload[] = [
  { ...register, name: 'register, unique values', operations: 10_000, processes: 10 },
  { ...register, name: 'register, unique values', operations: 100_000, processes: 5 },
  { ...register, name: 'register, unique values', operations: 1_000_000, processes: 5 },
  { ...register, name: 'register, unique values, 1 % unknown', operations: 1_000_000, processes: 50, unknown: 0.01 },
  {
    object: 'cell',
    model: 'kv',
    name: 'kv, 10 keys, unique values, cas',
    operations: 100_000,
    processes: 10,
    keys: 10,
    mix: { read: 0.5, write: 0.25, cas: 0.25 },
  },
  { ...fiveValues, name: 'cas over 5 values', operations: 10_000, processes: 10 },
  { ...fiveValues, name: 'cas over 5 values', operations: 100_000, processes: 5 },
  { ...fiveValues, name: 'cas over 5 values', operations: 1_000_000, processes: 10 },
  { ...fiveValues, name: 'cas over 5 values, 1 % unknown', operations: 10_000, processes: 10, unknown: 0.01 },
  { ...fiveValues, name: 'cas over 5 values, one key', operations: 10_000, processes: 50 },
  {
    object: 'log',
    model: 'kv',
    initial: '',
    name: 'append to strings, 50 clients',
    operations: 2_000,
    processes: 50,
    keys: 2,
  },
  { object: 'queue', model: 'fifo-queue', name: 'queue', operations: 100_000, processes: 50 },
  { object: 'queue', model: 'unordered-queue', name: 'unordered queue', operations: 100_000, processes: 50 },
  { object: 'counter', model: 'counter', name: 'counter with totals', operations: 100_000, processes: 50 },
  { object: 'set', model: 'set', name: 'set, read as a whole', operations: 10_000, processes: 20 },
];
