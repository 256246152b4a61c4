import { longer } from './columns.ts';
import type { Pending } from './pending.ts';

// The fields of a frame; the words of the masks follow.
const POSITION = 0;
const STATE = 1;
const USED = 2;
const TRAIL = 3;
const MOVES = 4;
const STAGE = 5;
const ABSORBED_FROM = 6;
const MASKS = 7;

/** The stack of configurations that are being searched: everything that is needed to come back to one of them. */
export class Frames {
  depth = 0;
  private readonly words: number;
  private readonly length: number;
  private cells: Int32Array<ArrayBuffer>;
  /** Where the topmost frame begins. */
  private top = 0;

  constructor(words: number) {
    this.words = words;
    this.length = MASKS + 2 * words;
    this.cells = new Int32Array(64 * this.length);
    this.top = -this.length;
  }

  get bytes(): number {
    return 4 * this.cells.length;
  }

  /** How many bytes more the next `push` will take: 0 unless the stack is full. */
  get growth(): number {
    return this.top + 2 * this.length > this.cells.length ? this.bytes : 0;
  }

  get position(): number {
    return this.cells[this.top + POSITION]!;
  }

  get state(): number {
    return this.cells[this.top + STATE]!;
  }

  get used(): number {
    return this.cells[this.top + USED]!;
  }

  get trail(): number {
    return this.cells[this.top + TRAIL]!;
  }

  /** The moves above this mark are the topmost frame's. */
  get moves(): number {
    return this.cells[this.top + MOVES]!;
  }

  get absorbedFrom(): number {
    return this.cells[this.top + ABSORBED_FROM]!;
  }

  /** How far the topmost frame has come in trying moves; 0 at first. */
  get stage(): number {
    return this.cells[this.top + STAGE]!;
  }

  set stage(stage: number) {
    this.cells[this.top + STAGE] = stage;
  }

  push(
    position: number,
    state: number,
    used: number,
    trail: number,
    moves: number,
    absorbedFrom: number,
    { linearized, covered }: Pending,
  ): void {
    this.depth++;
    this.top += this.length;
    const { top, words } = this;
    if (top + this.length > this.cells.length) this.cells = longer(this.cells, 2 * this.cells.length);
    const { cells } = this;
    cells[top + POSITION] = position;
    cells[top + STATE] = state;
    cells[top + USED] = used;
    cells[top + TRAIL] = trail;
    cells[top + MOVES] = moves;
    cells[top + STAGE] = 0;
    cells[top + ABSORBED_FROM] = absorbedFrom;
    for (let word = 0; word < words; word++) {
      cells[top + MASKS + word] = linearized[word]!;
      cells[top + MASKS + words + word] = covered[word]!;
    }
  }

  pop(): void {
    this.depth--;
    this.top -= this.length;
  }

  restoreMasks({ linearized, covered }: Pending): void {
    const { cells, words } = this;
    const from = this.top + MASKS;
    for (let word = 0; word < words; word++) {
      linearized[word] = cells[from + word]!;
      covered[word] = cells[from + words + word]!;
    }
  }

  /** The states of the frames at a position. */
  statesAt(position: number): number[] {
    const states: number[] = [];
    for (let top = this.top; top >= 0; top -= this.length) {
      if (this.cells[top + POSITION] === position) states.push(this.cells[top + STATE]!);
    }
    return states;
  }
}
