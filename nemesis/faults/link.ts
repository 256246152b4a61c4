/**
 * Bad links: delay, jitter, loss (over a byte stream: a stall until it is sent again), narrow bandwidth. Evidence:
 * round trips over the bad links, probed end to end before and after; for bandwidth with a payload that takes its time.
 */
import type { Cluster, Link, LinkProbe, LinkQualities, LinkQuality, NodeName } from '../cluster.ts';
import {
  type Chance,
  type Evidence,
  type Fault,
  proven,
  type Sight,
  type Stage,
  unmeasurable,
  unproven,
  usualRhythm,
} from '../fault.ts';
import { between, logBetween, pick, pickWeighted, shuffled } from '../random.ts';
import { allLinks } from './partition-shapes.ts';
import { bystanders } from './victims.ts';

export const linkTroubles = ['delay', 'jitter', 'loss', 'bandwidth'] as const;
export type LinkTrouble = (typeof linkTroubles)[number];
export type LinkTarget = {
  readonly trouble: LinkTrouble;
  /** Bad links as [from, to]. */
  readonly links: readonly (readonly [NodeName, NodeName])[];
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly loss?: number;
  readonly bytesPerSecond?: number;
};

/** A lost chunk waits at least so long for its retransmission (Linux: 200 ms); a probe above this met a loss. */
const retransmissionMs = 150;
/** So many answers show the trouble if it is there: of loss, 0.9 to the power of 50 is one half per cent. */
const answersNeeded: Readonly<Record<LinkTrouble, number>> = { delay: 1, jitter: 12, loss: 50, bandwidth: 1 };
/** For so long at most. */
const patienceMs = 2000;
const lookAgainMs = 200;
/** A link that is no better in so many rounds was bad before. */
const roundsBefore = 5;

export const link = (only?: LinkTrouble): Fault<LinkTarget> => ({
  name: 'link',
  summary: `bad links between nodes: ${linkTroubles.join(', ')}`,
  rhythm: usualRhythm,

  possible(cluster) {
    if (cluster.linkQualities === undefined) return 'the environment cannot shape links between these nodes';
    return cluster.nodes.length >= 2 || 'it needs two nodes';
  },

  aim(sight: Sight) {
    const { cluster, random, gentle } = sight;
    const links = gentle ? linksAt(cluster.nodes, bystanders(sight, cluster.nodes)) : drawLinks(sight);
    const named = links.map(({ from, to }) => [from, to] as const);
    if (gentle && only === undefined) return { ...plainDelay(random), links: named };
    return { ...drawQuality(only ?? sight.deal(linkTroubles), random), links: named };
  },

  async inject(stage: Stage, target) {
    const power = qualities(stage.cluster);
    const links = linksOf(target);
    const payload = payloadOf(target);
    const before = await probeUntilBetter(stage, target, payload);
    await power.shape(links, qualityOf(target));
    return judge(target, before, await probeUntilSeen(stage, target));
  },

  async heal({ cluster }: Stage, target) {
    const power = qualities(cluster);
    await power.unshape();
    return judgeHealed(target, await power.probe(linksOf(target), payloadOf(target)));
  },
});

const linksAt = (nodes: readonly NodeName[], some: readonly NodeName[]): Link[] =>
  allLinks(nodes).filter(({ from, to }) => some.includes(from) || some.includes(to));

function drawLinks({ cluster: { nodes }, leader, random }: Sight): Link[] {
  const links = allLinks(nodes);
  switch (pickWeighted(random, { all: 3, one: 3, some: 2 })) {
    case 'all':
      return links;
    case 'one': {
      const node = random() < 0.5 ? (leader ?? pick(random, nodes)) : pick(random, nodes);
      return linksAt(nodes, [node]);
    }
    case 'some':
      return shuffled(random, links).slice(0, Math.max(1, Math.round(between(random, 0.2, 0.8) * links.length)));
  }
}

/** What even a busy machine can tell from its own slowness. */
const plainDelay = (random: Chance): Omit<LinkTarget, 'links'> => ({
  trouble: 'delay',
  delayMs: Math.round(between(random, 120, 250)),
});

/** From hardly noticed to longer than an election timeout. */
function drawQuality(trouble: LinkTrouble, random: Chance): Omit<LinkTarget, 'links'> {
  switch (trouble) {
    case 'delay':
      return { trouble, delayMs: Math.round(logBetween(random, 15, 250)) };
    case 'jitter': {
      const jitterMs = Math.round(logBetween(random, 20, 250));
      return { trouble, delayMs: 10, jitterMs };
    }
    case 'loss':
      return { trouble, loss: Math.round(between(random, 0.1, 0.4) * 100) / 100 };
    case 'bandwidth':
      return { trouble, bytesPerSecond: Math.round(logBetween(random, 10_000, 100_000)) };
    default:
      return trouble satisfies never;
  }
}

const linksOf = (target: LinkTarget): Link[] => target.links.map(([from, to]) => ({ from, to }));

function qualityOf({ delayMs, jitterMs, loss, bytesPerSecond }: LinkTarget): LinkQuality {
  return {
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(jitterMs === undefined ? {} : { jitterMs }),
    ...(loss === undefined ? {} : { loss }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  };
}

/** What takes a fifth of a second at this bandwidth. */
const payloadOf = ({ bytesPerSecond }: LinkTarget): number =>
  bytesPerSecond === undefined ? 0 : Math.round(bytesPerSecond / 5);

/**
 * What round trips were before, of all links, since the bad ones may be silent just then for another reason. Repeated
 * when all were as slow as the trouble will make them: a busy machine answers in time once it has a moment.
 */
async function probeUntilBetter({ cluster, signal }: Stage, target: LinkTarget, payload: number): Promise<LinkProbe[]> {
  for (let round = 1; ; round++) {
    const probes = await qualities(cluster).probe(allLinks(cluster.nodes), payload);
    const times = roundTrips(probes);
    if (signal.aborted || round === roundsBefore || (times.length > 0 && !took(target, times))) return [...probes];
  }
}

/** Probes until the trouble shows, or so many answers have come that it should have, or the patience is at its end. */
async function probeUntilSeen({ cluster, time, signal }: Stage, target: LinkTarget): Promise<LinkProbe[]> {
  const power = qualities(cluster);
  const giveUpAtMs = time.nowMs() + patienceMs;
  const probes: LinkProbe[] = [];
  let links = linksOf(target);
  for (;;) {
    const round = await power.probe(links, payloadOf(target));
    probes.push(...round);
    const times = roundTrips(probes);
    if (times.length >= answersNeeded[target.trouble] || took(target, times)) return probes;
    if (signal.aborted || time.nowMs() >= giveUpAtMs) return probes;
    // A link that another fault keeps silent holds up every round; when all are silent, one may speak again.
    const answering = round.filter((probe) => probe.roundTripMs !== undefined).map((probe) => probe.link);
    links = answering.length > 0 ? answering : linksOf(target);
    if (answering.length === 0) await time.sleep(lookAgainMs, signal);
  }
}

function judge(target: LinkTarget, before: readonly LinkProbe[], after: readonly LinkProbe[]): Evidence {
  const fast = roundTrips(before);
  const slow = roundTrips(after);
  const measured = {
    before: { answers: fast.length, medianMs: median(fast) },
    after: { answers: slow.length, leastMs: slow[0] ?? null, medianMs: median(slow), mostMs: slow.at(-1) ?? null },
  };
  if (slow.length === 0) return unmeasurable('no probe over the bad links was answered in time', measured);
  const what =
    `${slow.length} round trips of ${slow[0]} to ${slow.at(-1)} ms over the bad links, ` +
    `median ${median(slow)}; ${median(fast) ?? 'unknown'} before`;
  // Slow links on a busy machine are no evidence of the fault: it must be the difference that shows.
  if (fast.length === 0 || took(target, fast)) return unmeasurable(`${what}: no better was seen before`, measured);
  if (took(target, slow)) return proven(what, measured);
  if (slow.length < answersNeeded[target.trouble]) return unmeasurable(`${what}: too few to tell`, measured);
  return unproven(`${what}: not what was asked for`, measured);
}

/** Whether these round trips, sorted, show the trouble. */
function took(target: LinkTarget, sorted: readonly number[]): boolean {
  const least = sorted[0] ?? 0;
  const most = sorted.at(-1) ?? 0;
  switch (target.trouble) {
    case 'delay':
      return least >= (target.delayMs ?? 0);
    case 'jitter':
      return least >= (target.delayMs ?? 0) && most - least >= 0.25 * (target.jitterMs ?? 0);
    case 'loss':
      return most >= retransmissionMs;
    case 'bandwidth':
      return least >= (1000 * payloadOf(target)) / (target.bytesPerSecond ?? 1);
    default:
      return target.trouble satisfies never;
  }
}

/** Healed when round trips are no longer what the trouble would make them. */
function judgeHealed(target: LinkTarget, probes: readonly LinkProbe[]): Evidence {
  const times = roundTrips(probes);
  const measured = { answers: times.length, medianMs: median(times), mostMs: times.at(-1) ?? null };
  if (times.length === 0) return unmeasurable('no probe over the links was answered', measured);
  const what = `round trips of ${times[0]} to ${times.at(-1)} ms over the healed links`;
  const asked =
    target.trouble === 'bandwidth' ? 200 : target.trouble === 'loss' ? retransmissionMs : (target.delayMs ?? 0);
  return (times[0] ?? 0) < asked ? proven(what, measured) : unproven(what, measured);
}

const roundTrips = (probes: readonly LinkProbe[]): number[] =>
  probes
    .flatMap((probe) => (probe.roundTripMs === undefined ? [] : [Math.round(probe.roundTripMs * 10) / 10]))
    .sort((a, b) => a - b);

const median = (sorted: readonly number[]): number | null => sorted[Math.floor(sorted.length / 2)] ?? null;

function qualities(cluster: Cluster): LinkQualities {
  if (cluster.linkQualities === undefined) throw new Error('link: the links of this cluster cannot be shaped');
  return cluster.linkQualities;
}
