import type { Value } from '../../../checkers/history/operation.ts';
import type { Random } from './random.ts';

/**
 * The sequential objects once more, written without a look at `checkers/models`: they run operations where a model
 * judges answers. The generator performs operations on them, and the brute force asks them what could have happened.
 */
export interface SequentialObject {
  /** The model that specifies this object. */
  readonly model: string;
  readonly keyed: boolean;
  readonly fresh: Value;
  /** A plausible call: duplicates are wanted, so domains are tiny. */
  ask(random: Random): { readonly f: string; readonly input?: Value };
  /** Everything that may happen when the call takes effect, at its moment in the order. */
  outcomes(state: Value, call: PerformedCall): readonly Effect[];
}

export interface PerformedCall {
  readonly f: string;
  readonly input: Value | undefined;
  readonly invokedNs: number;
  readonly returnedNs: number;
  /** Tokens worth giving to a grant. */
  readonly tokens: readonly number[];
}

/** Fields that the object does not answer with are missing. */
export interface Effect {
  readonly state: Value;
  readonly output?: Value;
  readonly result?: Value;
}

const text = (value: Value) => JSON.stringify(value);
const unknownCall = (f: string): never => {
  throw new Error(`no such call: ${f}`);
};

/** A cell of a key-value store with everything it can do; registers offer less of it. */
function runCell(state: Value, { f, input }: PerformedCall): Effect[] {
  switch (f) {
    case 'read':
      return [{ state, output: state }];
    case 'write':
      return [{ state: input! }];
    case 'cas': {
      const [from, to] = input as [Value, Value];
      return text(state) === text(from) ? [{ state: to, result: true }] : [{ state, result: false }];
    }
    case 'delete':
      return [{ state: null, result: state !== null }];
    case 'append':
      if (state === null) return [{ state: [input!] }];
      if (Array.isArray(state)) return [{ state: [...state, input!] }];
      return typeof state === 'string' && typeof input === 'string' ? [{ state: state + input }] : [];
    case 'add':
      if (state !== null && typeof state !== 'number') return [];
      return [{ state: (state ?? 0) + (input as number), result: (state ?? 0) + (input as number) }];
    default:
      return unknownCall(f);
  }
}

const askRead = { f: 'read' } as const;
const small = (random: Random) => random.below(3);
const askWrite = (random: Random) => ({ f: 'write', input: small(random) });
const askCas = (random: Random) => ({ f: 'cas', input: [random.pick([null, 0, 1, 2]), small(random)] as Value });

const register: SequentialObject = {
  model: 'register',
  keyed: true,
  fresh: null,
  ask: (random) => (random.chance(0.5) ? askRead : askWrite(random)),
  outcomes: runCell,
};

const casRegister: SequentialObject = {
  ...register,
  model: 'cas-register',
  ask: (random) => random.pick([() => askRead, askWrite, askCas, askCas])(random),
};

const askKv = [
  () => askRead,
  () => askRead,
  askWrite,
  askCas,
  () => ({ f: 'delete' }),
  () => ({ f: 'add', input: 1 }),
  (random: Random) => ({ f: 'append', input: random.pick(['a', 'b']) }),
  () => ({ f: 'write', input: '' }),
] as const;

const kv: SequentialObject = { ...register, model: 'kv', ask: (random) => random.pick(askKv)(random) };

const counter: SequentialObject = {
  ...register,
  model: 'counter',
  fresh: 0,
  ask: (random) => (random.chance(0.4) ? askRead : { f: 'add', input: random.pick([-1, 0, 1, 1, 2]) }),
};

const set: SequentialObject = {
  model: 'set',
  keyed: true,
  fresh: [],
  ask: (random) => (random.chance(0.5) ? askRead : { f: 'add', input: small(random) }),
  outcomes(state, { f, input }) {
    const held = state as readonly Value[];
    if (f === 'read') return [{ state, output: held }];
    if (f === 'add') return [{ state: held.includes(input!) ? held : [...held, input!].sort() }];
    return unknownCall(f);
  },
};

const multiRegister: SequentialObject = {
  model: 'multi-register',
  keyed: false,
  fresh: {},
  ask(random) {
    const steps = Array.from({ length: 1 + random.below(2) }, (): Value => {
      const name = random.pick(['x', 'y']);
      return random.chance(0.5) ? ['r', name, null] : ['w', name, small(random)];
    });
    return { f: 'txn', input: steps };
  },
  outcomes(state, { input }) {
    const registers = { ...(state as Record<string, Value>) };
    const output = (input as [string, string, Value][]).map(([kind, name, value]): Value => {
      if (kind === 'w') registers[name] = value;
      return [kind, name, registers[name] ?? null];
    });
    return [{ state: registers, output }];
  },
};

const mutex: SequentialObject = {
  model: 'mutex',
  keyed: true,
  fresh: false,
  ask: (random) => ({ f: random.pick(['acquire', 'release']) }),
  outcomes: (state, { f }) =>
    f === 'acquire' ? [{ state: true, result: !state }] : [{ state: false, result: !!state }],
};

/** Of a lock with owners: null, or who holds it, with what token, for how long, and when it may first expire. */
interface Held {
  readonly owner: Value;
  readonly token: number;
  readonly ttlMs: number | null;
  /** Null: never. */
  readonly expiresNs: number | null;
}

const expiry = (invokedNs: number, ttlMs: number | null) => (ttlMs === null ? null : invokedNs + ttlMs * 0.9e6);

interface Lock {
  readonly held: Held | null;
  readonly last: number;
  /** When the last expiry may have happened at the earliest. */
  readonly since: number;
}

/** Expiry is a step of its own here, which may or may not happen before any call; the models let it wait until needed. */
function runLock(state: Value, call: PerformedCall, fenced: boolean): Effect[] {
  const lock = state as unknown as Lock;
  if (call.returnedNs < lock.since) return [];
  const effects = runLockNow(lock, call, fenced);
  const expiresNs = lock.held?.expiresNs ?? null;
  if (expiresNs === null || expiresNs > call.returnedNs) return effects;
  const expired = { held: null, last: lock.last, since: Math.max(lock.since, expiresNs) };
  return [...effects, ...runLockNow(expired, call, fenced)];
}

function runLockNow({ held, last, since }: Lock, call: PerformedCall, fenced: boolean): Effect[] {
  const { f, invokedNs, tokens } = call;
  const { owner, ttlMs = null, token } = call.input as unknown as { owner: Value; ttlMs?: number; token: number };
  const lock = (next: Held | null, top: number, result: Value): Effect => ({
    state: { held: next as unknown as Value, last: top, since },
    result,
  });
  const mine = held !== null && held.owner === owner && (!fenced || held.token === token);
  switch (f) {
    case 'acquire': {
      if (held !== null) return [lock(held, last, false)];
      const expiresNs = expiry(invokedNs, ttlMs);
      if (!fenced) return [lock({ owner, token: 0, ttlMs, expiresNs }, last, true)];
      return tokens.filter((t) => t > last).map((t) => lock({ owner, token: t, ttlMs, expiresNs }, t, t));
    }
    case 'renew':
      if (!mine) return [lock(held, last, false)];
      return [lock({ ...held, expiresNs: expiry(invokedNs, held.ttlMs) }, last, true)];
    case 'release':
      return mine ? [lock(null, last, true)] : [lock(held, last, false)];
    default:
      return unknownCall(f);
  }
}

const askLock = (random: Random, token: () => Record<string, number>) => {
  const owner = random.pick(['a', 'b']);
  const f = random.pick(['acquire', 'acquire', 'release', 'release', 'renew']);
  if (f !== 'acquire') return { f, input: { owner, ...token() } };
  return { f, input: random.chance(0.5) ? { owner } : { owner, ttlMs: random.pick([1, 4, 8]) } };
};

const ownerMutex: SequentialObject = {
  model: 'owner-mutex',
  keyed: true,
  fresh: { held: null, last: -1, since: 0 },
  ask: (random) => askLock(random, () => ({})),
  outcomes: (state, call) => runLock(state, call, false),
};

const fencedMutex: SequentialObject = {
  ...ownerMutex,
  model: 'fenced-mutex',
  ask: (random) => askLock(random, () => ({ token: 1 + random.below(3) })),
  outcomes: (state, call) => runLock(state, call, true),
};

const askQueue = (random: Random) => (random.chance(0.5) ? { f: 'enqueue', input: small(random) } : { f: 'dequeue' });

const fifoQueue: SequentialObject = {
  model: 'fifo-queue',
  keyed: true,
  fresh: [],
  ask: askQueue,
  outcomes(state, { f, input }) {
    const waiting = state as readonly Value[];
    if (f === 'enqueue') return [{ state: [...waiting, input!] }];
    return waiting.length === 0 ? [{ state, output: null }] : [{ state: waiting.slice(1), output: waiting[0]! }];
  },
};

const unorderedQueue: SequentialObject = {
  ...fifoQueue,
  model: 'unordered-queue',
  outcomes(state, call) {
    const waiting = state as readonly Value[];
    if (call.f === 'enqueue' || waiting.length === 0) return fifoQueue.outcomes(state, call);
    return waiting.map((output, at) => ({ state: waiting.toSpliced(at, 1), output }));
  },
};

export const objects: readonly SequentialObject[] = [
  register,
  casRegister,
  kv,
  multiRegister,
  mutex,
  ownerMutex,
  fencedMutex,
  counter,
  set,
  fifoQueue,
  unorderedQueue,
];
