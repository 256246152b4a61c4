import { parseArgs } from 'node:util';
import { bugs } from '../bugs/index.ts';
import { parseAddress } from '../world/peer-link.ts';
import { parseOptions, type ServiceOptions } from './options.ts';

/** The command line of one node. */
export interface Arguments {
  readonly id: string;
  readonly members: readonly string[];
  readonly peers: Readonly<Record<string, string>>;
  readonly host: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly dataDirectory: string;
  readonly cluster: string;
  readonly seed: number;
  readonly options: ServiceOptions;
  readonly bugs: readonly string[];
  readonly testHooks: boolean;
  readonly exitWithStdin: boolean;
}

export const usage = `usage: node system-under-test/service/main.ts --id n1 --members n1,n2,n3 --peer n2=HOST:PORT --peer n3=HOST:PORT
       --host HOST --client-port N --peer-port N --data DIR --cluster NAME --seed N
       [--option NAME=VALUE]... [--bug NAME]... [--test-hooks] [--exit-with-stdin]`;

/** Throws TypeError that says what is wrong, followed by the usage. */
export function parseArguments(argv: readonly string[]): Arguments {
  try {
    return read(argv);
  } catch (error) {
    throw new TypeError(`${(error as Error).message}\n${usage}`, { cause: error });
  }
}

function read(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    options: {
      id: { type: 'string' },
      members: { type: 'string' },
      peer: { type: 'string', multiple: true, default: [] },
      host: { type: 'string', default: '127.0.0.1' },
      'client-port': { type: 'string', default: '0' },
      'peer-port': { type: 'string', default: '0' },
      data: { type: 'string' },
      cluster: { type: 'string' },
      seed: { type: 'string', default: '0' },
      option: { type: 'string', multiple: true, default: [] },
      bug: { type: 'string', multiple: true, default: [] },
      'test-hooks': { type: 'boolean', default: false },
      'exit-with-stdin': { type: 'boolean', default: false },
    },
  });
  const id = required('id', values.id);
  const members = required('members', values.members).split(',');
  const peers = pairs('peer', values.peer);
  checkMembers(id, members, peers);
  return {
    id,
    members,
    peers,
    host: values.host,
    clientPort: port('client-port', values['client-port']),
    peerPort: port('peer-port', values['peer-port']),
    dataDirectory: required('data', values.data),
    cluster: required('cluster', values.cluster),
    seed: wholeNumber('seed', values.seed),
    options: parseOptions(pairs('option', values.option)),
    bugs: values.bug.map(knownBug),
    testHooks: values['test-hooks'],
    exitWithStdin: values['exit-with-stdin'],
  };
}

function checkMembers(id: string, members: readonly string[], peers: Readonly<Record<string, string>>): void {
  if (new Set(members).size !== members.length || members.includes('')) {
    throw new TypeError(`--members must be distinct names, not "${members.join(',')}"`);
  }
  if (!members.includes(id)) throw new TypeError(`--id ${id} is none of --members ${members.join(',')}`);
  for (const [peer, address] of Object.entries(peers)) {
    if (!members.includes(peer)) throw new TypeError(`--peer ${peer} is none of --members ${members.join(',')}`);
    parseAddress(address);
  }
  const missing = members.filter((member) => member !== id && !Object.hasOwn(peers, member));
  if (missing.length > 0) throw new TypeError(`--peer is missing for ${missing.join(', ')}`);
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new TypeError(`--${name} is missing`);
  return value;
}

function pairs(name: string, texts: readonly string[]): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at <= 0) throw new TypeError(`--${name} takes NAME=VALUE, not "${text}"`);
    const key = text.slice(0, at);
    if (found.has(key)) throw new TypeError(`--${name} ${key} is given twice`);
    found.set(key, text.slice(at + 1));
  }
  return Object.fromEntries(found);
}

function port(name: string, text: string): number {
  const value = wholeNumber(name, text);
  if (value > 65535) throw new TypeError(`--${name} must be at most 65535, not ${text}`);
  return value;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new TypeError(`--${name} must be a whole number, not "${text}"`);
  }
  return value;
}

function knownBug(name: string): string {
  const names = bugs.map((bug) => bug.description.name);
  if (!names.includes(name)) throw new TypeError(`there is no bug "${name}"; there are ${names.join(', ')}`);
  return name;
}
