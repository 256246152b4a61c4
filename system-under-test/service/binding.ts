import type { Answer, Call, HttpRequest, Json, NodeStatus } from '../system.ts';
import { isList } from './json.ts';

/**
 * How the operations of a history become requests to this service, and what its answers say of them. Total and pure;
 * in doubt an outcome is unknown, which is always sound (SYSTEMS 0.2).
 */
interface Binding {
  /** Path and arguments; throws TypeError on a call that no workload may make. */
  readonly ask: (call: Call) => readonly [operation: string, args: { readonly [name: string]: Json }];
  /** What the value of a successful answer means; undefined when it is none that the service can give. */
  readonly understand: (value: Json, call: Call) => Ok | undefined;
}

type Ok = Omit<Extract<Answer, { kind: 'ok' }>, 'kind'>;

const bindings: Readonly<Record<string, Binding>> = {
  session: {
    ask: () => ['session', {}],
    understand: (value) => (typeof value === 'string' ? { value } : undefined),
  },
  read: {
    ask: (call) => ['read', { key: keyOf(call) }],
    understand: (value, { object }) => ({ value: value ?? emptyValue(object) }),
  },
  write: {
    ask: (call) => ['write', { key: keyOf(call), value: argumentOf(call) }],
    understand: done,
  },
  cas: {
    ask: (call) => {
      const [from, to] = listOf(call, 2);
      return ['cas', { key: keyOf(call), from: from as Json, to: to as Json }];
    },
    understand: truth,
  },
  delete: { ask: (call) => ['delete', { key: keyOf(call) }], understand: truth },
  append: { ask: (call) => ['append', { key: keyOf(call), value: argumentOf(call) }], understand: done },
  add: {
    ask: (call) => {
      const [key, value] = [keyOf(call), argumentOf(call)];
      return call.object === 'set' ? ['append', { key, value }] : ['add', { key, delta: value }];
    },
    understand(value, call) {
      if (call.object === 'set') return done(value);
      return typeof value === 'number' ? { result: value } : undefined;
    },
  },
  txn: {
    ask: (call) => ['txn', { ops: listOf(call).map(toMicroOperation) }],
    understand: (value, call) => filledIn(value, listOf(call)),
  },
  acquire: {
    ask: (call) => ['acquire', { lock: keyOf(call), ...fieldsOf(call) }],
    understand(value) {
      const { token, held } = asFields(value);
      if (typeof token === 'number') return { result: token };
      return held === true ? { result: false } : undefined;
    },
  },
  renew: { ask: (call) => ['renew', { lock: keyOf(call), ...fieldsOf(call) }], understand: truth },
  release: { ask: (call) => ['release', { lock: keyOf(call), ...fieldsOf(call) }], understand: truth },
  'fenced-read': {
    ask: (call) => ['fenced-read', { resource: keyOf(call), ...fieldsOf(call) }],
    understand(answer, call) {
      const { value, stale } = asFields(answer);
      if (value !== undefined) return { value: { ...fieldsOf(call), value }, result: true };
      return stale === true ? { value: fieldsOf(call), result: false } : undefined;
    },
  },
  'fenced-write': { ask: (call) => ['fenced-write', { resource: keyOf(call), ...fieldsOf(call) }], understand: truth },
};

/** The operations (`f`) that a workload may use. */
export const operations: readonly string[] = Object.keys(bindings).filter((f) => f !== 'session');

export function requestOf(call: Call): HttpRequest {
  const [operation, args] = bindingOf(call).ask(call);
  const { session } = call;
  const identity = session === undefined ? {} : { client: session.client, seq: session.sequence };
  return { method: 'POST', path: `/v1/${operation}`, body: { ...identity, ...args } };
}

export function answerOf(call: Call, status: number, body: Json | undefined): Answer {
  if (body === undefined)
    return { kind: 'unknown', error: `HTTP ${status} without a JSON body`, protocolError: status === 200 };
  const { ok, value, error } = asFields(body);
  if (ok === false) return refusal(status, asFields(error));
  const understood =
    status === 200 && ok === true && value !== undefined ? bindingOf(call).understand(value, call) : undefined;
  if (understood !== undefined) return { kind: 'ok', ...understood };
  return { kind: 'unknown', error: `HTTP ${status}, not understood: ${brief(body)}`, protocolError: true };
}

export function statusOfBody(body: Json | undefined): NodeStatus | undefined {
  const status = asFields(body);
  const clocks = asFields(status.clocks);
  const sound =
    [status.id, status.cluster, status.role, status.digest].every((field) => typeof field === 'string') &&
    [status.term, status.commit, status.applied, status.syncMs].every((field) => typeof field === 'number') &&
    [clocks.monotonicMs, clocks.wallMs].every((field) => typeof field === 'number') &&
    (status.leader === null || typeof status.leader === 'string');
  return sound ? (body as unknown as NodeStatus) : undefined;
}

function refusal(status: number, { code, definite, text }: Fields): Answer {
  const error = `${status} ${String(code ?? 'no code')}: ${String(text ?? '')}`;
  return definite === true ? { kind: 'failed', error } : { kind: 'unknown', error };
}

function bindingOf({ f }: Call): Binding {
  const binding = Object.hasOwn(bindings, f) ? bindings[f] : undefined;
  if (binding === undefined) throw new TypeError(`raft-kv has no operation "${f}"; it has ${operations.join(', ')}`);
  return binding;
}

function done(value: Json): Ok | undefined {
  return value === null ? {} : undefined;
}

function truth(value: Json): Ok | undefined {
  return typeof value === 'boolean' ? { result: value } : undefined;
}

/** What an object that nobody has touched holds. */
function emptyValue(object: Call['object']): Json {
  switch (object) {
    case 'set':
      return [];
    case 'counter':
      return 0;
    case undefined:
      return null;
  }
}

const shortNames = { read: 'r', write: 'w' } as const;

function toMicroOperation(micro: Json): Json {
  const [kind, key, value] = isList(micro) ? micro : [];
  const short =
    typeof kind === 'string' && Object.hasOwn(shortNames, kind) ? shortNames[kind as 'read'] : (kind as Json);
  return [short, nameOf(key), value ?? null];
}

/** The transaction as it was asked, in its own words, with what its reads saw. */
function filledIn(value: Json, asked: readonly Json[]): Ok | undefined {
  if (!isList(value) || value.length !== asked.length) return undefined;
  const micros = asked.map((micro, at) => {
    const [kind, key] = micro as readonly Json[];
    const answered = value[at];
    return isList(answered) && answered.length === 3 ? [kind as Json, key as Json, answered[2] as Json] : undefined;
  });
  return micros.includes(undefined) ? undefined : { value: micros as Json };
}

/** Keys are strings here; others go by their JSON. A workload must not use both 1 and "1". */
function nameOf(key: Json | undefined): string {
  if (key === undefined || key === null) throw new TypeError('the call names no key');
  return typeof key === 'string' ? key : JSON.stringify(key);
}

const keyOf = ({ key }: Call): string => nameOf(key);

function argumentOf({ f, value }: Call): Json {
  if (value === undefined) throw new TypeError(`${f} needs a value`);
  return value;
}

function listOf(call: Call, length?: number): readonly Json[] {
  const value = argumentOf(call);
  if (isList(value) && (length === undefined || value.length === length)) return value;
  throw new TypeError(`${call.f} needs a list${length === undefined ? '' : ` of ${length}`}, not ${brief(value)}`);
}

function fieldsOf(call: Call): { readonly [name: string]: Json } {
  const value = argumentOf(call);
  if (typeof value === 'object' && value !== null && !isList(value)) return value as { readonly [name: string]: Json };
  throw new TypeError(`${call.f} needs an object as its value, not ${brief(value)}`);
}

type Fields = { readonly [name: string]: Json | undefined };

/** The fields of an object; none of anything else. */
function asFields(value: Json | undefined): Fields {
  return typeof value === 'object' && value !== null && !isList(value) ? (value as Fields) : {};
}

function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
