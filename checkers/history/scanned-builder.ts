import { ABSENT } from './absent.ts';
import { CellInterner } from './cell-interner.ts';
import { ERROR, KEY, RESULT, VALUE } from './cells.ts';
import { type EventScan, INFO_EVENT, OK_EVENT } from './event-scan.ts';
import type { HistoryBuilder } from './history-builder.ts';
import type { Names } from './names.ts';
import { FAILED, OK } from './outcome-codes.ts';
import { RareColumn } from './rare-column.ts';

/**
 * From a scanned event to rows of a history: `HistoryBuilder.invoke` and `complete` without an object between. Values
 * get their numbers in the same order as there.
 */
export class ScannedBuilder {
  readonly scan: EventScan;
  private readonly builder: HistoryBuilder;
  private readonly keys: CellInterner;
  private readonly values: CellInterner;
  /** By the number of a scanned text: its number among the builder's names, and among its labels. */
  private readonly names = new RareColumn();
  private readonly labels = new RareColumn();

  constructor(scan: EventScan, builder: HistoryBuilder) {
    this.scan = scan;
    this.builder = builder;
    this.keys = new CellInterner(builder.keys, scan.cells);
    this.values = new CellInterner(builder.values, scan.cells);
  }

  /** The scanned invocation as an operation; returns its number. */
  invoke(): number {
    const { scan, builder } = this;
    const f = this.nameOf(this.names, builder.names, scan.f);
    const key = this.keys.intern(KEY);
    const input = this.values.intern(VALUE);
    const op = builder.open(scan.process, f, key, input, scan.index, scan.time);
    this.mark(op);
    return op;
  }

  /** The scanned completion speaks of what the operation was invoked with. It may leave the key out. */
  completes(op: number): boolean {
    const { scan, builder } = this;
    if (this.nameOf(this.names, builder.names, scan.f) !== builder.functionOf(op)) return false;
    if (!scan.cells.has(KEY)) return true;
    const key = this.keys.find(KEY);
    return key !== ABSENT && key === builder.keyOf(op);
  }

  complete(op: number): void {
    const { scan, builder } = this;
    if (scan.type === INFO_EVENT) builder.giveUp(op, scan.time);
    else builder.close(op, scan.type === OK_EVENT ? OK : FAILED, scan.time);
    this.mark(op);
    if (scan.type === OK_EVENT) builder.answer(op, this.values.intern(VALUE), this.values.intern(RESULT));
  }

  private mark(op: number): void {
    const { node, phase } = this.scan;
    const { labels } = this.builder;
    const nodeLabel = node === ABSENT ? ABSENT : this.nameOf(this.labels, labels, node);
    const phaseLabel = phase === ABSENT ? ABSENT : this.nameOf(this.labels, labels, phase);
    this.builder.mark(op, nodeLabel, phaseLabel, this.values.intern(ERROR));
  }

  private nameOf(cache: RareColumn, names: Names, text: number): number {
    const known = cache.get(text);
    if (known !== ABSENT) return known;
    const id = names.intern(this.scan.strings.text(text));
    cache.set(text, id);
    return id;
  }
}
