import type { NodeStatus } from '../system-under-test/system.ts';
import type { RunningCluster } from './environments/environment.ts';
import { nsPerMs, sleep, type Time } from './time.ts';

const pollMs = 50;
const statusTimeoutMs = 1000;

export interface Wait {
  readonly running: RunningCluster;
  readonly nodes: readonly string[];
  readonly time: Time;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** What every node last said of itself; undefined for one that did not answer. */
export type Statuses = ReadonlyMap<string, NodeStatus | undefined>;

export interface Waited {
  /** Undefined when the condition was met; else what is still missing, in words. */
  readonly missing: string | undefined;
  readonly statuses: Statuses;
  /** Replicas that applied the same prefix and yet differ: no waiting mends that. */
  readonly divergence: string | undefined;
}

/** Every node answers, and all know the same leader. */
export const untilReady = (wait: Wait): Promise<Waited> =>
  poll(wait, (statuses) => noAnswer(statuses) ?? noLeader(statuses));

/** As ready, and all nodes have applied the same commands to the same effect. */
export const untilRecovered = (wait: Wait): Promise<Waited> =>
  poll(wait, (statuses) => noAnswer(statuses) ?? noLeader(statuses) ?? lagging(statuses));

async function poll(wait: Wait, missingIn: (statuses: Statuses) => string | undefined): Promise<Waited> {
  const { running, nodes, time, signal } = wait;
  const endNs = time.nowNs() + wait.limitMs * nsPerMs;
  for (;;) {
    const answers = await Promise.all(nodes.map((node) => running.status(node, statusTimeoutMs)));
    const statuses = new Map(nodes.map((node, i) => [node, answers[i]]));
    const missing = missingIn(statuses);
    const divergence = diverged(statuses);
    if (missing === undefined || divergence !== undefined) return { missing, statuses, divergence };
    if (signal.aborted || time.nowNs() >= endNs) {
      return { missing: `within ${Math.round(wait.limitMs / 1000)} s ${missing}`, statuses, divergence };
    }
    await sleep(time, pollMs, signal);
  }
}

function noAnswer(statuses: Statuses): string | undefined {
  const silent = [...statuses].filter(([, status]) => status === undefined).map(([node]) => node);
  return silent.length === 0 ? undefined : `${silent.join(', ')} did not answer`;
}

function noLeader(statuses: Statuses): string | undefined {
  const leaders = new Set([...statuses.values()].map((status) => status?.leader ?? 'none'));
  if (leaders.size === 1 && !leaders.has('none')) return undefined;
  return `the nodes did not agree on a leader (${[...leaders].join(', ')})`;
}

function lagging(statuses: Statuses): string | undefined {
  const applied = [...statuses].map(([node, status]) => ({ node, applied: status!.applied }));
  const most = Math.max(...applied.map((one) => one.applied));
  const behind = applied.filter((one) => one.applied < most);
  if (behind.length === 0) return undefined;
  return `${behind.map((one) => `${one.node} had applied ${one.applied} of ${most}`).join(', ')}`;
}

/** SYSTEMS 0.6, `STATE`: equal prefixes have equal effects. */
function diverged(statuses: Statuses): string | undefined {
  const byApplied = new Map<number, { readonly node: string; readonly digest: string }>();
  for (const [node, status] of statuses) {
    if (status === undefined) continue;
    const other = byApplied.get(status.applied);
    if (other === undefined) byApplied.set(status.applied, { node, digest: status.digest });
    else if (other.digest !== status.digest) {
      return `${other.node} and ${node} have both applied ${status.applied} entries but their states differ (${other.digest}, ${status.digest})`;
    }
  }
  return undefined;
}
