import { z } from 'zod';
import type { Finding as CheckerFinding } from '../../checkers/checker.ts';

/**
 * What a run leaves on disk beside its history: `run.json` (what was done) and `verdict.json` (what it means). Both are
 * read back by a later faultline, so every field that came after version 1 is optional, and unknown fields are dropped.
 *
 * All times named `...Ns` are nanoseconds since the run began, on the harness's monotonic clock, as in the history.
 */
const value: z.ZodType<unknown> = z.unknown();
const atNs = z.number();

/** A stretch of the run: `load`, `heal`, `recovery`, `final`, ... `endNs` is missing while it still goes on. */
const phase = z.object({ name: z.string(), startNs: atNs, endNs: atNs.exactOptional() });

/** Completed operations by what their clients learned of them. */
const outcomeCounts = z.object({ ok: z.number(), failed: z.number(), unknown: z.number() });

/** One measurement that a fault took hold, or did not. */
const faultEvidence = z.object({
  atNs,
  /** The nodes or links it was aimed at, as written in the history. */
  target: value,
  /** What the measurement shows, in words: "4 of 4 cut links are silent". */
  what: z.string(),
  /** Whether the measurement shows it. */
  proven: z.boolean(),
  /** The figures behind it: an object as JSON, or words with the unit. */
  measured: z.string(),
});

const faultRecord = z.object({
  name: z.string(),
  /** How often it was injected. */
  injections: z.number(),
  /** Of those, how many a measurement proved to have taken hold. */
  proven: z.number(),
  /** Of those, how many could not be measured at all (their nodes were dead, say): they count neither way. */
  unmeasurable: z.number().exactOptional(),
  evidence: z.array(faultEvidence),
});

/** A step of the nemesis's plan, in the order it was performed. */
const scheduleStep = z.object({
  atNs,
  /** `partition`, `kill`, `clock-jump`, ... */
  fault: z.string(),
  action: z.enum(['inject', 'heal']),
  target: value,
});

/** How a node's clocks stood against the harness's. */
const clockSample = z.object({
  atNs,
  node: z.string(),
  wallOffsetMs: z.number(),
  uncertaintyMs: z.number(),
});

export const runRecordSchema = z.object({
  version: z.literal(1),
  faultline: z.object({ version: z.string(), commit: z.string().exactOptional() }),
  system: z.string(),
  workload: z.string(),
  /** The list as given on the command line, `none` for a run without faults. */
  nemesis: z.string(),
  environment: z.string(),
  nodes: z.array(z.string()),
  /** Clients that work at the same time. */
  concurrency: z.number(),
  /** Operations per second that were asked for; absent means as fast as possible. */
  rate: z.number().exactOptional(),
  timeLimitMs: z.number(),
  seed: z.number(),
  bugs: z.array(z.string()),
  options: z.record(z.string(), z.string()),
  /** ISO 8601, the harness's wall clock. */
  startedAt: z.string(),
  /** The arguments that repeat the run, program name first. */
  command: z.array(z.string()),
  phases: z.array(phase),
  /** Counts by phase, then by `f`. */
  operations: z.record(z.string(), z.record(z.string(), outcomeCounts)),
  /** Completed operations per second of the load phase. */
  opsPerSecond: z.number(),
  faults: z.array(faultRecord),
  schedule: z.array(scheduleStep),
  /** How late the harness's event loop ran: large lag means weak real-time edges (SYSTEMS 15.5). */
  loopLag: z.object({ p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() }).exactOptional(),
  clocks: z.array(clockSample).exactOptional(),
  /** What each node said of itself: address, final status, pid, ... */
  nodeInfo: z.record(z.string(), value).exactOptional(),
});

const finding = z.object({
  checker: z.string(),
  verdict: z.enum(['pass', 'violation', 'undecided']),
  /** Empty for a pass that has nothing to say. */
  why: z.string(),
  /** Event indexes of the invocations involved, in history order. */
  operations: z.array(z.number()),
  /** Whatever the checker adds; for linearizability see `explanation` in harness/report. */
  details: value.exactOptional(),
});

/** One way in which the run might prove nothing, and whether it is ruled out (DESIGN 1, point 3). */
const vacuityCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** What was counted, in words: "412 operations succeeded while a fault was active". */
  what: z.string(),
});

export const verdictRecordSchema = z.object({
  version: z.literal(1),
  verdict: z.enum(['pass', 'violation', 'undecided']),
  why: z.string(),
  findings: z.array(finding),
  vacuity: z.array(vacuityCheck),
  checkMs: z.number(),
});

export type RunRecord = z.infer<typeof runRecordSchema>;
export type VerdictRecord = z.infer<typeof verdictRecordSchema>;
export type VerdictKind = VerdictRecord['verdict'];
export type Finding = z.infer<typeof finding>;
export type Phase = z.infer<typeof phase>;
export type FaultRecord = z.infer<typeof faultRecord>;
export type FaultEvidence = z.infer<typeof faultEvidence>;
export type ScheduleStep = z.infer<typeof scheduleStep>;
export type ClockSample = z.infer<typeof clockSample>;
export type OutcomeCounts = z.infer<typeof outcomeCounts>;
export type VacuityCheck = z.infer<typeof vacuityCheck>;

/** A checker's answer as it is kept. */
export function findingRecord({ checker, verdict, details }: CheckerFinding): Finding {
  return {
    checker,
    verdict: verdict.kind,
    why: verdict.kind === 'pass' ? '' : verdict.why,
    operations: verdict.kind === 'violation' ? [...verdict.operations] : [],
    ...(details === undefined ? {} : { details }),
  };
}

/** A record read from disk: the record, or what is wrong with the file. */
export type Read<T> =
  | { readonly ok: true; readonly record: T }
  | { readonly ok: false; readonly missing: boolean; readonly problem: string };

export const serialise = (record: RunRecord | VerdictRecord): string => `${JSON.stringify(record, null, 2)}\n`;
export const parseRunRecord = (text: string): Read<RunRecord> => parse(runRecordSchema, text);
export const parseVerdictRecord = (text: string): Read<VerdictRecord> => parse(verdictRecordSchema, text);

function parse<T>(schema: z.ZodType<T>, text: string): Read<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, missing: false, problem: `not JSON: ${(error as Error).message}` };
  }
  const result = schema.safeParse(json);
  if (result.success) return { ok: true, record: result.data };
  return { ok: false, missing: false, problem: z.prettifyError(result.error) };
}
