import type { Checker } from '../checker.ts';
import { ABSENT, FAILED, type History, NEVER, OK } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import { canonical, isList, ValueTable } from '../history/values.ts';
import { pass, undecided } from '../verdict.ts';
import { byKey, ofKey } from './keyed.ts';
import { Breaches, type Budget, CannotJudge, property } from './property.ts';

export interface SetOptions {
  /** False tolerates reads that miss an element for a while and see it later: stale, not lost. */
  readonly linearizable?: boolean;
}

/**
 * A grow-only set keeps what it was given: `add` of elements and `read` of the whole set (Jepsen's `set-full`; SYSTEMS
 * 0.6 SET). An element is *known* from the moment its add is acknowledged or a read that saw it completes; every read
 * that begins later must contain it.
 *
 * Violations, per element:
 * - `lost`: known, and missing from the last read;
 * - `stale`: known, missing from a later read, and back in the last one;
 * - `duplicated`: twice in one read;
 * - `unexpected`: read, though nobody ever added it, or before anybody began to;
 * - `phantom`: read, though every add of it failed.
 *
 * An add of unknown outcome may show at any time, but once seen its element must stay. An element that was acknowledged
 * and that no read could have seen proves nothing: `undecided`. Does not detect: elements added twice that the set
 * rightly holds once, reads that disagree about the order of two unacknowledged adds (linearizability with the model
 * `set` does), and does not apply to sets with removal.
 *
 * Time is linear in the elements added and read; memory in the elements added.
 */
export const setFull = (options: SetOptions = {}): Checker =>
  property('set-full', (history, budget) => {
    budget.claim(8 * history.length + 128 * history.values.size);
    const breaches = new Breaches();
    const tally = { reads: 0, acknowledged: 0, seen: 0, neverRead: 0, stale: 0 };
    for (const { key, operations } of byKey(history)) {
      const set = new SetHistory(history, key, operations, budget);
      set.judge(breaches, tally, options.linearizable ?? true);
    }
    const details = { ...tally, ...breaches.details(history) };
    if (breaches.any) return { verdict: breaches.verdict(history), details };
    if (tally.reads === 0 || tally.acknowledged === 0) {
      return { verdict: undecided('no element was acknowledged and then read'), details };
    }
    const unread = `${tally.neverRead} acknowledged element(s) that no read could have seen`;
    return { verdict: tally.neverRead > 0 ? undecided(unread) : pass, details };
  });

type Tally = Record<'reads' | 'acknowledged' | 'seen' | 'neverRead' | 'stale', number>;

/** What the history says of one element; positions of events, and rows of operations. */
interface Element {
  /** When the first add that may take effect was invoked. */
  begunAt: number;
  /** When the first add was acknowledged. */
  acknowledgedAt: number;
  /** From when on the element must be in every read. */
  knownAt: number;
  /** When the first read that saw it completed, and that read. */
  seenAt: number;
  seenBy: number;
  /** An add of it, whatever came of it. */
  addedBy: number;
  /** Reads begun after `knownAt` that contain it. */
  presentAfter: number;
  /** The last read, by place among the reads, that contains it. */
  lastPresent: number;
  /** The last read that was looked at for it: finds duplicates. */
  stamp: number;
}

class SetHistory {
  private readonly history: History;
  private readonly key: number;
  private readonly budget: Budget;
  private readonly table = new ValueTable();
  private readonly elements: Element[] = [];
  /** The reads that are ok, in order of invocation. */
  private readonly reads: number[] = [];
  private readonly duplicates = new Map<number, number>();

  constructor(history: History, key: number, operations: Int32Array, budget: Budget) {
    this.history = history;
    this.key = key;
    this.budget = budget;
    const add = history.names.find('add');
    const read = history.names.find('read');
    for (const op of operations) {
      budget.step();
      if (history.f[op] === add) this.noteAdd(op);
      else if (history.f[op] === read) this.noteRead(op);
      else throw new CannotJudge(`a set has add and read, and index ${history.index(op)} is neither`);
    }
    for (const [place, op] of this.reads.entries()) this.countPresent(op, place);
  }

  judge(breaches: Breaches, tally: Tally, linearizable: boolean): void {
    tally.reads += this.reads.length;
    for (let id = 0; id < this.elements.length; id++) {
      this.budget.step();
      const element = this.elements[id]!;
      if (element.acknowledgedAt !== NEVER) tally.acknowledged++;
      if (element.seenBy !== ABSENT) tally.seen++;
      this.judgePresence(id, element, breaches, tally, linearizable);
      this.judgeOrigin(id, element, breaches);
    }
    for (const [id, op] of this.duplicates) {
      breaches.add('duplicated', () => ({ why: `${this.show(id)} is twice in one read`, operations: [op] }));
    }
  }

  private noteAdd(op: number): void {
    const { history } = this;
    const input = history.input[op]!;
    if (input === ABSENT) throw new CannotJudge(`add at index ${history.index(op)} names no element`);
    const element = this.element(history.values.get(input));
    if (element.addedBy === ABSENT) element.addedBy = op;
    if (history.outcome[op] === FAILED) return;
    if (history.invokedAt[op]! < element.begunAt) {
      element.begunAt = history.invokedAt[op]!;
      element.addedBy = op;
    }
    if (history.outcome[op] !== OK || history.completedAt[op]! >= element.acknowledgedAt) return;
    element.acknowledgedAt = history.completedAt[op]!;
    element.knownAt = Math.min(element.knownAt, element.acknowledgedAt);
  }

  private noteRead(op: number): void {
    if (this.history.outcome[op] !== OK) return;
    const place = this.reads.push(op) - 1;
    const completedAt = this.history.completedAt[op]!;
    for (const value of this.contents(op)) {
      this.budget.step();
      const element = this.element(value);
      if (element.stamp === place) this.duplicates.set(this.table.find(value), op);
      element.stamp = place;
      element.knownAt = Math.min(element.knownAt, completedAt);
      if (completedAt >= element.seenAt) continue;
      element.seenAt = completedAt;
      element.seenBy = op;
    }
  }

  private countPresent(op: number, place: number): void {
    const invokedAt = this.history.invokedAt[op]!;
    for (const value of this.contents(op)) {
      this.budget.step();
      const element = this.element(value);
      if (element.lastPresent === place) continue;
      element.lastPresent = place;
      if (invokedAt > element.knownAt) element.presentAfter++;
    }
  }

  private judgePresence(id: number, element: Element, breaches: Breaches, tally: Tally, linearizable: boolean): void {
    const { acknowledgedAt, knownAt } = element;
    if (knownAt === NEVER) return;
    const later = this.reads.length - this.firstReadAfter(knownAt);
    if (later === 0 && element.seenBy === ABSENT && acknowledgedAt !== NEVER) tally.neverRead++;
    if (later === element.presentAfter) return;
    if (element.lastPresent < this.reads.length - 1) breaches.add('lost', () => this.missing(id, element, 'lost'));
    else if (linearizable) breaches.add('stale', () => this.missing(id, element, 'stale'));
    if (element.lastPresent === this.reads.length - 1) tally.stale++;
  }

  private judgeOrigin(id: number, element: Element, breaches: Breaches): void {
    const { seenBy, addedBy, begunAt, seenAt } = element;
    if (seenBy === ABSENT || seenAt > begunAt) return;
    if (addedBy === ABSENT) {
      breaches.add('unexpected', () => ({ why: `${this.show(id)} was read and never added`, operations: [seenBy] }));
      return;
    }
    const failed = begunAt === NEVER;
    const why = `${this.show(id)} was read ${failed ? 'though its add failed' : 'before anybody began to add it'}`;
    breaches.add(failed ? 'phantom' : 'unexpected', () => ({ why, operations: [addedBy, seenBy] }));
  }

  /** The add or read that made the element known, and the last read that misses it. */
  private missing(id: number, element: Element, kind: 'lost' | 'stale'): { why: string; operations: number[] } {
    const from = this.firstReadAfter(element.knownAt);
    const read = this.reads.findLast((op, place) => place >= from && !this.contains(op, id))!;
    const isRead = element.seenAt === element.knownAt;
    const witness = isRead ? element.seenBy : this.acknowledger(element);
    const how = isRead ? 'seen by a read' : 'acknowledged';
    const end = kind === 'lost' ? 'the last read misses it' : 'a later read misses it, though the last one has it';
    return { why: `${this.show(id)} was ${how}, and ${end}`, operations: [witness, read] };
  }

  private acknowledger(element: Element): number {
    const { completedAt } = this.history;
    for (let op = element.addedBy; op < this.history.length; op++) {
      if (completedAt[op] === element.acknowledgedAt) return op;
    }
    return element.addedBy;
  }

  private contains(op: number, id: number): boolean {
    return this.contents(op).some((value) => this.table.find(value) === id);
  }

  /** Place of the first read that was invoked after a position. */
  private firstReadAfter(position: number): number {
    let low = 0;
    let high = this.reads.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.history.invokedAt[this.reads[middle]!]! > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** What a read saw; a set that was never written to may read null. */
  private contents(op: number): readonly Value[] {
    const output = this.history.output[op]!;
    const value = output === ABSENT ? undefined : this.history.values.get(output);
    if (value === null) return [];
    if (isList(value)) return value;
    throw new CannotJudge(`read at index ${this.history.index(op)} shows no list of elements`);
  }

  private element(value: Value): Element {
    const id = this.table.intern(value);
    const known = this.elements[id];
    if (known !== undefined) return known;
    const element: Element = {
      begunAt: NEVER,
      acknowledgedAt: NEVER,
      knownAt: NEVER,
      seenAt: NEVER,
      seenBy: ABSENT,
      addedBy: ABSENT,
      presentAfter: 0,
      lastPresent: ABSENT,
      stamp: ABSENT,
    };
    this.elements.push(element);
    return element;
  }

  private show(id: number): string {
    return `element ${canonical(this.table.get(id))}${ofKey(this.history, this.key)}`;
  }
}
