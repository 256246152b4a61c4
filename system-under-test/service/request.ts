import type { Json } from '../system.ts';
import type { MicroOperation, Operation, SessionCall } from './command.ts';
import { isList } from './json.ts';

/** What a client may ask for. The leader's own operations (`expire`, `abandon`) are none of these. */
export type Request =
  | Exclude<Operation, { op: 'expire' | 'abandon' }>
  | { readonly op: 'read'; readonly key: string }
  | { readonly op: 'transfer'; readonly to: string };

export type Parsed =
  | { readonly kind: 'request'; readonly request: Request; readonly session: SessionCall | undefined }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'malformed'; readonly why: string };

export const nameCharactersMax = 512;
export const ttlMsMax = 24 * 3600 * 1000;
export const waitMsMax = 60_000;
export const microOperationsMax = 1000;

/** Reads the body of `POST /v1/<name>`. Every field is checked, and one that nobody asked for is refused. */
export function parseRequest(name: string, body: unknown): Parsed {
  const parse = Object.hasOwn(parsers, name) ? parsers[name as Request['op']] : undefined;
  if (parse === undefined) {
    return { kind: 'unknown', why: `there is no operation "${name}"; there are ${Object.keys(parsers).join(', ')}` };
  }
  try {
    const fields = new Fields(body);
    const session = parseSession(fields);
    const request = parse(fields);
    fields.end();
    return { kind: 'request', request, session };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', why: `${name}: ${error.message}` };
    throw error;
  }
}

type Parse<Op extends Request['op']> = (fields: Fields) => Extract<Request, { op: Op }>;

const parsers: { readonly [Op in Request['op']]: Parse<Op> } = {
  session: () => ({ op: 'session' }),
  read: (fields) => ({ op: 'read', key: fields.name('key') }),
  write: (fields) => ({ op: 'write', key: fields.name('key'), value: fields.json('value') }),
  cas: (fields) => ({ op: 'cas', key: fields.name('key'), from: fields.json('from'), to: fields.json('to') }),
  delete: (fields) => ({ op: 'delete', key: fields.name('key') }),
  append: (fields) => ({ op: 'append', key: fields.name('key'), value: fields.json('value') }),
  add: (fields) => ({ op: 'add', key: fields.name('key'), delta: fields.integer('delta', -Number.MAX_SAFE_INTEGER) }),
  txn: (fields) => ({ op: 'txn', ops: parseMicroOperations(fields.json('ops')) }),
  acquire: (fields) => ({
    op: 'acquire',
    lock: fields.name('lock'),
    owner: fields.name('owner'),
    ttlMs: fields.integer('ttlMs', 1, ttlMsMax),
    waitMs: fields.has('waitMs') ? fields.integer('waitMs', 0, waitMsMax) : 0,
  }),
  renew: (fields) => ({ op: 'renew', ...parseHold(fields) }),
  release: (fields) => ({ op: 'release', ...parseHold(fields) }),
  'fenced-read': (fields) => ({
    op: 'fenced-read',
    resource: fields.name('resource'),
    token: fields.integer('token', 1),
  }),
  'fenced-write': (fields) => ({
    op: 'fenced-write',
    resource: fields.name('resource'),
    token: fields.integer('token', 1),
    value: fields.json('value'),
  }),
  transfer: (fields) => ({ op: 'transfer', to: fields.name('to') }),
};

function parseHold(fields: Fields): { readonly lock: string; readonly owner: string; readonly token: number } {
  return { lock: fields.name('lock'), owner: fields.name('owner'), token: fields.integer('token', 1) };
}

function parseSession(fields: Fields): SessionCall | undefined {
  if (!fields.has('client') && !fields.has('seq')) return undefined;
  if (!fields.has('client') || !fields.has('seq')) throw new Malformed('"client" and "seq" belong together');
  return { client: fields.name('client'), seq: fields.integer('seq', 1) };
}

function parseMicroOperations(ops: Json): readonly MicroOperation[] {
  if (!isList(ops) || ops.length === 0 || ops.length > microOperationsMax) {
    throw new Malformed(`"ops" must be a list of 1 to ${microOperationsMax} operations`);
  }
  return ops.map(parseMicroOperation);
}

function parseMicroOperation(micro: Json, at: number): MicroOperation {
  const where = `"ops"[${at}]`;
  if (!isList(micro) || micro.length !== 3) throw new Malformed(`${where} must be a list of kind, key and value`);
  const [kind, key, value] = micro as [Json, Json, Json];
  if (!isName(key)) throw new Malformed(`${where}: the key ${nameRule}`);
  switch (kind) {
    case 'r':
      if (value !== null) throw new Malformed(`${where}: the value of a read must be null`);
      return [kind, key, value];
    case 'w':
    case 'append':
      return [kind, key, value];
    default:
      throw new Malformed(`${where}: the kind must be "r", "w" or "append"`);
  }
}

class Malformed extends Error {
  override readonly name = 'Malformed';
}

const nameRule = `must be a string of 1 to ${nameCharactersMax} characters`;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= nameCharactersMax;

/** The fields of one body, each to be asked for once; `end` refuses what is left. */
class Fields {
  readonly #body: Readonly<Record<string, Json>>;
  #asked = 0;
  readonly #names: string[] = [];

  constructor(body: unknown) {
    if (typeof body !== 'object' || body === null || isList(body)) throw new Malformed('the body must be an object');
    this.#body = body as Record<string, Json>;
  }

  has(field: string): boolean {
    return Object.hasOwn(this.#body, field);
  }

  json(field: string): Json {
    if (!this.has(field)) throw new Malformed(`"${field}" is missing`);
    this.#asked++;
    this.#names.push(field);
    return this.#body[field] as Json;
  }

  name(field: string): string {
    const value = this.json(field);
    if (!isName(value)) throw new Malformed(`"${field}" ${nameRule}`);
    return value;
  }

  integer(field: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.json(field);
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    throw new Malformed(`"${field}" must be a whole number from ${min} to ${max}`);
  }

  end(): void {
    const present = Object.keys(this.#body);
    if (present.length === this.#asked) return;
    const unknown = present.filter((field) => !this.#names.includes(field));
    throw new Malformed(`unknown field ${unknown.map((field) => `"${field}"`).join(', ')}`);
  }
}
