import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Argv } from 'yargs';
import { type Checker, type Finding, judge } from '../../checkers/checker.ts';
import {
  type Format,
  formats,
  type History,
  linearizable,
  models,
  readHistory,
  uniqueIds,
  type Value,
} from '../../checkers/index.ts';
import { graver, pass, type Verdict } from '../../checkers/verdict.ts';
import { type Ended, exitCodes, gravest } from '../exit-codes.ts';
import { UsageError, unknownName } from '../failures.ts';
import { monotonicMs } from '../machine.ts';
import { files, readRunRecord } from '../store/layout.ts';
import { durationMs, sizeBytes } from '../units.ts';
import { workloads } from '../workloads/catalogue.ts';
import { type Args, type Command, flag, text, texts } from './command.ts';

/** `faultline check FILE…`: judges recorded histories, ours or another tool's. */
export const check: Command = {
  usage: 'check <file..>',
  summary: 'judge recorded histories: of a run, or from elsewhere with --model',
  options: (argv: Argv) =>
    argv
      .positional('file', { type: 'string', array: true, describe: 'history files, or directories of runs' })
      .option('format', { choices: formats, describe: 'by default told from the content' })
      .option('model', { type: 'string', describe: "see faultline models; by default what the run's workload says" })
      .option('failed-cas', {
        choices: ['ignore', 'assert'] as const,
        default: 'ignore',
        describe: 'what a failed compare-and-set means: not executed, or executed with a mismatch',
      })
      .option('initial', { type: 'string', describe: 'what the object holds at first, as JSON' })
      .option('time-limit', { type: 'string', default: '60s', describe: 'per file' })
      .option('memory-limit', { type: 'string', default: '4G', describe: 'per file, for the search' })
      .option('json', { type: 'boolean', describe: 'print one JSON object per file' }),
  async run(args) {
    const limits = {
      timeMs: durationMs(text(args, 'time-limit')!, '--time-limit'),
      memoryBytes: sizeBytes(text(args, 'memory-limit')!, '--memory-limit'),
      now: monotonicMs,
    };
    const model = text(args, 'model');
    const chosen = model === undefined ? undefined : checkerFor(model, args);
    const ended: Ended[] = [];
    for (const given of texts(args, 'file')) {
      const path = historyPath(given);
      const checkers = chosen === undefined ? await checkersOfRun(path) : [chosen];
      const began = monotonicMs();
      const history = read(path, text(args, 'format') as Format | undefined);
      const parsed = monotonicMs();
      const findings = judge(checkers, history, limits);
      const verdict = findings.map((finding) => finding.verdict).reduce(graver, pass as Verdict);
      const judged: Judged = {
        file: given,
        verdict,
        findings,
        history,
        parseMs: parsed - began,
        checkMs: monotonicMs() - parsed,
      };
      process.stdout.write(flag(args, 'json') ? `${JSON.stringify(jsonOf(judged))}\n` : textOf(judged));
      ended.push(verdict.kind);
    }
    return exitCodes[gravest(ended)];
  },
};

interface Judged {
  readonly file: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly history: History;
  readonly parseMs: number;
  readonly checkMs: number;
}

function checkerFor(model: string, args: Args): Checker {
  if (model === 'unique-ids') return uniqueIds();
  if (!models.has(model)) throw unknownName('model', model, [...models.keys(), 'unique-ids']);
  const initial = text(args, 'initial');
  const failedCas = text(args, 'failed-cas') as 'ignore' | 'assert';
  return linearizable(model, { failedCas, ...(initial === undefined ? {} : { initial: json(initial) }) });
}

function json(given: string): Value {
  try {
    return JSON.parse(given) as Value;
  } catch {
    throw new UsageError(`--initial: '${given}' is not JSON; write 0, null, or '"text"'`);
  }
}

function historyPath(given: string): string {
  try {
    return statSync(given).isDirectory() ? join(given, files.history) : given;
  } catch (error) {
    throw new UsageError(`cannot read '${given}': ${(error as Error).message}`);
  }
}

/** A history inside a run's directory is judged as the run would judge it. */
async function checkersOfRun(path: string): Promise<readonly Checker[]> {
  const run = await readRunRecord(dirname(path));
  if (!run.ok)
    throw new UsageError(`${path}: which --model? (no readable ${files.run} beside it says; see faultline models)`);
  const workload = workloads.find(({ name }) => name === run.record.workload);
  if (workload === undefined)
    throw unknownName(
      'workload',
      run.record.workload,
      workloads.map(({ name }) => name),
    );
  return workload.checkers();
}

function read(path: string, format: Format | undefined): History {
  const found = readHistory(bytes(path), { name: path, ...(format === undefined ? {} : { format }) });
  if (found.kind === 'malformed') {
    const first = found.problems[0]!;
    const more = found.count > 1 ? ` (and ${found.count - 1} more)` : '';
    throw new UsageError(`${path}:${first.line}: ${first.what}; ${first.right}${more}`);
  }
  for (const warning of found.warnings) process.stderr.write(`${path}:${warning.line}: warning: ${warning.what}\n`);
  return found.history;
}

function bytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read '${path}': ${(error as Error).message}`);
  }
}

function jsonOf({ file, verdict, findings, history, parseMs, checkMs }: Judged): object {
  return {
    file,
    verdict: verdict.kind,
    operations: history.length,
    keys: Math.max(1, history.keys.size),
    procedure: findings.map(({ checker }) => checker).join(', '),
    parseMs: milli(parseMs),
    checkMs: milli(checkMs),
    ...(verdict.kind === 'pass' ? {} : { why: verdict.why }),
    ...(verdict.kind === 'violation' ? { indexes: verdict.operations } : {}),
  };
}

const milli = (ms: number): number => Math.round(ms * 1000) / 1000;

function textOf({ file, verdict, history, checkMs }: Judged): string {
  const why = verdict.kind === 'pass' ? '' : `: ${verdict.why}`;
  return `${verdict.kind}  ${file}  ${history.length} operations, ${Math.round(checkMs)} ms${why}\n`;
}
