/**
 * Kill and restart: the process ends at once (SIGKILL), losing what it had not synced (SYSTEMS 0.3), and starts again
 * on its old data. Evidence: the operating system no longer has the process; after the heal it runs again.
 */
import type { Cluster, NodeName, Processes } from '../cluster.ts';
import { type Fault, proven, type Sight, type Stage, unproven } from '../fault.ts';
import { inState, processStates, tell } from './process-states.ts';
import { type Crowd, crowds, victims } from './victims.ts';

export type KillTarget = { readonly crowd: Crowd; readonly nodes: readonly NodeName[] };

export const kill = (only?: Crowd): Fault<KillTarget> => ({
  name: 'kill',
  summary: `ends node processes at once and starts them again on their data: ${crowds.join(', ')}`,
  // Also quick restarts: a node that is back within the same term shows a vote it has forgotten.
  rhythm: { holdMs: [300, 3000], gapMs: [800, 2500] },

  possible: (cluster) => cluster.processes !== undefined || 'the environment cannot kill and start nodes',

  aim: (sight: Sight) => victims(sight, sight.cluster.nodes, only),

  async inject({ cluster }: Stage, { nodes }) {
    const power = processes(cluster);
    await Promise.all(nodes.map((node) => power.kill(node)));
    const states = await processStates(power, nodes);
    const gone = inState(states, 'gone');
    return gone.length === nodes.length
      ? proven(`the processes of ${gone.join(', ')} are gone`, { states })
      : unproven(`after SIGKILL: ${tell(states)}`, { states });
  },

  async heal({ cluster }: Stage, { nodes }) {
    const power = processes(cluster);
    const gone = inState(await processStates(power, nodes), 'gone');
    await Promise.all(gone.map((node) => power.start(node)));
    const states = await processStates(power, nodes);
    return inState(states, 'gone').length === 0
      ? proven(`${gone.length} of ${nodes.length} started again: ${tell(states)}`, { states })
      : unproven(`after the start: ${tell(states)}`, { states });
  },
});

function processes(cluster: Cluster): Processes {
  if (cluster.processes === undefined) throw new Error('kill: this cluster cannot kill and start nodes');
  return cluster.processes;
}
