/** What the operating system says of several processes at once, and how that is told. */
import type { NodeName, ProcessState } from '../cluster.ts';

export async function processStates(
  power: { state(node: NodeName): Promise<ProcessState> },
  nodes: readonly NodeName[],
): Promise<Record<NodeName, ProcessState>> {
  return Object.fromEntries(await Promise.all(nodes.map(async (node) => [node, await power.state(node)] as const)));
}

export const inState = (states: Readonly<Record<NodeName, ProcessState>>, state: ProcessState): NodeName[] =>
  Object.keys(states).filter((node) => states[node] === state);

export const tell = (states: Readonly<Record<NodeName, ProcessState>>): string =>
  Object.entries(states)
    .map(([node, state]) => `${node} ${state}`)
    .join(', ');
