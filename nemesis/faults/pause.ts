/**
 * Pause: the process is stopped (SIGSTOP) and later goes on (SIGCONT) as if nothing had been, its monotonic clock
 * having advanced meanwhile: a long garbage collection, a migrated virtual machine. Evidence: the operating system
 * shows the process stopped, then not.
 */
import type { Cluster, NodeName, Processes } from '../cluster.ts';
import {
  type Evidence,
  type Fault,
  proven,
  type Sight,
  type Stage,
  unmeasurable,
  unproven,
  usualRhythm,
} from '../fault.ts';
import { inState, processStates, tell } from './process-states.ts';
import { type Crowd, crowds, victims } from './victims.ts';

export type PauseTarget = { readonly crowd: Crowd; readonly nodes: readonly NodeName[] };
type Pausing = Pick<Processes, 'pause' | 'resume' | 'state'>;

export const pause = (only?: Crowd): Fault<PauseTarget> => ({
  name: 'pause',
  summary: `stops node processes and lets them go on: ${crowds.join(', ')}`,
  rhythm: usualRhythm,
  possible: (cluster) => cluster.processes !== undefined || 'the environment cannot pause nodes',
  aim(sight: Sight) {
    const target = victims(sight, sight.running, only);
    return target.nodes.length > 0 ? target : undefined;
  },
  inject: ({ cluster }: Stage, { nodes }) => stop(processes(cluster), nodes),
  heal: ({ cluster }: Stage, { nodes }) => goOn(processes(cluster), nodes),
});

/** Stops the processes and sees whether they are. One that another fault killed meanwhile says nothing either way. */
export async function stop(power: Pausing, names: readonly NodeName[]): Promise<Evidence> {
  await Promise.all(names.map((name) => power.pause(name)));
  const states = await processStates(power, names);
  const stopped = inState(states, 'stopped');
  if (inState(states, 'running').length > 0) return unproven(`after SIGSTOP: ${tell(states)}`, { states });
  if (stopped.length === 0) return unmeasurable(`killed before they could be paused: ${tell(states)}`, { states });
  return proven(`seen stopped: ${stopped.join(', ')}`, { states });
}

/** Lets them go on. Whoever is gone is not stopped, and is not started here: that is for whoever killed it. */
export async function goOn(power: Pausing, names: readonly NodeName[]): Promise<Evidence> {
  await Promise.all(names.map((name) => power.resume(name)));
  const states = await processStates(power, names);
  return inState(states, 'stopped').length === 0
    ? proven(`none is stopped any more: ${tell(states)}`, { states })
    : unproven(`after SIGCONT: ${tell(states)}`, { states });
}

function processes(cluster: Cluster): Processes {
  if (cluster.processes === undefined) throw new Error('pause: this cluster cannot pause nodes');
  return cluster.processes;
}
