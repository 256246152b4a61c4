import { statSync } from 'node:fs';
import { check } from '../../checkers/check.ts';
import { judge } from '../../checkers/checker.ts';
import type { Format } from '../../checkers/history/format.ts';
import type { History } from '../../checkers/history/history.ts';
import { LimitReached } from '../../checkers/linearizability/limits.ts';
import type { KeyResult } from '../../checkers/linearizability/linearizability.ts';
import { heapFull, monotonicMs, residentBytes } from '../../checkers/parallel/runtime.ts';
import { distrusted } from '../../checkers/user-model/distrusted.ts';
import { brokenLaw } from '../../checkers/user-model/laws.ts';
import { graver, pass, undecided, type Verdict } from '../../checkers/verdict.ts';
import { UsageError } from '../failures.ts';
import { readHistoryFile } from '../store/read-history-file.ts';
import { Clock, type FileLimits } from './check-clock.ts';
import type { Question } from './check-questions.ts';

/** The answer to one question. */
export interface Answer {
  /** What decided it, or the checker that was asked. */
  readonly procedure: string;
  readonly verdict: Verdict;
  /** Of linearizability. */
  readonly perKey: readonly KeyResult[];
  /** Whether a history that is not linearizable is at least sequentially consistent, as a sentence. */
  readonly weaker?: string;
}

export interface Judged {
  readonly file: string;
  readonly verdict: Verdict;
  readonly answers: readonly Answer[];
  /** `undefined` if it could not be read within the limits. */
  readonly history: History | undefined;
  readonly parseMs: number;
  readonly checkMs: number;
}

export interface FileRequest {
  /** As it was given, and the history itself. */
  readonly file: string;
  readonly path: string;
  readonly format: Format | undefined;
  readonly questions: readonly Question[];
}

/** Files below this size are read in less time than a person takes notice of, and need no guard. */
const smallFileBytes = 2 ** 22;

/** Reads a file and asks all questions of it. @throws UsageError if the file cannot be read or is malformed */
export async function judgeFile({ file, path, format, questions }: FileRequest, limits: FileLimits): Promise<Judged> {
  const clock = new Clock(limits);
  const beganMs = monotonicMs();
  const guard = sizeOf(path) > smallFileBytes ? 'guarded' : 'sure to end';
  const reading = clock.within(() => read(path, format, clock), guard);
  const parsedMs = monotonicMs();
  const judged = { file, parseMs: parsedMs - beganMs };
  if (!reading.done) {
    const verdict = undecided(`${reading.why} while the history was read`);
    return { ...judged, verdict, answers: [], history: undefined, checkMs: 0 };
  }
  const history = reading.result;
  const answers: Answer[] = [];
  for (const question of questions) answers.push(await answerTo(question, history, clock));
  const verdict = answers.map((answer) => answer.verdict).reduce(graver, pass as Verdict);
  return { ...judged, verdict, answers, history, checkMs: monotonicMs() - parsedMs };
}

async function answerTo(question: Question, history: History, clock: Clock): Promise<Answer> {
  switch (question.kind) {
    case 'linearizable':
      return await linearizability(question, history, clock);
    case 'sequential':
      return await sequential(question, history, clock);
    case 'other': {
      const { checker } = question;
      const limits = { timeMs: clock.msLeft, memoryBytes: clock.limits.memoryBytes, now: monotonicMs };
      const judging = clock.within(() => judge([checker], history, limits));
      const verdict = judging.done ? judging.result[0]!.verdict : undecided(judging.why);
      return { procedure: checker.name, verdict, perKey: [] };
    }
    default:
      return question satisfies never;
  }
}

async function linearizability(
  { checker, modelUrl }: Extract<Question, { kind: 'linearizable' }>,
  history: History,
  clock: Clock,
): Promise<Answer> {
  const { model, ...options } = checker.asks;
  const { verdict, perKey } = await check(model, history, {
    ...options,
    timeLimitMs: clock.msLeft,
    memoryLimitBytes: clock.limits.memoryBytes,
    signal: clock.limits.signal,
    onSigint: clock.limits.onSigint,
    ...(modelUrl === undefined ? {} : { modelUrl }),
  });
  const procedures = [...new Set(perKey.map(({ procedure }) => procedure))].sort();
  const answer: Answer = { procedure: procedures.join(', ') || checker.name, verdict, perKey };
  const violated = perKey.find(({ kind }) => kind === 'violation');
  if (violated === undefined) return answer;
  const { staleButOrdered } = await import('../../checkers/sequential/stale-but-ordered.ts');
  const limits = { now: monotonicMs, timeLimitMs: Math.min(clock.msLeft, weakerMsMax) };
  const asking = clock.within(() => staleButOrdered(model, history, violated.key, { ...options, ...limits }));
  return asking.done && asking.result !== undefined ? { ...answer, weaker: asking.result } : answer;
}

/** Whether a violation is "stale but ordered" is worth so long. */
const weakerMsMax = 500;

async function sequential(
  { model, url, ...options }: Extract<Question, { kind: 'sequential' }>,
  history: History,
  clock: Clock,
): Promise<Answer> {
  const { checkSequential } = await import('../../checkers/sequential/sequential.ts');
  const { memoryBytes, signal } = clock.limits;
  const limits = {
    now: monotonicMs,
    timeLimitMs: clock.msLeft,
    memoryLimitBytes: memoryBytes,
    memoryUsed: residentBytes(memoryBytes),
    heapFull,
    cancelled: () => signal.aborted,
  };
  const asked = url === undefined ? model : distrusted(model);
  const checking = clock.within(() => {
    const broken = url === undefined ? undefined : brokenLaw(asked, history, options.failedCas ?? 'ignore');
    return broken === undefined
      ? checkSequential(asked, history, { ...options, ...limits }).verdict
      : undecided(broken);
  });
  const verdict = checking.done ? checking.result : undecided(`sequential consistency: ${checking.why}`);
  return { procedure: 'sequential', verdict, perKey: [] };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw new UsageError(`cannot read '${path}': ${(error as Error).message}`);
  }
}

function read(path: string, format: Format | undefined, clock: Clock): History {
  const found = paired(path, format, clock);
  if (found.kind === 'malformed') {
    const first = found.problems[0]!;
    const more = found.count > 1 ? ` (and ${found.count - 1} more)` : '';
    throw new UsageError(`${path}:${first.line}: ${first.what}; ${first.right}${more}`);
  }
  for (const warning of found.warnings) process.stderr.write(`${path}:${warning.line}: warning: ${warning.what}\n`);
  return found.history;
}

function paired(path: string, format: Format | undefined, clock: Clock) {
  try {
    return readHistoryFile(path, { name: path, ...(format === undefined ? {} : { format }) }, clock.checkpoint);
  } catch (error) {
    if (error instanceof LimitReached) throw error;
    throw new UsageError(`cannot read '${path}': ${(error as Error).message}`);
  }
}
