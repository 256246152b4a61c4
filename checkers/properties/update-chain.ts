import { ABSENT, type History } from '../history/history.ts';
import { type Access, followers, type Resource } from './fenced-resource.ts';
import { ofKey } from './keyed.ts';
import { field, type Token } from './lock-operations.ts';
import type { Breaches } from './property.ts';

/**
 * Lost updates of a counter behind fencing tokens (SYSTEMS 7.1c part 3). Writers read `{"n": n, ...}` (null counts as
 * n = 0) and write n + 1, both under their token.
 *
 * The claim rests on a token being *chained*: all its accesses come from one process, none follows one of unknown
 * outcome, and every write that may have taken effect carries n + 1 of what that process last saw or wrote under the
 * token. In a resource that fences rightly nothing can come between that read and that write: larger tokens would have
 * shut the write out, smaller ones are shut out, and the token's own accesses are sequential. So over any range of
 * chained tokens n grows by one with every effective write, and it is a violation if
 *
 * - two accepted writes, under tokens of such a range, carry the same n;
 * - an accepted read shows a smaller n than an accepted access that was complete before it began.
 *
 * Where a token in the range is not chained (a client that shared its token, or wrote without reading), nothing is
 * claimed. Returns the number of chained tokens.
 */
export function reportLostUpdates(history: History, resource: Resource, breaches: Breaches): number {
  if (resource.hasOthers) return 0;
  const chains = new Chains(history, resource);
  const where = `the resource${ofKey(history, resource.key)}`;
  const counted = resource.accesses.filter(
    (access) => access.fate === 'accepted' && countOf(resource, access) !== undefined,
  );
  const count = (access: Access): number => countOf(resource, access)!;

  const writes = [...counted.filter(({ isWrite }) => isWrite), ...seenUnknownWrites(resource)];
  writes.sort((a, b) => count(a) - count(b) || (a.token < b.token ? -1 : a.token > b.token ? 1 : a.op - b.op));
  for (let i = 1; i < writes.length; i++) {
    const [first, second] = [writes[i - 1]!, writes[i]!];
    if (count(first) !== count(second) || !chains.cover(first.token, second.token)) continue;
    const why = `${where} lost an update: two accepted writes, under tokens ${first.token} and ${second.token}, both made n ${count(first)}`;
    breaches.add('lost-update', () => ({ why, operations: [first.op, second.op] }));
  }

  for (const { earlier, later } of followers(history, counted, count)) {
    if (later.isWrite || count(earlier) <= count(later) || !chains.cover(earlier.token, later.token)) continue;
    const why = `${where} lost an update: n was ${count(earlier)}, and a later accepted read shows ${count(later)}`;
    breaches.add('lost-update', () => ({ why, operations: [earlier.op, later.op] }));
  }
  return chains.count;
}

/** The n of what an access wrote or saw, if its value is of that form. */
function countOf(resource: Resource, { value }: Access): number | undefined {
  if (value === ABSENT) return undefined;
  const content = resource.values.get(value);
  const n = content === null ? 0 : field(content, 'n');
  return typeof n === 'number' && Number.isSafeInteger(n) ? n : undefined;
}

/** Writes of unknown outcome whose value was read, and that nobody else can have written: they were accepted. */
function seenUnknownWrites(resource: Resource): Access[] {
  const writersOf = new Map<number, number>();
  const seen = new Set<number>();
  for (const { isWrite, fate, value } of resource.accesses) {
    if (value === ABSENT) continue;
    if (isWrite && fate !== 'refused') writersOf.set(value, (writersOf.get(value) ?? 0) + 1);
    else if (!isWrite) seen.add(value);
  }
  return resource.accesses.filter(
    (access) =>
      access.isWrite &&
      access.fate === 'unknown' &&
      seen.has(access.value) &&
      writersOf.get(access.value) === 1 &&
      countOf(resource, access) !== undefined,
  );
}

/** What is known of the accesses under one token, so far. */
interface Chain {
  readonly process: number;
  /** What its process last saw or wrote, under this token. */
  n: number | undefined;
  hasUnknown: boolean;
  isBroken: boolean;
}

/** Which tokens of a resource are chained. */
class Chains {
  private readonly rank = new Map<Token, number>();
  /** How many of the tokens below each rank are not chained. */
  private readonly brokenBelow: number[] = [0];

  constructor(history: History, resource: Resource) {
    const chains = new Map<Token, Chain>();
    for (const access of resource.accesses) {
      const process = history.process[access.op]!;
      const chain = chains.get(access.token) ?? { process, n: undefined, hasUnknown: false, isBroken: false };
      chains.set(access.token, chain);
      if (chain.process !== process || chain.hasUnknown) chain.isBroken = true;
      follow(chain, access, countOf(resource, access));
    }
    const tokens = [...chains.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    for (const [rank, token] of tokens.entries()) {
      this.rank.set(token, rank);
      this.brokenBelow.push(this.brokenBelow[rank]! + (chains.get(token)!.isBroken ? 1 : 0));
    }
  }

  get count(): number {
    return this.rank.size - this.brokenBelow.at(-1)!;
  }

  /** Every token from the one to the other is chained. */
  cover(from: Token, to: Token): boolean {
    if (from > to) return false;
    return this.brokenBelow[this.rank.get(to)! + 1]! === this.brokenBelow[this.rank.get(from)!]!;
  }
}

function follow(chain: Chain, { isWrite, fate }: Access, n: number | undefined): void {
  if (fate === 'unknown') chain.hasUnknown = true;
  if (fate === 'refused') return;
  if (isWrite && (n === undefined || chain.n === undefined || n !== chain.n + 1)) chain.isBroken = true;
  if (isWrite || fate === 'accepted') chain.n = n;
}
