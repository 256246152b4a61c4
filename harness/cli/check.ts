import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { type Format, formats } from '../../checkers/history/format.ts';
import { monotonicMs } from '../../checkers/parallel/runtime.ts';
import type { Verdict } from '../../checkers/verdict.ts';
import { type Ended, exitCodes, gravest } from '../exit-codes.ts';
import { UsageError } from '../failures.ts';
import { durationMs, sizeBytes } from '../units.ts';
import type { FileLimits } from './check-clock.ts';
import { type FileRequest, type Judged, judgeFile } from './check-judge.ts';
import { printed } from './check-print.ts';
import { consistencies, type Question, questionOfOptions, questionsOfRun } from './check-questions.ts';
import { type Args, type Command, flag, text, texts } from './command.ts';
import { followOptions } from './follow-options.ts';
import { onInterrupt } from './interrupt.ts';

/** `faultline check FILE…`: judges recorded histories, ours or another tool's, one after the other in one process. */
export const check: Command = {
  usage: 'check <file..>',
  summary: 'judge recorded histories: of a run, or from elsewhere with --model',
  options: (argv: Argv) =>
    followOptions(argv)
      .positional('file', { type: 'string', array: true, describe: 'history files, or directories of runs' })
      .option('format', { choices: formats, describe: 'by default told from the content' })
      .option('model', {
        type: 'string',
        describe: "see faultline models; or a file, ./my-model.ts; by default what the run's workload says",
      })
      .option('consistency', {
        choices: consistencies,
        default: 'linearizable',
        describe: 'what to ask: sequential leaves out real time, and is for small histories',
      })
      .option('failed-cas', {
        choices: ['ignore', 'assert'] as const,
        default: 'ignore',
        describe: 'what a failed compare-and-set means: not executed, or executed with a mismatch',
      })
      .option('initial', { type: 'string', describe: 'what the object holds at first, as JSON' })
      .option('time-limit', { type: 'string', default: '60s', describe: 'per file, reading included' })
      .option('memory-limit', { type: 'string', default: '4G', describe: 'of the whole process' })
      .option('per-key', { type: 'boolean', describe: 'also print the answer for each key' })
      .option('json', { type: 'boolean', describe: 'print one JSON object per file' }),
  run: (args) => (flag(args, 'follow') ? follow(args) : checkFiles(args)),
};

async function checkFiles(args: Args): Promise<number> {
  const asked = await questionOfOptions(args);
  const ended: Ended[] = [];
  await untilInterrupted(args, async (limits) => {
    // What it took to start the process counts as time of the first file.
    let sinceMs = 0;
    for (const file of texts(args, 'file')) {
      // After Ctrl-C the file at hand is undecided, and the rest is left alone.
      if (limits.signal.aborted) return;
      const judged = await judgeFile(await requestOf(file, asked, args), { ...limits, sinceMs });
      sinceMs = monotonicMs();
      print(judged, args);
      ended.push(judged.verdict.kind);
    }
  });
  return exitCodes[gravest(ended)];
}

/** One file that is still being written. What is judged at its end is judged like any file. */
async function follow(args: Args): Promise<number> {
  const [file, ...more] = texts(args, 'file');
  if (file === undefined || more.length > 0) throw new UsageError('--follow: one file at a time');
  const asked = await questionOfOptions(args);
  if (asked?.kind === 'sequential') throw new UsageError('--follow: sequential consistency is judged at the end only');
  const { checkFollowing } = await import('./check-follow.ts');
  const questionsAt = async (path: string) => (asked === undefined ? await questionsOfRun(path) : [asked]);
  const request = {
    file,
    async checkersOf(path: string) {
      const questions = await questionsAt(path);
      return questions.flatMap((question) => (question.kind === 'sequential' ? [] : [question.checker]));
    },
    async judge() {
      const judged = await untilInterrupted(args, async (limits) =>
        judgeFile(await requestOf(file, asked, args), limits),
      );
      return { verdict: judged.verdict, print: (verdict: Verdict) => print({ ...judged, verdict }, args) };
    },
  };
  return checkFollowing(request, args);
}

const print = (judged: Judged, args: Args): void => {
  process.stdout.write(printed(judged, { json: flag(args, 'json'), perKey: flag(args, 'per-key') }));
};

/** Works within the limits that were asked for, and those of a person's patience. */
async function untilInterrupted<Result>(args: Args, work: (limits: FileLimits) => Promise<Result>): Promise<Result> {
  const interrupt = onInterrupt();
  const stop = new AbortController();
  try {
    return await work({
      sinceMs: monotonicMs(),
      timeMs: durationMs(text(args, 'time-limit')!, '--time-limit'),
      memoryBytes: sizeBytes(text(args, 'memory-limit')!, '--memory-limit'),
      signal: AbortSignal.any([interrupt.signal, stop.signal]),
      onSigint: () => stop.abort(),
    });
  } finally {
    interrupt.done();
  }
}

async function requestOf(file: string, asked: Question | undefined, args: Args): Promise<FileRequest> {
  const path = historyPath(file);
  const questions = asked === undefined ? await questionsOfRun(path) : [asked];
  return { file, path, format: text(args, 'format') as Format | undefined, questions };
}

function historyPath(given: string): string {
  try {
    return statSync(given).isDirectory() ? join(given, 'history.jsonl') : given;
  } catch (error) {
    throw new UsageError(`cannot read '${given}': ${(error as Error).message}`);
  }
}
