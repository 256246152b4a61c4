/** Asking a node that other faults act on at the same time: it may be just starting, or be taken away while it is asked. */
import type { Cluster, NodeName, ProcessState } from '../cluster.ts';
import type { Stage } from '../fault.ts';

const attempts = 4;
const againAfterMs = 200;

/**
 * What the node tells, asked again a few times while its process runs; undefined when the process does not run.
 *
 * @throws what the last attempt threw, when the process runs and yet does not answer.
 */
export async function askNode<T>(
  stage: Stage,
  node: NodeName,
  ask: () => Promise<T>,
): Promise<{ told: T } | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return { told: await ask() };
    } catch (error) {
      if ((await processStateOf(stage.cluster, node)) !== 'running') return undefined;
      if (attempt === attempts || stage.signal.aborted) throw error;
      await stage.time.sleep(againAfterMs, stage.signal);
    }
  }
}

/** Where nobody can tell, a node is taken to run. */
export const processStateOf = async (cluster: Cluster, node: NodeName): Promise<ProcessState> =>
  (await cluster.processes?.state(node)) ?? 'running';
