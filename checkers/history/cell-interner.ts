import { ABSENT } from './absent.ts';
import { type Cells, LIST, NUMBER, TEXT } from './cells.ts';
import { RareColumn } from './rare-column.ts';
import type { ValueTable } from './values.ts';

/** Interns scanned cells into one table, and gives what `table.intern(cells.toValue(cell))` would. */
export class CellInterner {
  private readonly table: ValueTable;
  private readonly cells: Cells;
  /** By the number of a text among the scanned ones: its number in the table. */
  private readonly texts = new RareColumn();
  /** By kind, for null and the booleans. */
  private readonly words = new RareColumn();
  private partsOfPairs: CellInterner | undefined;

  constructor(table: ValueTable, cells: Cells) {
    this.table = table;
    this.cells = cells;
  }

  /** The number of the field's content, a new one if it was never seen; `ABSENT` if the event has no such field. */
  intern(field: number): number {
    return this.cells.has(field) ? this.internCell(field) : ABSENT;
  }

  /** The number of the field's content, or `ABSENT` if it was never interned. The event has the field. */
  find(field: number): number {
    const { cells } = this;
    const kind = cells.kind(field);
    if (kind === NUMBER) return this.table.find(cells.content(field));
    const known = kind === TEXT ? this.texts.get(cells.content(field)) : ABSENT;
    return known === ABSENT ? this.table.find(cells.toValue(field)) : known;
  }

  private internCell(cell: number): number {
    const { cells } = this;
    const kind = cells.kind(cell);
    if (kind === NUMBER) return this.table.internNumber(cells.content(cell));
    if (kind === TEXT) return this.cached(this.texts, cells.content(cell), cell);
    if (kind !== LIST) return this.cached(this.words, kind, cell);
    if (cells.itemCount(cell) !== 2) return this.table.intern(cells.toValue(cell));
    const first = cells.content(cell);
    return this.table.internPair(this.parts.internCell(first), this.parts.internCell(first + 1));
  }

  private get parts(): CellInterner {
    this.partsOfPairs ??= new CellInterner(this.table.parts, this.cells);
    return this.partsOfPairs;
  }

  private cached(cache: RareColumn, row: number, cell: number): number {
    const known = cache.get(row);
    if (known !== ABSENT) return known;
    const id = this.table.intern(this.cells.toValue(cell));
    cache.set(row, id);
    return id;
  }
}
