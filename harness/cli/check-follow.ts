import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Checker } from '../../checkers/checker.ts';
import { Follower } from '../../checkers/follow/follower.ts';
import { models } from '../../checkers/models/models.ts';
import { type Verdict, violation } from '../../checkers/verdict.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../failures.ts';
import { type FollowEnd, followFile } from '../follow/follow.ts';
import { followable, followableWorkloads } from '../follow/followable.ts';
import { modestHeap } from '../follow/modest-heap.ts';
import { runIsOver } from '../follow/run-over.ts';
import { FileChanged } from '../follow/tail.ts';
import { monotonicMs } from '../machine.ts';
import { counted } from '../report/data/words.ts';
import { files } from '../store/layout.ts';
import { durationMs } from '../units.ts';
import { type Args, flag, text } from './command.ts';
import { FollowProgress } from './follow-progress.ts';
import { onInterrupt } from './interrupt.ts';

/** A file that does not exist yet is waited for: a run makes its directory before its history. */
const appearWithinMs = 5000;

/** One file to be followed, or the directory of a run. */
export interface FollowRequest {
  /** As it was given. */
  readonly file: string;
  /** How a check that does not follow would judge the history at this path. */
  checkersOf(path: string): Promise<readonly Checker[]>;
  /** Judges the file as it is by then, like a check that does not follow. */
  judge(): Promise<Judgement>;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Prints the answer with this verdict. */
  print(verdict: Verdict): void;
}

/** What is being followed. */
interface Followed {
  readonly file: string;
  readonly path: string;
  readonly isRun: boolean;
  readonly checkers: readonly Checker[];
  readonly follower: Follower;
}

/**
 * `faultline check --follow`: resolves to the exit code. The verdict is printed once, like that of any check. A
 * violation ends the following at once; the checkers then explain it from the file. They also judge what could not be
 * followed, at its end.
 *
 * @throws UsageError if nothing that is asked of this file can be followed, or the file was cut short or replaced.
 */
export async function checkFollowing(request: FollowRequest, args: Args): Promise<number> {
  const format = text(args, 'format') ?? 'jsonl';
  if (format !== 'jsonl') throw new UsageError(`--follow: of JSON lines only, not of ${format}`);
  const json = flag(args, 'json');
  const progress = json ? undefined : new FollowProgress(process.stderr);
  const interrupt = onInterrupt();
  try {
    const followed = await begin(request, interrupt.signal);
    const idle = text(args, 'idle');
    const release = modestHeap();
    const { end, workMs } = await followFile(followed.path, {
      follower: followed.follower,
      signal: interrupt.signal,
      isOver: async () => followed.isRun && (await runIsOver(dirname(followed.path))),
      ...(idle === undefined ? {} : { idleMs: durationMs(idle, '--idle') }),
      onProgress: (follower) => progress?.tell(follower),
    }).finally(release);
    progress?.say(ending(end, followed.follower));
    return await conclude(request, followed, args, workMs);
  } catch (error) {
    if (error instanceof FileChanged) throw new UsageError(error.message);
    throw error;
  } finally {
    progress?.clear();
    interrupt.done();
  }
}

async function begin({ file, checkersOf }: FollowRequest, signal: AbortSignal): Promise<Followed> {
  await appearance(file, signal);
  const path = statSync(file).isDirectory() ? join(file, files.history) : file;
  await appearance(path, signal);
  const isRun = existsSync(join(dirname(path), files.run));
  const checkers = await checkersOf(path);
  const asks = followable(checkers)?.asks;
  if (asks === undefined) throw cannotFollow(file, checkers, isRun);
  const { model, ...options } = asks;
  return { file, path, isRun, checkers, follower: new Follower(model, options) };
}

/** The follower's own verdict where it is the whole answer, otherwise that of the checkers. */
async function conclude(request: FollowRequest, followed: Followed, args: Args, workMs: number): Promise<number> {
  const { standing } = followed.follower;
  if (standing.kind === 'pass' && !flag(args, 'per-key') && isWholeAnswer(followed)) {
    printPass(followed, flag(args, 'json'), workMs);
    return exitCodes.pass;
  }
  const judgement = await request.judge();
  if (standing.kind === 'violation' && judgement.verdict.kind === 'pass') {
    throw new Error(`the follower saw a violation where the checkers see none: ${standing.why}`);
  }
  // The checkers may have come to their limits; what was seen was seen.
  const seen = standing.kind === 'violation' && judgement.verdict.kind === 'undecided';
  const verdict = seen ? violation(standing.why, [standing.operation]) : judgement.verdict;
  judgement.print(verdict);
  return exitCodes[verdict.kind];
}

/** Nothing else is asked, and of a model whose laws need no trying. */
function isWholeAnswer({ checkers }: Followed): boolean {
  const model = followable(checkers)!.asks.model;
  return checkers.length === 1 && models.get(model.name) === model;
}

/** Reading and judging were one: all the time it took is that of the check. */
function printPass({ file, follower }: Followed, json: boolean, workMs: number): void {
  const { operations, keys } = follower.counts;
  const answer = { file, verdict: 'pass', operations, keys: Math.max(1, keys), procedure: 'following' };
  const checkMs = Math.round(workMs * 1000) / 1000;
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...answer, parseMs: 0, checkMs })}\n`
      : `pass  ${file}  ${counted(operations, 'operation')}, ${counted(answer.keys, 'key')}, ${Math.round(checkMs)} ms  (${answer.procedure})\n`,
  );
}

function ending(end: FollowEnd, { violation, counts }: Follower): string {
  switch (end) {
    case 'violation':
      return `violation after ${counts.operations} operations: ${violation!.why}`;
    case 'over':
      return 'the run is over';
    case 'idle':
      return 'nothing was written any more';
    case 'interrupted':
      return 'interrupted: judged as it stands';
    default:
      return end satisfies never;
  }
}

async function appearance(path: string, signal: AbortSignal): Promise<void> {
  const untilMs = monotonicMs() + appearWithinMs;
  while (!existsSync(path)) {
    if (monotonicMs() > untilMs || signal.aborted) {
      throw new UsageError(`cannot follow '${path}': there was no such file for ${appearWithinMs / 1000} s`);
    }
    await pause(50);
  }
}

const cannotFollow = (file: string, checkers: readonly Checker[], isRun: boolean): UsageError =>
  new UsageError(
    `--follow: ${file}: ${checkers.map(({ name }) => name).join(', ')} can be judged at the end only; ` +
      (isRun
        ? `runs of ${followableWorkloads().join(', ')} can be followed`
        : 'what can be followed is the linearizability of a model (see faultline models)'),
  );
