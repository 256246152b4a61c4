/**
 * What a `--nemesis` names: `none`, `all`, or a list of faults as `partition,clock`, each with a variant if need be:
 * `partition:bridge`, `kill:all`, `pause:leader`, `clock:drift`, `link:loss`, `slow-disk:majority`.
 */
import type { Cluster } from './cluster.ts';
import type { Fault } from './fault.ts';
import { clientPause } from './faults/client-pause.ts';
import { clock, clockChanges } from './faults/clock.ts';
import { kill } from './faults/kill.ts';
import { link, linkTroubles } from './faults/link.ts';
import { partition } from './faults/partition.ts';
import { shapeNames, shapes } from './faults/partition-shapes.ts';
import { pause } from './faults/pause.ts';
import { slowDisk } from './faults/slow-disk.ts';
import { crowds } from './faults/victims.ts';

export interface FaultSettings {
  /** The lease that clients hold in this workload; `client-pause` outlasts it. */
  readonly leaseMs: number;
}

export type Nemesis =
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }
  /** Every fault that turns out to be possible. */
  | { readonly kind: 'all'; readonly faults: readonly Fault[] }
  | { readonly kind: 'unknown'; readonly why: string };

export type Choice =
  | {
      readonly kind: 'chosen';
      readonly faults: readonly Fault[];
      readonly leftOut: readonly { readonly name: string; readonly why: string }[];
    }
  | { readonly kind: 'impossible'; readonly why: string };

interface Maker {
  readonly variants: readonly string[];
  /** `variant` is one of `variants`, or undefined for all of them. */
  make(variant: string | undefined, settings: FaultSettings): Fault;
}

const oneOf = <Name extends string>(names: readonly Name[], variant: string | undefined): Name | undefined =>
  names.find((name) => name === variant);

const makers: Readonly<Record<string, Maker>> = {
  partition: { variants: shapeNames, make: (variant) => partition(oneOf(shapeNames, variant)) },
  kill: { variants: crowds, make: (variant) => kill(oneOf(crowds, variant)) },
  pause: { variants: crowds, make: (variant) => pause(oneOf(crowds, variant)) },
  clock: { variants: clockChanges, make: (variant) => clock(oneOf(clockChanges, variant)) },
  link: { variants: linkTroubles, make: (variant) => link(oneOf(linkTroubles, variant)) },
  'slow-disk': { variants: crowds, make: (variant) => slowDisk(oneOf(crowds, variant)) },
  'client-pause': { variants: [], make: (_, settings) => clientPause(settings) },
};

export const usualSettings: FaultSettings = { leaseMs: 1000 };

/** Every fault by name with its summary, which lists its variants; for lists and for help. */
export const faultSummaries: readonly (readonly [name: string, summary: string])[] = Object.entries(makers).map(
  ([name, { make }]) => [name, make(undefined, usualSettings).summary],
);

/** What a nemesis may be called, variants apart. */
export const nemesisNames: readonly string[] = ['none', 'all', ...Object.keys(makers)];

/** What each shape of a partition is, for help. */
export const partitionShapes: readonly { readonly name: string; readonly summary: string }[] = shapeNames.map(
  (name) => ({
    name,
    summary: shapes[name].summary,
  }),
);

/** Reads a list of faults; needs no cluster, so that a misspelling shows before anything starts. */
export function parseNemesis(text: string, settings: FaultSettings = usualSettings): Nemesis {
  const names = [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  if (names.length === 0) return { kind: 'unknown', why: `no nemesis named; ${whatThereIs()}` };
  if (names.length === 1 && names[0] === 'none') return { kind: 'faults', faults: [] };
  if (names.length === 1 && names[0] === 'all') return { kind: 'all', faults: every(settings) };
  const faults: Fault[] = [];
  for (const name of names) {
    const [kind = '', variant, ...rest] = name.split(':');
    const maker = Object.hasOwn(makers, kind) ? makers[kind] : undefined;
    if (maker === undefined) return { kind: 'unknown', why: `there is no fault "${name}"; ${whatThereIs()}` };
    if (rest.length > 0 || (variant !== undefined && !maker.variants.includes(variant))) {
      const variants = maker.variants.length > 0 ? maker.variants.join(', ') : 'none';
      return {
        kind: 'unknown',
        why: `the fault ${kind} has no variant "${[variant, ...rest].join(':')}"; its variants: ${variants}`,
      };
    }
    if (faults.some((fault) => fault.name === kind))
      return {
        kind: 'unknown',
        why: `the fault ${kind} is named twice: name it once, with one variant or with none for all of them`,
      };
    faults.push(maker.make(variant, settings));
  }
  return { kind: 'faults', faults };
}

/** Which of them this cluster can suffer. A fault asked for by name must be possible; `all` leaves out what is not. */
export function choose(nemesis: Exclude<Nemesis, { kind: 'unknown' }>, cluster: Cluster): Choice {
  const told = nemesis.faults.map((fault) => ({ fault, possible: fault.possible(cluster) }));
  const leftOut = told.flatMap(({ fault, possible }) =>
    possible === true ? [] : [{ name: fault.name, why: possible }],
  );
  const faults = told.flatMap(({ fault, possible }) => (possible === true ? [fault] : []));
  if (leftOut.length > 0 && nemesis.kind === 'faults')
    return { kind: 'impossible', why: leftOut.map(({ name, why }) => `${name}: ${why}`).join('; ') };
  if (faults.length === 0 && nemesis.kind === 'all') return { kind: 'impossible', why: 'no fault is possible here' };
  return { kind: 'chosen', faults, leftOut };
}

const every = (settings: FaultSettings): Fault[] => Object.values(makers).map(({ make }) => make(undefined, settings));
const whatThereIs = (): string => `there are none, all, or a list of ${Object.keys(makers).join(', ')}`;
