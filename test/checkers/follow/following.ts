import { Follower, type FollowOptions } from '../../../checkers/follow/follower.ts';
import type { LooseEvent } from '../../../checkers/history/event.ts';
import { historyOf } from '../../../checkers/history/pairing.ts';
import { checkLinearizability } from '../../../checkers/linearizability/linearizability.ts';
import type { AnyModel } from '../../../checkers/models/model.ts';
import type { Random } from '../linearizability/random.ts';

/** A follower that has seen all the events. `look`: also ahead of hanging calls, after every event. */
export function followed(
  model: AnyModel,
  events: readonly LooseEvent[],
  options: FollowOptions & { readonly look?: boolean } = {},
): Follower {
  const { look = false, ...rest } = options;
  const follower = new Follower(model, rest);
  for (const [i, event] of events.entries()) {
    follower.take(event, i + 1);
    if (look) follower.look();
  }
  follower.end();
  return follower;
}

/** How many events it takes until the history is illegal, by search from the start; `undefined` if it is legal. */
export function eventsUntilIllegal(
  model: AnyModel,
  events: readonly LooseEvent[],
  failedCas: 'ignore' | 'assert',
): number | undefined {
  const illegal = (count: number) =>
    checkLinearizability(model, historyOf(events.slice(0, count)), { failedCas, searchOnly: true }).verdict.kind ===
    'violation';
  if (!illegal(events.length)) return undefined;
  let legalUpTo = 0;
  let illegalFrom = events.length;
  while (illegalFrom - legalUpTo > 1) {
    const middle = (legalUpTo + illegalFrom) >>> 1;
    if (illegal(middle)) illegalFrom = middle;
    else legalUpTo = middle;
  }
  return illegalFrom;
}

/** Some of the calls that never return are given up by their clients, at a random moment. */
export function withInfos(events: readonly LooseEvent[], random: Random): LooseEvent[] {
  const told = new Set(events.filter(({ type }) => type !== 'invoke').map(({ process }) => process));
  const result = events.map(({ index: _, ...event }) => event as LooseEvent);
  for (const { process } of events.filter((event) => !told.has(event.process))) {
    if (random.chance(0.3)) continue;
    const invoked = result.findIndex((event) => event.process === process);
    const at = invoked + 1 + random.below(result.length - invoked);
    const { f, time } = result[at - 1] as Required<LooseEvent>;
    result.splice(at, 0, { process, type: 'info', f: result[invoked]!.f, time: time ?? f.length });
  }
  return result;
}
