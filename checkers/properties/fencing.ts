import type { Checker } from '../checker.ts';
import { ABSENT, type History, OK } from '../history/history.ts';
import { canonical } from '../history/values.ts';
import { pass, undecided } from '../verdict.ts';
import { type Access, followers, type Resource, resourceOf } from './fenced-resource.ts';
import { byKey, ofKey } from './keyed.ts';
import { argument, ownerOf, resultOf, type Token, tokenOf } from './lock-operations.ts';
import { Breaches, property } from './property.ts';
import { reportLostUpdates } from './update-chain.ts';

export const fencingParts = ['order', 'owner', 'updates'] as const;
export type FencingPart = (typeof fencingParts)[number];

export interface FencingOptions {
  /** All of them by default. */
  readonly parts?: readonly FencingPart[];
}

/**
 * A resource behind fencing tokens is safe even from a holder that has lost its lock and does not know it (SYSTEMS 7.1c
 * part 3; Kleppmann, "How to do distributed locking", 2016). A resource accepts a `fenced-read` or `fenced-write` unless
 * it has accepted a larger token before.
 *
 * - `order`: tokens that the resource accepts never go back, as far as real time reveals the order (one access complete
 *   before the next began) and the values do (a read under a token smaller than any under which its value can have been
 *   written). And a write that was refused or failed is never read.
 * - `owner`: under one token, only one owner's writes are accepted. An owner is the one named in the write, or the one
 *   for whom the same process was granted that token; where neither is known, nothing is claimed.
 * - `updates`: no update is lost where every writer reads `{"n": n}` under its token and writes n + 1 (`update-chain.ts`).
 *
 * Accesses of unknown outcome prove nothing and forbid nothing. Does not detect: accesses refused without reason
 * (availability), values that nobody wrote, and whatever linearizability of the resource as a register would add.
 *
 * Time n log n, for sorting accesses by token; about 200 bytes an access.
 */
export const fencing = (options: FencingOptions = {}): Checker =>
  property('fencing', (history, budget) => {
    budget.claim(8 * history.length);
    const parts = new Set(options.parts ?? fencingParts);
    const owners = grantedOwners(history);
    const breaches = new Breaches();
    const tally = { resources: 0, acceptedReads: 0, acceptedWrites: 0, refused: 0, unknown: 0, chainedTokens: 0 };
    for (const { key, operations } of byKey(history)) {
      budget.step();
      const resource = resourceOf(history, key, operations);
      if (resource === undefined) continue;
      tally.resources++;
      for (const { fate, isWrite } of resource.accesses) {
        if (fate === 'accepted') tally[isWrite ? 'acceptedWrites' : 'acceptedReads']++;
        else tally[fate]++;
      }
      if (parts.has('order')) reportDisorder(history, resource, breaches);
      if (parts.has('owner')) reportForeignOwners(history, resource, owners, breaches);
      if (parts.has('updates')) tally.chainedTokens += reportLostUpdates(history, resource, breaches);
    }
    const details = { parts: [...parts], ...tally, ...breaches.details(history) };
    if (breaches.any) return { verdict: breaches.verdict(history), details };
    return { verdict: tally.acceptedWrites === 0 ? undecided('no fenced write was accepted') : pass, details };
  });

function reportDisorder(history: History, resource: Resource, breaches: Breaches): void {
  const where = `the resource${ofKey(history, resource.key)}`;
  for (const { earlier, later } of followers(history, resource.accesses.filter(isAccepted), (access) => access.token)) {
    if (earlier.token <= later.token) continue;
    const why = `${where} accepted token ${later.token} after token ${earlier.token}`;
    breaches.add('stale-token-accepted', () => ({ why, operations: [earlier.op, later.op] }));
  }
  reportImpossibleSources(resource, where, breaches);
}

const isAccepted = (access: Access): boolean => access.fate === 'accepted';

/** Who can have written a value. */
interface Sources {
  /** The write with the smallest token that was or may have been accepted. */
  least: Access | undefined;
  /** A write that definitely did nothing. */
  idle: Access | undefined;
}

function reportImpossibleSources(resource: Resource, where: string, breaches: Breaches): void {
  const sources = new Map<number, Sources>();
  for (const write of [...resource.accesses, ...resource.failedWrites]) {
    if (!write.isWrite || write.value === ABSENT) continue;
    const of = sources.get(write.value) ?? { least: undefined, idle: undefined };
    sources.set(write.value, of);
    if (write.fate === 'refused') of.idle = write;
    else if (of.least === undefined || write.token < of.least.token) of.least = write;
  }
  for (const read of resource.accesses) {
    if (read.isWrite || read.value === ABSENT || !isAccepted(read)) continue;
    const { least, idle } = sources.get(read.value) ?? { least: undefined, idle: undefined };
    const value = canonical(resource.values.get(read.value));
    if (least !== undefined && least.token > read.token) {
      const why = `${where} accepted token ${read.token} for a read that saw ${value}, written under token ${least.token}`;
      breaches.add('stale-token-accepted', () => ({ why, operations: [least.op, read.op] }));
    } else if (least === undefined && idle !== undefined) {
      const why = `${where} showed ${value}, whose write was refused or failed`;
      breaches.add('refused-write-seen', () => ({ why, operations: [idle.op, read.op] }));
    }
  }
}

/** In the map of owners: the process was granted the token for different owners. */
const AMBIGUOUS = '';

/** For whom each process was granted each token. */
function grantedOwners(history: History): ReadonlyMap<string, string> {
  const acquire = history.names.find('acquire');
  const owners = new Map<string, string>();
  for (let op = 0; op < history.length; op++) {
    if (history.f[op] !== acquire || history.outcome[op] !== OK) continue;
    const token = tokenOf(resultOf(history, op));
    if (token === undefined) continue;
    const grant = `${history.process[op]}/${token}`;
    const owner = ownerOf(history, op);
    owners.set(grant, (owners.get(grant) ?? owner) === owner ? owner : AMBIGUOUS);
  }
  return owners;
}

function reportForeignOwners(
  history: History,
  resource: Resource,
  owners: ReadonlyMap<string, string>,
  breaches: Breaches,
): void {
  const writers = new Map<Token, { readonly owner: string; readonly op: number }>();
  for (const { op, isWrite, token, fate } of resource.accesses) {
    if (!isWrite || fate !== 'accepted') continue;
    const named = argument(history, op, 'owner') !== undefined;
    const owner = named ? ownerOf(history, op) : owners.get(`${history.process[op]}/${token}`);
    if (owner === undefined || owner === AMBIGUOUS) continue;
    const first = writers.get(token);
    if (first === undefined) writers.set(token, { owner, op });
    else if (first.owner !== owner) {
      const where = `the resource${ofKey(history, resource.key)}`;
      const why = `${where} accepted writes of ${first.owner} and of ${owner} under one token, ${token}`;
      breaches.add('two-owners', () => ({ why, operations: [first.op, op] }));
    }
  }
}
