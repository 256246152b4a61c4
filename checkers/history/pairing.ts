import type { LooseEvent } from './event.ts';
import { type History, HistoryBuilder } from './history.ts';
import type { HistoryEvent, Value } from './operation.ts';
import { type Problem, Problems, refusal } from './problem.ts';
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
}

/** In the table of open calls: the process had an unknown outcome. */
const RETIRED = -1;

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
  private readonly builder = new HistoryBuilder();
  private readonly problems = new Problems();
  private readonly warnings = new Problems();
  /** Per process that was ever seen: its open operation, or `RETIRED`, or nothing. */
  private readonly open = new Map<number, number>();
  private readonly openEvents = new Map<number, LooseEvent>();
  private readonly reuse: 'refuse' | 'accept';
  private position = 0;
  private timed: boolean | undefined;
  private lastTime = 0;
  private timesGoBack = false;
  private indexesDiffer = false;
  private reused = false;

  constructor(options: PairingOptions = {}) {
    this.reuse = options.reuse ?? 'refuse';
  }

  /** The next event of the file. */
  take(loose: LooseEvent, line: number): void {
    const event = this.completeEvent(loose, line);
    if (event === undefined) return;
    if (typeof event.process === 'string') this.builder.note(event);
    else if (event.type === 'invoke') this.invoke(event.process, event, line);
    else this.complete(event.process, event, line);
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

  private invoke(process: number, event: HistoryEvent, line: number): void {
    const op = this.open.get(process);
    if (op !== undefined && op !== RETIRED) {
      const what = `process ${process} invokes ${event.f} while its ${this.openEvents.get(process)!.f} is open`;
      this.problems.add({ line, what, right: 'a process has at most one call open' });
      return;
    }
    if (op === RETIRED && !this.mayReuse(process, line)) return;
    this.open.set(process, this.builder.invoke(event));
    this.openEvents.set(process, event);
  }

  private complete(process: number, event: HistoryEvent, line: number): void {
    const op = this.open.get(process);
    if (op === undefined || op === RETIRED) {
      const what = `${event.type} of ${event.f} by process ${process}, which has no open call`;
      this.problems.add({ line, what, right: 'a completion follows the invoke of the same process' });
      return;
    }
    const mismatch = difference(this.openEvents.get(process)!, event);
    if (mismatch !== undefined) {
      const right = 'a completion speaks of the call that its process has open';
      this.problems.add({ line, what: `process ${process} ${mismatch}`, right });
      return;
    }
    this.builder.complete(op, event);
    this.openEvents.delete(process);
    if (event.type === 'info') this.open.set(process, RETIRED);
    else this.open.delete(process);
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
function difference(invocation: LooseEvent, completion: LooseEvent): string | undefined {
  if (invocation.f !== completion.f) return `invoked ${invocation.f}, and ${completion.f} completes`;
  if (completion.key === undefined || same(invocation.key, completion.key)) return undefined;
  const asked = invocation.key === undefined ? 'no key' : `key ${canonical(invocation.key)}`;
  return `invoked ${invocation.f} on ${asked}, and one on key ${canonical(completion.key)} completes`;
}

function same(a: Value | undefined, b: Value): boolean {
  return a === b || (a !== undefined && typeof a === 'object' && canonical(a) === canonical(b));
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
