import { ABSENT } from './absent.ts';
import type { LooseEvent } from './event.ts';
import { type EventScan, INFO_EVENT, INVOKE } from './event-scan.ts';
import type { History } from './history.ts';
import { HistoryBuilder } from './history-builder.ts';
import { IDLE, OpenCalls, RETIRED } from './open-calls.ts';
import type { HistoryEvent } from './operation.ts';
import { type Problem, Problems, refusal } from './problem.ts';
import { ScannedBuilder } from './scanned-builder.ts';
import { canonical } from './values.ts';

/** A history, or why there is none: the first problems, and how many there were. */
export type Paired =
  | { readonly kind: 'history'; readonly history: History; readonly warnings: readonly Problem[] }
  | { readonly kind: 'malformed'; readonly problems: readonly Problem[]; readonly count: number };

export interface PairingOptions {
  /**
   * What to make of a process that goes on after an unknown outcome. `refuse` (the default; Jepsen's processes retire,
   * SYSTEMS 15.2), or `accept` with a warning: sound for linearizability, where only intervals count, but not for
   * properties of sessions, for the unknown call may take effect after later calls of its own process.
   */
  readonly reuse?: 'refuse' | 'accept';
  /** How many operations to make room for at once. Too many cost no memory, too few cost some time. */
  readonly operationsExpected?: number;
}

/**
 * From events to operations, one event at a time. Nothing is guessed: what cannot be a history is refused with its
 * line, what is wrong, and what would be right.
 *
 * Fatal: a completion without an invocation, a second invocation while one is open, a completion that speaks of another
 * `f` or key, a retired process, times on some events only. A warning: times that go back and numbers (`index`) that
 * do not count the events, since order comes from the sequence alone; the history is then marked as not timed, or
 * keeps the file's numbers for messages.
 */
export class Pairing {
  private readonly builder: HistoryBuilder;
  private scanned: ScannedBuilder | undefined;
  private readonly problems = new Problems();
  private readonly warnings = new Problems();
  private readonly open = new OpenCalls();
  private readonly reuse: 'refuse' | 'accept';
  private position = 0;
  private timed: boolean | undefined;
  private lastTime = 0;
  private timesGoBack = false;
  private indexesDiffer = false;
  private reused = false;

  constructor(options: PairingOptions = {}) {
    this.reuse = options.reuse ?? 'refuse';
    this.builder = new HistoryBuilder(options.operationsExpected);
  }

  /** The next event of the file. */
  take(loose: LooseEvent, line: number): void {
    const event = this.completeEvent(loose, line);
    if (event === undefined) return;
    if (typeof event.process === 'string') this.builder.note(event);
    else if (event.type === 'invoke') this.invoke(event.process, event, line);
    else this.complete(event.process, event, line);
  }

  /**
   * The next event of the file, as numbers, if nothing about it needs a word: the same as `take`, without an object.
   * False, and nothing has changed, for an event that is wrong or odd: `take` then finds the words.
   */
  takeScanned(scan: EventScan): boolean {
    if (scan.index !== this.position && !this.indexesDiffer) return false;
    if (scan.time < this.lastTime && !this.timesGoBack) return false;
    if (this.timed === false) return false;
    this.scanned ??= new ScannedBuilder(scan, this.builder);
    if (this.scanned.scan !== scan || !this.pairScanned(this.scanned)) return false;
    this.position++;
    this.timed = true;
    this.lastTime = scan.time;
    return true;
  }

  /** Something that is no event at all. */
  refuse(problem: Problem): void {
    this.problems.add(problem);
  }

  /** Something odd that changes no verdict. */
  warn(problem: Problem): void {
    this.warnings.add(problem);
  }

  finish(): Paired {
    if (this.problems.count > 0) {
      return { kind: 'malformed', problems: this.problems.first, count: this.problems.count };
    }
    const history = this.builder.build(this.timed === true && !this.timesGoBack);
    return { kind: 'history', history, warnings: this.warnings.first };
  }

  private pairScanned(scanned: ScannedBuilder): boolean {
    const { process, type } = scanned.scan;
    const op = this.open.get(process);
    if (type === INVOKE) {
      if (op !== IDLE) return false;
      this.open.set(process, scanned.invoke());
      return true;
    }
    if (op === IDLE || op === RETIRED || !scanned.completes(op)) return false;
    scanned.complete(op);
    this.open.set(process, type === INFO_EVENT ? RETIRED : IDLE);
    return true;
  }

  private invoke(process: number, event: HistoryEvent, line: number): void {
    const op = this.open.get(process);
    if (op !== IDLE && op !== RETIRED) {
      const asked = this.builder.names.get(this.builder.functionOf(op));
      const what = `process ${process} invokes ${event.f} while its ${asked} is open`;
      this.problems.add({ line, what, right: 'a process has at most one call open' });
      return;
    }
    if (op === RETIRED && !this.mayReuse(process, line)) return;
    this.open.set(process, this.builder.invoke(event));
  }

  private complete(process: number, event: HistoryEvent, line: number): void {
    const op = this.open.get(process);
    if (op === IDLE || op === RETIRED) {
      const what = `${event.type} of ${event.f} by process ${process}, which has no open call`;
      this.problems.add({ line, what, right: 'a completion follows the invoke of the same process' });
      return;
    }
    const mismatch = difference(this.builder, op, event);
    if (mismatch !== undefined) {
      const right = 'a completion speaks of the call that its process has open';
      this.problems.add({ line, what: `process ${process} ${mismatch}`, right });
      return;
    }
    this.builder.complete(op, event);
    this.open.set(process, event.type === 'info' ? RETIRED : IDLE);
  }

  private mayReuse(process: number, line: number): boolean {
    const what = `process ${process} goes on after an unknown outcome`;
    const right = 'a process retires after info, and a new number takes over';
    if (this.reuse === 'refuse') {
      this.problems.add({ line, what, right });
      return false;
    }
    if (!this.reused) this.warnings.add({ line, what, right });
    this.reused = true;
    return true;
  }

  /** Fills in number and time where the file has none. */
  private completeEvent(loose: LooseEvent, line: number): HistoryEvent | undefined {
    const position = this.position++;
    if (loose.index !== undefined && loose.index !== position) this.noteIndex(loose.index, position, line);
    const hasTime = loose.time !== undefined;
    this.timed ??= hasTime;
    if (this.timed !== hasTime) {
      const what = hasTime
        ? 'the event has a time, earlier ones have none'
        : 'the event has no time, earlier ones have one';
      this.problems.add({ line, what, right: 'all events carry a time, or none does' });
      return undefined;
    }
    if (loose.time !== undefined) this.noteTime(loose.time, line);
    if (loose.index !== undefined && loose.time !== undefined) return loose as HistoryEvent;
    return { ...loose, index: loose.index ?? position, time: loose.time ?? position };
  }

  private noteIndex(index: number, position: number, line: number): void {
    if (this.indexesDiffer) return;
    this.indexesDiffer = true;
    const what = `the event is number ${position} of the file and says index ${index}`;
    this.warnings.add({ line, what, right: 'indexes count the events from 0; order is taken from the file' });
  }

  private noteTime(time: number, line: number): void {
    if (time < this.lastTime && !this.timesGoBack) {
      this.timesGoBack = true;
      const what = `time goes back from ${this.lastTime} to ${time}`;
      const right = 'times come from one monotonic clock; order is taken from the file, durations are not judged';
      this.warnings.add({ line, what, right });
    }
    this.lastTime = time;
  }
}

/** How a completion differs from the invocation it should belong to. A completion may leave the key out. */
function difference(builder: HistoryBuilder, op: number, completion: LooseEvent): string | undefined {
  const f = builder.names.get(builder.functionOf(op));
  if (f !== completion.f) return `invoked ${f}, and ${completion.f} completes`;
  const key = builder.keyOf(op);
  if (completion.key === undefined || (builder.keys.find(completion.key) === key && key !== ABSENT)) return undefined;
  const asked = key === ABSENT ? 'no key' : `key ${canonical(builder.keys.get(key))}`;
  return `invoked ${f} on ${asked}, and one on key ${canonical(completion.key)} completes`;
}

/** Pairs events that are in memory already. */
export function pair(events: Iterable<LooseEvent>, options: PairingOptions = {}): Paired {
  const pairing = new Pairing(options);
  let line = 0;
  for (const event of events) pairing.take(event, ++line);
  return pairing.finish();
}

/** A history from events that are known to be well-formed, such as a recorder's own or a test's; throws if they are not. */
export function historyOf(events: Iterable<LooseEvent>): History {
  const problems = new Problems();
  const paired = pair(events);
  if (paired.kind === 'history') return paired.history;
  for (const problem of paired.problems) problems.add(problem);
  throw refusal(problems);
}
