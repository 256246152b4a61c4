/**
 * What goes into the consensus core and what comes out. The core is a function of its state and an event; the driver
 * (`service/node.ts`) feeds events, performs effects in order, and is the only one that knows disks and sockets.
 */
export type NodeId = string;

/**
 * Time is data: the driver reads the clocks once per event, after the event has happened (a message was received) and
 * before its effects begin. Leases are safe only under that order.
 */
export interface Now {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** The voters, in force from the moment its entry is appended (dissertation 4.1). Part of log and snapshot. */
export interface Configuration {
  readonly voters: readonly NodeId[];
}

export type Entry =
  | { readonly kind: 'noop'; readonly index: number; readonly term: number }
  | { readonly kind: 'command'; readonly index: number; readonly term: number; readonly command: unknown }
  | { readonly kind: 'configuration'; readonly index: number; readonly term: number; readonly config: Configuration };

export interface HardState {
  readonly term: number;
  readonly votedFor: NodeId | null;
}

/** An applied prefix of the log, `data` being the state machine's own encoding (sessions and locks included). */
export interface Snapshot {
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly config: Configuration;
  readonly data: unknown;
}

export type Message =
  | {
      readonly kind: 'request-vote';
      readonly term: number;
      readonly lastIndex: number;
      readonly lastTerm: number;
      readonly pre: boolean;
      /** Set by a transfer of leadership: voters then skip the "a leader is alive" refusal (dissertation 3.10). */
      readonly transfer: boolean;
    }
  | { readonly kind: 'vote'; readonly term: number; readonly granted: boolean; readonly pre: boolean }
  | {
      readonly kind: 'append';
      readonly term: number;
      readonly previousIndex: number;
      readonly previousTerm: number;
      readonly entries: readonly Entry[];
      readonly commit: number;
      /** The round of confirmation of leadership that this message belongs to; never reused within a term. */
      readonly round: number;
    }
  | {
      readonly kind: 'append-reply';
      readonly term: number;
      readonly success: boolean;
      /** On success the last index this request verified; on refusal a hint where to go on (dissertation 5.3 end). */
      readonly matched: number;
      readonly conflictTerm?: number;
      /** On refusal, the `previousIndex` that did not match: tells an answer to the last probe from a late one. */
      readonly refusedAt?: number;
      readonly round: number;
    }
  | { readonly kind: 'install-snapshot'; readonly term: number; readonly snapshot: Snapshot; readonly round: number }
  /** `incarnation` is the asker's: an answer to a question from before its crash must not serve a newer read. */
  | { readonly kind: 'read-index'; readonly term: number; readonly id: number; readonly incarnation: number }
  | {
      readonly kind: 'read-index-reply';
      readonly term: number;
      readonly id: number;
      readonly incarnation: number;
      /** Null when the asked node cannot answer as leader. */
      readonly index: number | null;
    }
  | { readonly kind: 'timeout-now'; readonly term: number };

export type RaftEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'receive'; readonly from: NodeId; readonly message: Message }
  /** Commands of clients, in order. Only a leader takes them; anyone else answers with `refused`. */
  | { readonly kind: 'propose'; readonly commands: readonly unknown[] }
  /** A linearizable read; `id` is the driver's and comes back in `read-ready` or `read-refused`. */
  | { readonly kind: 'read'; readonly id: number }
  /** Everything up to and including the `persist` effect with this sequence number is durable. */
  | { readonly kind: 'persisted'; readonly sequence: number }
  /** The driver took a snapshot of its state machine after applying `index`. */
  | { readonly kind: 'compact'; readonly index: number; readonly data: unknown }
  | { readonly kind: 'transfer'; readonly to: NodeId };

/** In the order a driver must begin them. */
export type Effect =
  | {
      readonly kind: 'persist';
      /** Counts persist effects from 1; reported back by `persisted`. */
      readonly sequence: number;
      readonly hardState?: HardState;
      /** Replaces the log from `entries[0].index` on. Never empty when present. */
      readonly entries?: readonly Entry[];
      /**
       * Durable before any later trimming of the log, and before the reply to its sender. The log kept on disk then
       * starts at `lastIndex + 1`; `keepsLog` false means that whatever follows is divergent and discarded too.
       */
      readonly snapshot?: Snapshot;
      readonly keepsLog?: boolean;
    }
  /** `after`: the persist sequence that must be durable before the message may leave; 0 when none (10.2.1). */
  | { readonly kind: 'send'; readonly to: NodeId; readonly message: Message; readonly after: number }
  | { readonly kind: 'apply'; readonly entries: readonly Entry[] }
  /** Replace the state machine by the snapshot's. */
  | { readonly kind: 'restore'; readonly snapshot: Snapshot }
  /** Serve the read once `index` is applied. With `lease`, ask `leaseHolds` again right before the reply (2.1). */
  | { readonly kind: 'read-ready'; readonly id: number; readonly index: number; readonly lease: boolean }
  | { readonly kind: 'read-refused'; readonly id: number; readonly leader: NodeId | null }
  | { readonly kind: 'refused'; readonly commands: readonly unknown[]; readonly leader: NodeId | null }
  /** These were appended here; `firstIndex` is that of the first. The answer comes through `apply`. */
  | {
      readonly kind: 'accepted';
      readonly commands: readonly unknown[];
      readonly firstIndex: number;
      readonly term: number;
    }
  /** Role, term or known leader changed; on loss of leadership pending proposals become indefinite (rule 12). */
  | { readonly kind: 'role'; readonly role: Role; readonly term: number; readonly leader: NodeId | null };

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

export interface RaftOptions {
  readonly heartbeatMs: number;
  /** Each attempt draws its timeout uniformly from [min, 2 min). */
  readonly electionTimeoutMinMs: number;
  readonly reads: 'read-index' | 'lease';
  /** Bound on the error of any node's clock rate, as a share: 0.1 means 10 %. For leases only. */
  readonly clockRateErrorMax: number;
  /** Entries per append message. */
  readonly entriesMax: number;
}

/** What a driver hands over at start, as read from disk. */
export interface Restored {
  readonly hardState: HardState;
  readonly snapshot: Snapshot | null;
  readonly entries: readonly Entry[];
}
