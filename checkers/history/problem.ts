/** One thing that is wrong with a history file: where, what, and what would be right. */
export interface Problem {
  /** Line of the file, from 1; for histories that never were a file, the place of the event from 1. */
  readonly line: number;
  /** Column in that line, from 1, where the format knows it. */
  readonly column?: number;
  readonly what: string;
  readonly right: string;
}

/** Bytes that no text has. Replacing them could make two different values equal. */
export const notUtf8 = { what: 'the file has bytes that are not UTF-8', right: 'histories are text in UTF-8' };

/** Keeps the first problems and counts the rest: a file of the wrong kind has one problem a line. */
export class Problems {
  private readonly kept: Problem[] = [];
  private total = 0;
  private readonly keep: number;

  constructor(keep = 20) {
    this.keep = keep;
  }

  get count(): number {
    return this.total;
  }

  get first(): readonly Problem[] {
    return this.kept;
  }

  add(problem: Problem): void {
    this.total++;
    if (this.kept.length < this.keep) this.kept.push(problem);
  }
}

/** The problem in one line of text. */
export function sentence({ line, column, what, right }: Problem): string {
  const where = column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
  return `${where}: ${what}; ${right}`;
}

/** A history that cannot be judged, as an error: for callers that hold it to be impossible. */
export function refusal(problems: Problems): Error {
  const more = problems.count - problems.first.length;
  const lines = problems.first.map(sentence);
  if (more > 0) lines.push(`and ${more} more`);
  return new Error(`malformed history:\n${lines.join('\n')}`);
}
