import type { RaftOptions } from '../raft/protocol.ts';
import type { OptionDeclaration } from '../system.ts';

/** What can be set with `--option name=value`. */
export const optionDeclarations = {
  reads: {
    summary: 'how reads are made linearizable: a round of heartbeats for each, or a lease of the leader',
    default: 'read-index',
    values: ['read-index', 'lease'],
  },
  'heartbeat-ms': { summary: 'interval of the heartbeats of a leader, milliseconds', default: '50' },
  'election-ms': {
    summary: 'minimum election timeout, milliseconds; each attempt draws from it to twice it',
    default: '300',
  },
  'snapshot-entries': { summary: 'entries after which a snapshot replaces the log', default: '10000' },
  'sessions-max': { summary: 'sessions kept; beyond it the least recently used expires', default: '10000' },
  'request-timeout-ms': {
    summary: 'after this long a request ends with an indefinite error, milliseconds',
    default: '2000',
  },
} as const satisfies Record<string, OptionDeclaration>;

export interface ServiceOptions {
  readonly raft: RaftOptions;
  readonly snapshotEntries: number;
  readonly sessionsMax: number;
  readonly requestTimeoutMs: number;
}

/** Clocks of nodes may run wrong by this share before leases are at risk. */
const clockRateErrorMax = 0.1;

/** Throws TypeError with what is wrong and what would be right. */
export function parseOptions(given: Readonly<Record<string, string>>): ServiceOptions {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(optionDeclarations, name)) {
      throw new TypeError(`there is no option "${name}"; there are ${Object.keys(optionDeclarations).join(', ')}`);
    }
  }
  const heartbeatMs = wholeNumber('heartbeat-ms', given);
  const electionTimeoutMinMs = wholeNumber('election-ms', given);
  if (electionTimeoutMinMs < 2 * heartbeatMs) {
    throw new TypeError(`election-ms (${electionTimeoutMinMs}) must be at least twice heartbeat-ms (${heartbeatMs})`);
  }
  return {
    raft: { heartbeatMs, electionTimeoutMinMs, reads: parseReads(given), clockRateErrorMax, entriesMax: 1024 },
    snapshotEntries: wholeNumber('snapshot-entries', given),
    sessionsMax: wholeNumber('sessions-max', given),
    requestTimeoutMs: wholeNumber('request-timeout-ms', given),
  };
}

function parseReads(given: Readonly<Record<string, string>>): RaftOptions['reads'] {
  const { values, default: usual } = optionDeclarations.reads;
  const text = given.reads ?? usual;
  const value = values.find((allowed) => allowed === text);
  if (value === undefined) throw new TypeError(`reads must be one of ${values.join(', ')}, not "${text}"`);
  return value;
}

function wholeNumber(name: keyof typeof optionDeclarations, given: Readonly<Record<string, string>>): number {
  const text = given[name] ?? optionDeclarations[name].default;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new TypeError(`${name} must be a whole number of at least 1, not "${text}"`);
  return Number(text);
}
