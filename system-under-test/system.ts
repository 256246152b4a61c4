/**
 * What the harness must know of a system to run it: how a node starts, how an operation becomes a request, and what an
 * answer means. The reference service and any third-party system are described in these same words.
 */
import type { Clock, Disk, World } from './world/world.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** How one node process is to be started; all addresses are loopback or container addresses as `host:port`. */
export interface NodeLaunch {
  readonly id: string;
  /** Every node of the cluster at its start, this one included. */
  readonly members: readonly string[];
  /** Where this node reaches each peer: the link's proxy, or the peer itself. */
  readonly peers: Readonly<Record<string, string>>;
  readonly host: string;
  /** 0 lets the operating system choose; the node announces what it got. */
  readonly clientPort: number;
  readonly peerPort: number;
  readonly dataDirectory: string;
  /** Unique to the run: a node refuses peers and clients of another cluster (SYSTEMS 15.13). */
  readonly cluster: string;
  readonly seed: number;
  readonly options: Readonly<Record<string, string>>;
  readonly bugs: readonly string[];
  /** Switches on the hooks that only tests need (clock, disk), on the loopback interface alone. */
  readonly testHooks: boolean;
}

/** Arguments after the Node binary. The process writes `Announcement` as its first line to standard output. */
export type Command = readonly string[];

export interface Announcement {
  readonly event: 'listening';
  readonly clientPort: number;
  readonly peerPort: number;
}

/** One operation as a client asks it; `f`, `key` and `value` as in the history. */
export interface Call {
  readonly f: string;
  readonly key?: Json;
  readonly value?: Json;
  /** What kind of object `key` names, where `f` alone does not say: `add` is for sets and for counters. */
  readonly object?: 'set' | 'counter';
  /** Exactly-once identity, where the client has a session (SYSTEMS 2.2). */
  readonly session?: { readonly client: string; readonly sequence: number };
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
}

/** What an answer says of the operation. `value` and `result` go into the history as they are. */
export type Answer =
  | { readonly kind: 'ok'; readonly value?: Json; readonly result?: Json }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'unknown'; readonly error: string; readonly protocolError?: boolean };

/** A node's own account of itself. */
export interface NodeStatus {
  readonly id: string;
  readonly cluster: string;
  readonly role: string;
  readonly term: number;
  readonly leader: string | null;
  readonly commit: number;
  readonly applied: number;
  /** Digest of the state machine after `applied`; equal on all nodes at equal `applied`. */
  readonly digest: string;
  readonly clocks: { readonly monotonicMs: number; readonly wallMs: number };
  /** Median of the recent syncs of the disk, milliseconds. */
  readonly syncMs: number;
}

export interface OptionDeclaration {
  readonly summary: string;
  readonly default: string;
  /** The allowed values; absent for a whole number of at least 1. */
  readonly values?: readonly string[];
}

/** One rule replaced by a wrong one, or one door of the world decorated (DESIGN 5.3). */
export interface PlantedBug {
  readonly name: string;
  /** What is wrong, in a sentence. */
  readonly defect: string;
  /** The incident or rule that inspired it. */
  readonly inspiredBy: string;
  /** The rule it replaces, or the door it decorates. */
  readonly replaces: string;
  /** Options of the system without which it cannot show. */
  readonly options: Readonly<Record<string, string>>;
  /** What must catch it. */
  readonly caughtBy: {
    readonly workload: string;
    readonly nemesis: string;
    readonly checker: string;
    /** How long the load must last to catch it in nine of ten seeds; by default the harness's own limit. */
    readonly timeLimit?: string;
    /** Options that widen the window in which it shows. */
    readonly options?: Readonly<Record<string, string>>;
  };
}

/** The world of a hosted node: what its test hooks bend, and what its status tells, besides the four doors. */
export interface HostWorld extends World {
  readonly clock: Clock & { jump(byMs: number): void; setRate(rate: number): void; reset(): void };
  readonly disk: Disk & { slowSync(delayMs: number): void; readonly syncMs: number };
}

/** How a node is started inside a process that is not its own. */
export interface Hosting {
  readonly id: string;
  readonly members: readonly string[];
  readonly cluster: string;
  readonly options: Readonly<Record<string, string>>;
  readonly bugs: readonly string[];
  readonly world: HostWorld;
  readonly log: (text: string) => void;
  /** The node cannot go on; called at most once. */
  readonly fatal: (error: Error) => void;
}

/** A node that answers requests as its HTTP server would, without one. */
export interface HostedNode {
  /** `path` without a query; `take` is called at most once, perhaps before this returns. */
  answer(
    request: { readonly method: string; readonly path: string; readonly cluster: string; readonly body: string },
    take: (status: number, body: Json) => void,
  ): void;
  /** Says and does nothing any more. */
  stop(): void;
}

export interface System {
  readonly name: string;
  readonly summary: string;
  /** The operations (`f`) it offers. */
  readonly operations: readonly string[];
  readonly options: Readonly<Record<string, OptionDeclaration>>;
  readonly bugs: readonly PlantedBug[];
  command(launch: NodeLaunch): Command;
  /** Starts a node in a world that the caller made, where the system can live in one: the same node as `command`'s. */
  host?(hosting: Hosting): Promise<HostedNode>;
  /** Opens a session, where the system has such; its `ok` value is the client id. */
  openSession?(): HttpRequest;
  request(call: Call): HttpRequest;
  /** `body` is undefined when it was no valid JSON. */
  answer(call: Call, status: number, body: Json | undefined): Answer;
  readonly statusRequest: HttpRequest;
  /** Undefined when the body is no status. */
  status(body: Json | undefined): NodeStatus | undefined;
  /** Requests for the test hooks, where the system has them. */
  readonly hooks?: {
    clockJump(byMs: number): HttpRequest;
    clockRate(rate: number): HttpRequest;
    clockReset(): HttpRequest;
    slowSync(delayMs: number): HttpRequest;
  };
  /**
   * Bytes that a peer port answers, for probing links end to end: after `request` a live peer sends bytes that contain
   * `reply` on the same connection.
   */
  readonly linkProbe?: (nonce: string) => { readonly request: string; readonly reply: string };
}
