import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { History } from '../../checkers/history/history.ts';
import type { HistoryEvent } from '../../checkers/history/operation.ts';
import { files, readRunRecord, readVerdictRecord } from '../store/layout.ts';
import type { Read, RunRecord, VerdictRecord } from '../store/run-record.ts';
import { bandsOf } from './data/bands.ts';
import { type Collected, type CollectOptions, Collector } from './data/operations.ts';
import type { Report } from './data/report.ts';
import { eventsOf } from './history-events.ts';

/** Reads all that a run directory holds; what is missing or broken becomes a line in `problems`, never an error. */
export async function readRunFiles(directory: string): Promise<Report> {
  const problems: string[] = [];
  const run = recordOf(files.run, await readRunRecord(directory), problems);
  const verdict = recordOf(files.verdict, await readVerdictRecord(directory), problems);
  const collector = new Collector(collectOptions(run, verdict));
  problems.push(...(await readHistory(join(directory, files.history), collector)));
  return assemble({
    title: run === undefined ? basename(directory) : `${run.system} · ${run.workload} · ${run.nemesis}`,
    run,
    verdict,
    problems,
    collected: collector.finish(),
    logs: await logTails(directory),
  });
}

/** The report of a history that no run of ours made, for `faultline check`. */
export function reportOfHistory(history: History, title: string, verdict: VerdictRecord): Report {
  const collector = new Collector(collectOptions(undefined, verdict));
  for (const event of eventsOf(history)) collector.take(event);
  return assemble({ title, run: undefined, verdict, problems: [], collected: collector.finish(), logs: [] });
}

interface Parts extends Pick<Report, 'title' | 'run' | 'verdict' | 'logs'> {
  readonly problems: string[];
  readonly collected: Collected;
}

function assemble({ collected, problems, ...parts }: Parts): Report {
  const { operations, total, counts, notes } = collected;
  const endNs = Math.max(collected.endNs, ...(parts.run?.phases ?? []).map((phase) => phase.endNs ?? 0));
  if (total > operations.length) {
    problems.push(`${operations.length} of ${total} operations are in this page; the history file has them all`);
  }
  return { ...parts, problems, operations, total, counts, ...bandsOf(notes, endNs), endNs };
}

function collectOptions(run: RunRecord | undefined, verdict: VerdictRecord | undefined): CollectOptions {
  const involved = new Set((verdict?.findings ?? []).flatMap((finding) => finding.operations));
  const phases = run?.phases ?? [];
  const phaseAt = (atNs: number): string | undefined =>
    phases.findLast((phase) => phase.startNs <= atNs && atNs <= (phase.endNs ?? Number.POSITIVE_INFINITY))?.name;
  return { involved, phaseAt };
}

function recordOf<T>(name: string, read: Read<T>, problems: string[]): T | undefined {
  if (read.ok) return read.record;
  if (!read.missing) problems.push(`${name} cannot be read: ${read.problem}`);
  return undefined;
}

/**
 * Feeds the history to the collector line by line. A line that is no event is skipped and counted: the last line of a
 * run that was cut short often is none.
 */
async function readHistory(path: string, collector: Collector): Promise<string[]> {
  let line = 0;
  const broken: number[] = [];
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() === '') continue;
      const event = eventOf(text);
      if (event === undefined) broken.push(line);
      else collector.take(event);
    }
  } catch (error) {
    return [`${files.history} cannot be read: ${(error as Error).message}`];
  }
  if (broken.length === 0) return [];
  if (broken.length === 1 && broken[0] === line) return [`the last line of ${files.history} is cut short`];
  return [`${broken.length} lines of ${files.history} are no events, the first of them line ${broken[0]}`];
}

function eventOf(line: string): HistoryEvent | undefined {
  try {
    const event = JSON.parse(line) as Partial<HistoryEvent> | null;
    const isEvent =
      typeof event?.index === 'number' &&
      typeof event.time === 'number' &&
      typeof event.f === 'string' &&
      (typeof event.process === 'number' || typeof event.process === 'string');
    return isEvent ? (event as HistoryEvent) : undefined;
  } catch {
    return undefined;
  }
}

const tailBytes = 8_192;

async function logTails(directory: string): Promise<Report['logs']> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort();
  return Promise.all(
    names.map(async (name) => ({ node: basename(name, '.log'), tail: await tailOf(join(directory, name)) })),
  );
}

/** The last whole lines of a file. */
async function tailOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const text = buffer.toString('utf8', 0, bytesRead);
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await file.close();
  }
}
