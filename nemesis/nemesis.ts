/**
 * The nemesis at work: carries out a schedule against a cluster, has every fault prove that it took hold, and leaves
 * nothing behind, whether the run comes to its end, is broken off, or a fault throws.
 *
 * Faults act independently of each other, each in its own line of turns. It has no clock and no chance of its own.
 */
import type { Cluster, NodeName } from './cluster.ts';
import { type Deal, dealer } from './deck.ts';
import { type Chance, type Evidence, type Fault, type Json, type Stage, type Time, unproven } from './fault.ts';
import { type Mending, mend } from './mend.ts';
import { stream } from './random.ts';
import type { Turn } from './schedule.ts';

export interface Assignment {
  readonly cluster: Cluster;
  /** All possible here (`choose` in nemeses.ts sees to that). */
  readonly faults: readonly Fault[];
  readonly schedule: readonly Turn[];
  readonly time: Time;
  readonly random: Chance;
  /**
   * Tells an event for the history, as process `nemesis`, type `info`. Of each injection four: `<fault>-start` with
   * `{target}` when it begins and with `{target, evidence}` when it has taken hold (or not), `<fault>-stop` likewise.
   */
  note(f: string, value: Json): void;
  /** Breaks the work off: what is being held is healed, what was to come is not injected. */
  readonly signal: AbortSignal;
}

export interface Injection {
  /** By the nemesis's time: when it began, when its hold ended, when it was healed. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly healedAtMs: number;
  readonly target: Json;
  readonly inject: Evidence;
  readonly heal: Evidence;
}

export interface FaultReport {
  readonly name: string;
  readonly injections: number;
  readonly proven: number;
  /** Injections of which nothing could be measured: they count neither way. */
  readonly unmeasurable: number;
  /** Turns without an injection, since there was no victim (all nodes dead, say) or the run was broken off. */
  readonly skipped: number;
  /** Proven at least once, and in most of the injections that could be measured. */
  readonly faultProven: boolean;
  readonly evidence: readonly Injection[];
}

export interface NemesisReport {
  readonly faults: readonly FaultReport[];
  /** Every scheduled kind of fault is proven; vacuously so when none was scheduled. */
  readonly faultProven: boolean;
  readonly mending: Mending;
}

/** This share of a turn passes after the measurement that ends the injection. */
const heldAtLeast = 0.6;
/** A turn without a victim looks again this often, as long as the turn lasts. */
const lookAgainMs = 100;
/** A heal that did not take (the node is paused, say) is repeated this often, for longer than a
 * pause lasts. */
const healAgainMs = 250;
const healPatienceMs = 6000;

export async function unleash(assignment: Assignment): Promise<NemesisReport> {
  const { cluster, faults, schedule, time, random } = assignment;
  const beganAtMs = time.nowMs();
  const seed = Math.floor(random() * 2 ** 32);
  // One line of turns that breaks (its note throws, say) ends the others, and all of them end before the mending begins.
  const broken = new AbortController();
  const work = { ...assignment, signal: AbortSignal.any([assignment.signal, broken.signal]), beganAtMs };
  const lines = await Promise.allSettled(
    faults.map((fault) => {
      const turns = schedule.filter((turn) => turn.fault === fault.name);
      const random = stream(seed, `victims of ${fault.name}`);
      const line = inflict(fault, turns, { ...work, random, deal: dealer(random) });
      return line.catch((error: unknown) => {
        broken.abort();
        throw error;
      });
    }),
  );
  const mending: Mending = faults.length > 0 ? await mend(cluster) : { healed: true, troubles: [] };
  const reports = lines.map((line) => {
    if (line.status === 'rejected') throw line.reason;
    return line.value;
  });
  return { faults: reports, faultProven: reports.every((report) => report.faultProven), mending };
}

interface Work extends Assignment {
  readonly deal: Deal;
  readonly beganAtMs: number;
}

async function inflict(fault: Fault, turns: readonly Turn[], work: Work): Promise<FaultReport> {
  const evidence: Injection[] = [];
  let skipped = 0;
  for (const turn of turns) {
    await sleepUntil(work, work.beganAtMs + turn.atMs);
    const untilMs = work.beganAtMs + turn.atMs + turn.forMs;
    const target = await findTarget(fault, { ...work, gentle: turn.gentle }, untilMs);
    if (target === undefined) skipped++;
    else evidence.push(await suffer(fault, target, untilMs, work));
  }
  return reportOf(fault.name, evidence, skipped);
}

/** Undefined when there is no victim before the turn is over, or the work is broken off. */
async function findTarget(fault: Fault, work: Work & { gentle: boolean }, untilMs: number): Promise<Json | undefined> {
  while (!work.signal.aborted && work.time.nowMs() < untilMs) {
    const target = fault.aim({
      cluster: work.cluster,
      leader: await work.cluster.leader().catch(() => undefined),
      running: await runningNodes(work.cluster),
      random: work.random,
      deal: work.deal,
      gentle: work.gentle,
    });
    if (target !== undefined) return target;
    await work.time.sleep(lookAgainMs, work.signal);
  }
  return undefined;
}

async function runningNodes({ nodes, processes }: Cluster): Promise<readonly NodeName[]> {
  if (processes === undefined) return nodes;
  const states = await Promise.all(nodes.map((node) => processes.state(node)));
  return nodes.filter((_, index) => states[index] === 'running');
}

async function suffer(fault: Fault, target: Json, untilMs: number, work: Work): Promise<Injection> {
  const { cluster, time, signal, note } = work;
  const startedAtMs = time.nowMs();
  const stage: Stage = { cluster, time, signal };
  note(`${fault.name}-start`, { target });
  const inject = await evidenceOf(() => fault.inject(stage, target));
  note(`${fault.name}-start`, { target, evidence: jsonOf(inject) });
  // Measuring takes time, on a busy machine most of the turn: what was shown to hold must also be met by operations.
  const leastMs = heldAtLeast * Math.max(0, untilMs - startedAtMs);
  await hold(fault, target, Math.max(untilMs, time.nowMs() + leastMs), stage);
  const endedAtMs = time.nowMs();
  note(`${fault.name}-stop`, { target });
  const heal = await healAll(fault, target, stage);
  note(`${fault.name}-stop`, { target, evidence: jsonOf(heal) });
  return { startedAtMs, endedAtMs, healedAtMs: time.nowMs(), target, inject, heal };
}

/** Until the time is up, or the work is broken off; a `hold` that throws has merely ended early. */
async function hold(fault: Fault, target: Json, untilMs: number, stage: Stage): Promise<void> {
  const end = new AbortController();
  const signal = AbortSignal.any([stage.signal, end.signal]);
  const busy = fault.hold?.({ ...stage, signal }, target).catch(() => undefined);
  await stage.time.sleep(Math.max(0, untilMs - stage.time.nowMs()), stage.signal);
  end.abort();
  await busy;
}

/** Heals until it is seen to be healed or cannot be measured; what stays is left to `mend`. */
async function healAll(fault: Fault, target: Json, stage: Stage): Promise<Evidence> {
  const giveUpAtMs = stage.time.nowMs() + healPatienceMs;
  for (;;) {
    const evidence = await evidenceOf(() => fault.heal(stage, target));
    const settled = evidence.proven || evidence.unmeasurable !== undefined;
    if (settled || stage.signal.aborted || stage.time.nowMs() >= giveUpAtMs) return evidence;
    await stage.time.sleep(healAgainMs, stage.signal);
  }
}

/** A fault that throws has proven nothing; the run goes on and the report says so. */
async function evidenceOf(act: () => Promise<Evidence>): Promise<Evidence> {
  try {
    return await act();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return unproven(`failed: ${text}`, { error: text });
  }
}

const jsonOf = ({ proven, unmeasurable, what, measured }: Evidence): Json => ({
  proven,
  ...(unmeasurable === undefined ? {} : { unmeasurable }),
  what,
  measured,
});

async function sleepUntil({ time, signal }: Work, atMs: number): Promise<void> {
  const leftMs = atMs - time.nowMs();
  if (leftMs > 0) await time.sleep(leftMs, signal);
}

function reportOf(name: string, evidence: readonly Injection[], skipped: number): FaultReport {
  const proven = evidence.filter(({ inject }) => inject.proven).length;
  const unmeasurable = evidence.filter(({ inject }) => inject.unmeasurable === true).length;
  const injections = evidence.length;
  const faultProven = proven > 0 && proven > (injections - unmeasurable) / 2;
  return { name, injections, proven, unmeasurable, skipped, faultProven, evidence };
}
