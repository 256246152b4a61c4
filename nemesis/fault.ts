/**
 * A fault: one kind of harm, how it chooses its victims, how it is done, how it is undone, and how each of the two is
 * measured. What a fault claims is never what it asked for but what it saw (DESIGN 5.4).
 */
import type { Cluster, NodeName } from './cluster.ts';
import type { Deal } from './deck.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What was seen after an injection (it took hold) or after a heal (nothing is left of it). */
export interface Evidence {
  readonly proven: boolean;
  /**
   * Set when the world gave no answer either way (the node that would answer is dead): counts neither for nor against
   * the fault.
   */
  readonly unmeasurable?: true;
  /** In words, for the report. */
  readonly what: string;
  readonly measured: { readonly [name: string]: Json };
}

/** The only clock a nemesis has; the environment's, so that a simulated run is the same program. */
export interface Time {
  /** Monotonic, milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`, or at once when the signal is or becomes aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Uniform in [0, 1). */
export type Chance = () => number;

/** What a fault may touch while it acts. An aborted `signal` asks it to come to an end soon. */
export interface Stage {
  readonly cluster: Cluster;
  readonly time: Time;
  readonly signal: AbortSignal;
}

/** What a fault may know when it chooses its victims. */
export interface Sight {
  readonly cluster: Cluster;
  readonly leader: NodeName | undefined;
  /** Nodes whose process runs now: neither dead nor stopped by another fault. */
  readonly running: readonly NodeName[];
  readonly random: Chance;
  /** The fault's own decks, for the kinds of victims and of harm. */
  readonly deal: Deal;
  /** Leave the leader and a majority at work; does not bind a fault that was narrowed to a variant. */
  readonly gentle: boolean;
}

/** How long a fault lasts and how long it rests between two injections, each drawn from its range, in milliseconds. */
export interface Rhythm {
  readonly holdMs: readonly [number, number];
  readonly gapMs: readonly [number, number];
  /** A shorter hold would be no fault at all (a client paused for less than its lease): never scaled down. */
  readonly rigid?: true;
}

/** Holds and gaps near the time a cluster needs to recover, so that faults hit recovery itself (SYSTEMS 18). */
export const usualRhythm: Rhythm = { holdMs: [1500, 4000], gapMs: [500, 2000] };

export interface Fault<Target extends Json = Json> {
  readonly name: string;
  readonly summary: string;
  readonly rhythm: Rhythm;
  /** `true`, or what this cluster lacks, in words. */
  possible(cluster: Cluster): true | string;
  /** The victims, as JSON for the history; undefined when there is none at the moment. */
  aim(sight: Sight): Target | undefined;
  inject(stage: Stage, target: Target): Promise<Evidence>;
  /** What goes on between inject and heal, for faults that are not a state; ends soon after `stage.signal` aborts. */
  hold?(stage: Stage, target: Target): Promise<void>;
  /** Safe when repeated, after a half-finished inject, and while other faults act on the same nodes. */
  heal(stage: Stage, target: Target): Promise<Evidence>;
}

export const proven = (what: string, measured: Evidence['measured']): Evidence => ({ proven: true, what, measured });
export const unproven = (what: string, measured: Evidence['measured']): Evidence => ({ proven: false, what, measured });
export const unmeasurable = (what: string, measured: Evidence['measured']): Evidence => ({
  proven: false,
  unmeasurable: true,
  what,
  measured,
});
