/**
 * What a nemesis may do to a cluster: the powers an environment offers. A power that an environment lacks is absent
 * (`undefined`), so that asking for it is a compile-time question and a preflight message, never a silent no-op.
 *
 * Every power is idempotent. Nodes are named `n1`, `n2`, ...; clients that run as processes of their own `c1`, ...
 */
export type NodeName = string;

/** One direction between two nodes: what `from` sends to `to`. */
export interface Link {
  readonly from: NodeName;
  readonly to: NodeName;
}

export type LinkState = 'through' | 'cut';

/** The answer of a probe: whether bytes sent at `link.from`'s end arrived at `link.to`, and how that was measured. */
export interface LinkProbe {
  readonly link: Link;
  readonly state: LinkState | 'unmeasurable';
  /** Time until the answer, in milliseconds; absent when none came within the probe's limit. */
  readonly roundTripMs?: number;
  /** In words: "no answer within 300 ms", "n2 is not running". */
  readonly how: string;
}

/** How a link behaves while it is not cut; absent fields mean untouched. */
export interface LinkQuality {
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /** Share of chunks, 0 to 1, that are lost and therefore, as TCP would resend them, arrive late. */
  readonly loss?: number;
  readonly bytesPerSecond?: number;
}

export type ProcessState = 'running' | 'stopped' | 'gone';

/** One reading of a node's clocks against the harness's (SYSTEMS 15.6). */
export interface ClockReading {
  /** Harness monotonic time of the sample's midpoint, milliseconds. */
  readonly atMs: number;
  /** Node wall clock minus harness wall clock, milliseconds. */
  readonly wallOffsetMs: number;
  /** The node's monotonic clock, milliseconds since an arbitrary origin of its own. */
  readonly monotonicMs: number;
  /** Half the sample's round trip, milliseconds: the offset is known no better than this. */
  readonly uncertaintyMs: number;
}

export interface Partitioning {
  /** Makes exactly these directed links cut, and all others whole, in one step. */
  cut(links: readonly Link[]): Promise<void>;
  probe(links: readonly Link[]): Promise<readonly LinkProbe[]>;
}

export interface Processes {
  /** Ends the process at once (SIGKILL); resolves when it is gone. */
  kill(node: NodeName): Promise<void>;
  /** Starts the node again on its old data; resolves when the process is up (it need not have a leader yet). */
  start(node: NodeName): Promise<void>;
  pause(node: NodeName): Promise<void>;
  resume(node: NodeName): Promise<void>;
  /** What the operating system says of the process now. */
  state(node: NodeName): Promise<ProcessState>;
}

export interface Clocks {
  /** Steps the wall clock by so many milliseconds, forward or back. */
  jump(node: NodeName, byMs: number): Promise<void>;
  /** Lets the node's wall and monotonic clocks run at this rate; 1 is true time. */
  setRate(node: NodeName, rate: number): Promise<void>;
  /** Back to true time: no offset, rate 1. */
  reset(node: NodeName): Promise<void>;
  read(node: NodeName): Promise<ClockReading>;
}

export interface LinkQualities {
  shape(links: readonly Link[], quality: LinkQuality): Promise<void>;
  /** Every link as fast as it can be. */
  unshape(): Promise<void>;
  /**
   * Round trip over the link, measured end to end; for evidence. A probe that carries `payloadBytes` more shows a
   * narrow link, which a short one does not.
   */
  probe(links: readonly Link[], payloadBytes?: number): Promise<readonly LinkProbe[]>;
}

export interface Disks {
  /** Makes each sync of this node take at least this long; 0 heals. */
  slowSync(node: NodeName, delayMs: number): Promise<void>;
  /** Median duration of the node's recent syncs in milliseconds, for evidence. */
  syncMs(node: NodeName): Promise<number>;
}

export interface Cluster {
  readonly nodes: readonly NodeName[];
  /** Client processes that can be paused, where the workload runs its clients as processes. */
  readonly clients: readonly NodeName[];
  /** The node that currently calls itself leader at the highest term, or undefined when none answers so. */
  leader(): Promise<NodeName | undefined>;
  readonly partitioning?: Partitioning;
  readonly processes?: Processes;
  /** Signals to client processes; `kill` and `start` are not offered for them. */
  readonly clientProcesses?: Pick<Processes, 'pause' | 'resume' | 'state'>;
  readonly clocks?: Clocks;
  readonly linkQualities?: LinkQualities;
  readonly disks?: Disks;
}
