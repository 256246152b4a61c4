import type { Checker } from '../checker.ts';
import { ABSENT, type History, OK } from '../history/history.ts';
import { NOTHING, timeline } from '../history/timeline.ts';
import { pass, undecided } from '../verdict.ts';
import { ofKey } from './keyed.ts';
import { argument, ownerOf, resultOf, type Token, tokenOf } from './lock-operations.ts';
import { Breaches, type Budget, property } from './property.ts';

/**
 * Fencing tokens of one lock grow (SYSTEMS 7.1c part 1): a grant that begins after another one was complete carries a
 * larger token, and no token stands for two grants.
 *
 * Two grants with one token are told apart when their owners differ, or when the owner had released the token before it
 * asked again; the same owner getting the token it still holds is one grant, as from a retry. Without an owner in the
 * value, the process is the owner.
 *
 * Does not detect: wrong tokens of grants that no client learned of, nor order among concurrent acquires. Grants
 * without a token claim nothing.
 *
 * Linear time; about 100 bytes a grant.
 */
export const tokenOrder = (): Checker =>
  property('token-order', (history, budget) => {
    const locks = new Map<number, Tokens>();
    const breaches = new Breaches();
    const grants = sweep(history, budget, locks, breaches);
    const details = { grants, locks: locks.size, ...breaches.details(history) };
    if (breaches.any) return { verdict: breaches.verdict(history), details };
    return { verdict: grants === 0 ? undecided('no grant carried a token') : pass, details };
  });

/** The tokens of one lock, so far. */
interface Tokens {
  /** The grant with the largest token among those complete, or `ABSENT`. */
  highest: number;
  highestToken: Token;
  readonly granted: Map<Token, Grants>;
}

/** The grants with one token: the first, and the end of a release that its owner was told was done. */
interface Grants {
  readonly first: number;
  readonly owner: string;
  releasedBy: number;
}

function sweep(history: History, budget: Budget, locks: Map<number, Tokens>, breaches: Breaches): number {
  budget.claim(4 * history.eventCount + 12 * history.length);
  const acquire = history.names.find('acquire');
  const release = history.names.find('release');
  /** Per acquire, the complete grant with the largest token when it was invoked; per acquire, a release before it. */
  const before = new Int32Array(history.length).fill(ABSENT);
  let grants = 0;
  for (const event of timeline(history)) {
    budget.step();
    if (event === NOTHING) continue;
    const op = event < 0 ? ~event : event;
    if (history.outcome[op] !== OK) continue;
    const f = history.f[op];
    if (f === acquire && event >= 0) before[op] = locks.get(history.key[op]!)?.highest ?? ABSENT;
    else if (f === acquire) grants += noteGrant(history, op, before[op]!, locks, breaches);
    else if (f === release && event < 0) noteRelease(history, op, locks);
  }
  return grants;
}

/** A grant is complete: 1 if it carries a token. */
function noteGrant(
  history: History,
  op: number,
  before: number,
  locks: Map<number, Tokens>,
  breaches: Breaches,
): number {
  const token = tokenOf(resultOf(history, op));
  if (token === undefined) return 0;
  const key = history.key[op]!;
  let tokens = locks.get(key);
  if (tokens === undefined) {
    tokens = { highest: op, highestToken: token, granted: new Map() };
    locks.set(key, tokens);
  }
  const twin = tokens.granted.get(token);
  const lock = `the lock${ofKey(history, key)}`;
  if (twin === undefined) tokens.granted.set(token, { first: op, owner: ownerOf(history, op), releasedBy: ABSENT });
  else if (isOtherGrant(history, twin, op)) {
    const why = `${lock} gave token ${token} to ${twin.owner} and again to ${ownerOf(history, op)}`;
    breaches.add('token-twice', () => ({ why, operations: [twin.first, op] }));
  }
  const earlier = before === ABSENT ? undefined : tokenOf(resultOf(history, before));
  if (earlier !== undefined && earlier > token) {
    const why = `${lock} gave token ${token} after token ${earlier} was given`;
    breaches.add('token-back', () => ({ why, operations: [before, op] }));
  }
  if (token > tokens.highestToken) {
    tokens.highest = op;
    tokens.highestToken = token;
  }
  return 1;
}

/** A token seen before belongs to another grant if its owner is another, or had given it back before asking again. */
function isOtherGrant(history: History, twin: Grants, op: number): boolean {
  if (twin.owner !== ownerOf(history, op)) return true;
  return twin.releasedBy !== ABSENT && history.precedes(twin.releasedBy, op);
}

/** The owner was told that its release was done. */
function noteRelease(history: History, op: number, locks: Map<number, Tokens>): void {
  if (resultOf(history, op) === false) return;
  const token = tokenOf(argument(history, op, 'token'));
  if (token === undefined) return;
  const twin = locks.get(history.key[op]!)?.granted.get(token);
  if (twin === undefined || twin.owner !== ownerOf(history, op) || twin.releasedBy !== ABSENT) return;
  // Only a release that began after the grant was known ends that grant.
  if (history.precedes(twin.first, op)) twin.releasedBy = op;
}
