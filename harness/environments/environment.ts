/**
 * Where the nodes of a run live. The run loop takes its cluster, its time and its transport from here and from nowhere
 * else, so that a simulated run is the same program as a real one (DESIGN 5.2).
 */
import type { Cluster } from '../../nemesis/cluster.ts';
import type { NodeStatus, System } from '../../system-under-test/system.ts';
import type { Transport } from '../client/transport.ts';
import type { Time } from '../time.ts';

export interface ClusterPlan {
  readonly system: System;
  readonly nodes: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly bugs: readonly string[];
  readonly seed: number;
  /** Client processes to start, `c1` to `cN`; 0 when clients live in the harness. */
  readonly clientProcesses: number;
  /** Absolute; node logs go here. */
  readonly runDirectory: string;
  /** Absolute; what is alive is registered under it, for `clean`. */
  readonly storeDirectory: string;
  /** Client port of n1, the others following; absent lets the operating system choose. */
  readonly basePort?: number;
}

export interface Environment {
  readonly name: string;
  /** The run begins when this is made: time 0. */
  readonly time: Time;
  /**
   * Starts every process; resolves when all have announced themselves (they need not have a leader yet).
   *
   * @throws EnvironmentError when a node cannot be started, with the end of its log; nothing is left running then.
   * @throws UsageError when a port of `basePort` is in use; nothing was started then.
   */
  start(plan: ClusterPlan, signal: AbortSignal): Promise<RunningCluster>;
  /** Lets virtual time pass until the work is done; absent where time passes by itself. */
  drive?<T>(work: Promise<T>): Promise<T>;
}

export interface RunningCluster {
  readonly cluster: Cluster;
  /**
   * The connections of one client. `worker` chooses the client process where clients are processes; a transport belongs
   * to one logical client and is closed when that retires.
   */
  transport(worker: number): Transport;
  /** Undefined when the node does not answer, or not within `timeoutMs`. */
  status(node: string, timeoutMs: number): Promise<NodeStatus | undefined>;
  /** Unexpected ends of node processes so far: crashes, or invariants that stopped a node. A run must tell them. */
  crashes(): readonly Crash[];
  /** Why the environment itself is broken (its links are gone, say); undefined while it is sound. */
  trouble(): string | undefined;
  /** Ends everything that `start` began; idempotent; nothing is left behind when it resolves. */
  stop(): Promise<void>;
}

/** A node process that ended although nobody killed it. */
export interface Crash {
  readonly node: string;
  readonly atNs: number;
  /** "exit code 1", "SIGSEGV". */
  readonly how: string;
  /** The end of its log. */
  readonly logTail: string;
}
