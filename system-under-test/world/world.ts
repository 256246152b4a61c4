/**
 * The four doors out of a node: clock, network, disk, chance. A node touches nothing else, so the same node runs on
 * real machines and in a simulation (DESIGN 5.2). The real and the simulated world pass one contract suite.
 */
export interface World {
  readonly clock: Clock;
  readonly network: Network;
  readonly disk: Disk;
  readonly random: Random;
}

export type NodeId = string;

/** Two different clocks (SYSTEMS 0.4): wall time may jump either way, monotonic time never does. */
export interface Clock {
  /** Milliseconds with fractions since an arbitrary origin; never decreases; its rate may be slightly wrong. */
  monotonicMs(): number;
  /** Milliseconds since the Unix epoch, as this node believes. */
  wallMs(): number;
  /** Runs once, when this node's monotonic clock has advanced by `delayMs` (late is possible, early is not). */
  after(delayMs: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Messages between nodes: may be lost, delayed, and (after a reconnect) reordered or duplicated; never corrupted. */
export interface Network {
  /** Hands the message over and returns at once; no promise that it arrives. The value must survive JSON. */
  send(to: NodeId, message: unknown): void;
  /** Called for each message that arrives; one handler, set once, before anything is sent. */
  receive(handler: (from: NodeId, message: unknown) => void): void;
}

/**
 * Named append-only logs and named whole files. What was appended but not synced is lost when the process dies
 * (SYSTEMS 0.3). A promise that rejects means the state of the disk is unknown: the node must stop.
 */
export interface Disk {
  /** Every intact record of the log, oldest first. A torn tail is cut off; a bad record in the middle throws. */
  readLog(name: string): Promise<readonly Uint8Array[]>;
  /** Buffers a record in memory; nothing is durable before `sync` resolves. The bytes must not be changed later. */
  append(name: string, record: Uint8Array): void;
  /** Resolves when all that was appended (to any log) before this call is durable. Calls may share one sync. */
  sync(): Promise<void>;
  /** Replaces the whole log atomically and durably by these records: old or new after a crash, never a mixture. */
  rewriteLog(name: string, records: readonly Uint8Array[]): Promise<void>;
  readFile(name: string): Promise<Uint8Array | undefined>;
  /** Replaces the file atomically and durably: after a crash it is the old one or the new one. */
  writeFile(name: string, bytes: Uint8Array): Promise<void>;
}

/** The only source of chance; seeded, so that a simulated run can be repeated. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}
