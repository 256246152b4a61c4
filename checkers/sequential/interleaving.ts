import { REFUSED, type Transitions } from '../linearizability/search/transitions.ts';
import { TupleTable } from '../linearizability/search/tuple-table.ts';
import type { Programs } from './programs.ts';

export type Progress = 'found' | 'none' | 'paused';

/** In place of a row: the process has nothing left. */
const END = -1;

/** One step back: the process that moved, and the state that its object was in; `SKIPPED` for an operation left out. */
const SKIPPED = -1;

/** A process whose next operation is performed, or (of unknown outcome) left out. */
interface Move {
  readonly process: number;
  readonly skip: boolean;
}

interface Frame {
  readonly depth: number;
  readonly moves: Move[];
}

/**
 * Looks for one order of all operations in which each process's own come in its own order and the object answers as
 * the processes saw: depth first over the fronts of the processes, remembering (fronts, states of the objects).
 *
 * A pure observer goes as soon as it is at the front of its process and legal: it changes no state, so in any order
 * that completes this one it can be moved to the front. Moves that make a waiting operation legal are tried first.
 *
 * Time and memory O(n^p · states) for p processes: what makes it exponential is their number alone.
 */
export class Interleaving {
  /** Configurations visited. */
  configurations = 0;
  /** The rows that were next, of each process with something left, when most operations had their place. */
  waiting: readonly number[] = [];
  private readonly programs: Programs;
  private readonly observer: readonly number[];
  private readonly transitions: Transitions;
  private readonly processes: number;
  private readonly fronts: Int32Array;
  private readonly states: Int32Array;
  private readonly visited: TupleTable;
  private readonly frames: Frame[] = [];
  /** Pairs of process and former state. */
  private readonly trail: number[] = [];
  private remaining: number;
  private fewestRemaining = Number.POSITIVE_INFINITY;

  constructor(programs: Programs, observer: readonly number[], transitions: Transitions) {
    this.programs = programs;
    this.observer = observer;
    this.transitions = transitions;
    this.processes = programs.starts.length - 1;
    this.fronts = programs.starts.slice(0, this.processes);
    this.states = new Int32Array(programs.objectCount).fill(transitions.initial);
    this.visited = new TupleTable(this.processes + programs.objectCount);
    this.remaining = programs.definite.reduce((sum, definite) => sum + definite, 0);
  }

  /** Memory held, in bytes: exact for the table, estimated for the moves that are still to be tried. */
  get bytes(): number {
    return this.visited.bytes + 64 * this.frames.length * this.processes + 16 * this.trail.length;
  }

  /** The rows performed so far, in order. */
  get order(): number[] {
    const at = this.programs.starts.slice(0, this.processes);
    const rows: number[] = [];
    for (let step = 0; step < this.trail.length; step += 2) {
      const row = at[this.trail[step]!]!++;
      if (this.trail[step + 1] !== SKIPPED) rows.push(row);
    }
    return rows;
  }

  /** Works on, for so many configurations; may be called again. */
  run(budget: number): Progress {
    for (let steps = 0; ; steps++) {
      this.observe();
      this.noteFewest();
      if (this.remaining === 0) return 'found';
      if (steps >= budget) return 'paused';
      if (this.visit()) this.frames.push({ depth: this.trail.length, moves: this.moves() });
      if (!this.nextMove()) return 'none';
    }
  }

  private observe(): void {
    const { letters, objects } = this.programs;
    for (let process = 0; process < this.processes; process++) {
      for (let row = this.front(process); row !== END; row = this.front(process)) {
        if (this.observer[letters[row]!] !== 1) break;
        if (this.transitions.step(this.states[objects[row]!]!, letters[row]!) === REFUSED) break;
        this.perform({ process, skip: false });
      }
    }
  }

  private front(process: number): number {
    const row = this.fronts[process]!;
    return row === this.programs.starts[process + 1] ? END : row;
  }

  private visit(): boolean {
    const { probe } = this.visited;
    probe.set(this.fronts);
    probe.set(this.states, this.processes);
    const known = this.visited.size;
    const fresh = this.visited.intern() === known;
    if (fresh) this.configurations++;
    return fresh;
  }

  /** The moves from here, the best last. */
  private moves(): Move[] {
    const { definite, starts } = this.programs;
    const good: Move[] = [];
    const rest: Move[] = [];
    for (let process = 0; process < this.processes; process++) {
      const row = this.front(process);
      if (row === END) continue;
      const next = this.nextState(row);
      if (next !== REFUSED) (this.helps(row, next) ? good : rest).push({ process, skip: false });
      if (definite[row] === 0 && row + 1 < starts[process + 1]!) rest.unshift({ process, skip: true });
    }
    return [...rest, ...good];
  }

  private nextState(row: number): number {
    const { letters, objects } = this.programs;
    return this.transitions.step(this.states[objects[row]!]!, letters[row]!);
  }

  /** Whether a process that has to wait for this object now has not when it is in that state. */
  private helps(moved: number, state: number): boolean {
    const { letters, objects } = this.programs;
    for (let process = 0; process < this.processes; process++) {
      const row = this.front(process);
      if (row === END || row === moved || objects[row] !== objects[moved]) continue;
      if (this.nextState(row) === REFUSED && this.transitions.step(state, letters[row]!) !== REFUSED) return true;
    }
    return false;
  }

  private nextMove(): boolean {
    for (let frame = this.frames.at(-1); frame !== undefined; frame = this.frames.at(-1)) {
      while (this.trail.length > frame.depth) this.undo();
      const move = frame.moves.pop();
      if (move !== undefined) {
        this.perform(move);
        return true;
      }
      this.frames.pop();
    }
    return false;
  }

  private perform({ process, skip }: Move): void {
    const { objects, definite } = this.programs;
    const row = this.fronts[process]!++;
    const object = objects[row]!;
    this.trail.push(process, skip ? SKIPPED : this.states[object]!);
    if (skip) return;
    this.remaining -= definite[row]!;
    this.states[object] = this.nextState(row);
  }

  private undo(): void {
    const { objects, definite } = this.programs;
    const former = this.trail.pop()!;
    const row = --this.fronts[this.trail.pop()!]!;
    if (former === SKIPPED) return;
    this.remaining += definite[row]!;
    this.states[objects[row]!] = former;
  }

  private noteFewest(): void {
    if (this.remaining >= this.fewestRemaining) return;
    this.fewestRemaining = this.remaining;
    const fronts = Array.from({ length: this.processes }, (_, process) => this.front(process));
    this.waiting = fronts.filter((row) => row !== END && this.programs.definite[row] === 1);
  }
}
