import type { LooseEvent } from '../../../checkers/history/event.ts';
import type { Value } from '../../../checkers/history/operation.ts';
import { Random } from '../linearizability/random.ts';

export interface RegisterLoad {
  readonly seed: number;
  /** Calls in all. */
  readonly calls: number;
  readonly processes: number;
  /** Calls per key; then the next key takes its place, for good. */
  readonly callsPerKey?: number;
  /** Keys in use at a time; without it the events carry no key. */
  readonly activeKeys?: number;
  readonly writes: number;
  /** Share of calls whose outcome stays unknown. */
  readonly unknown?: number;
  /** Share of calls that are compare-and-sets from a value that was read lately. */
  readonly cas?: number;
  /** Share of writes of a value that was written long before. */
  readonly again?: number;
  /** Share of reads that answer with a value of some time before. */
  readonly stale?: number;
}

interface Cell {
  readonly key: string | undefined;
  value: Value;
  next: number;
  calls: number;
  readonly past: Value[];
}

interface Open {
  readonly process: number;
  readonly cell: Cell;
  readonly f: 'read' | 'write' | 'cas';
  readonly input?: Value;
  answer?: { readonly value?: Value; readonly result?: boolean };
}

/** The events of clients of correct registers, with overlapping calls, unknown outcomes and, if wanted, stale reads. */
export function* registerLoad(load: RegisterLoad): Generator<LooseEvent> {
  const random = new Random(load.seed);
  const cells: Cell[] = [];
  let cellCount = 0;
  const freshCell = (): Cell => {
    const key = load.activeKeys === undefined ? undefined : `r${++cellCount}`;
    return { key, value: null, next: 1, calls: 0, past: [] };
  };
  for (let i = 0; i < (load.activeKeys ?? 1); i++) cells.push(freshCell());
  const open: Open[] = [];
  const idle = Array.from({ length: load.processes }, (_, process) => process);
  let begun = 0;
  let index = 0;
  const event = ({ process, cell, f }: Open, rest: Partial<LooseEvent> & Pick<LooseEvent, 'type'>): LooseEvent => ({
    index: index++,
    time: index * 10_000,
    process,
    f,
    ...(cell.key === undefined ? {} : { key: cell.key }),
    ...rest,
  });

  while (begun < load.calls || open.length > 0) {
    if (begun < load.calls && idle.length > 0 && random.chance(0.5)) {
      const call = ask(idle.splice(random.below(idle.length), 1)[0]!);
      begun++;
      open.push(call);
      yield event(call, { type: 'invoke', ...(call.input === undefined ? {} : { value: call.input }) });
      continue;
    }
    if (open.length === 0) continue;
    const call = open[random.below(open.length)]!;
    if (call.answer === undefined && random.chance(0.7)) {
      perform(call);
      continue;
    }
    open.splice(open.indexOf(call), 1);
    if (call.answer === undefined || random.chance(load.unknown ?? 0)) {
      const lost = call.answer === undefined && !random.chance(load.unknown ?? 0);
      if (lost) perform(call);
      else {
        idle.push(call.process + load.processes);
        yield event(call, { type: 'info', error: 'timeout' });
        continue;
      }
    }
    idle.push(call.process);
    yield event(call, { type: 'ok', ...(call.input === undefined ? {} : { value: call.input }), ...call.answer });
  }

  function ask(process: number): Open {
    const at = random.below(cells.length);
    if (load.callsPerKey !== undefined && cells[at]!.calls === load.callsPerKey) cells[at] = freshCell();
    const cell = cells[at]!;
    cell.calls++;
    if (random.chance(load.cas ?? 0)) return { process, cell, f: 'cas', input: [cell.value, cell.next++] };
    if (!random.chance(load.writes)) return { process, cell, f: 'read' };
    const again = cell.past.length > 0 && random.chance(load.again ?? 0);
    return { process, cell, f: 'write', input: again ? random.pick(cell.past) : cell.next++ };
  }

  function perform(call: Open): void {
    const { cell, f, input } = call;
    if (f === 'read') {
      const stale = cell.past.length > 0 && random.chance(load.stale ?? 0);
      call.answer = { value: stale ? random.pick(cell.past.slice(-20)) : cell.value };
      return;
    }
    if (f === 'cas' && (input as Value[])[0] !== cell.value) {
      call.answer = { result: false };
      return;
    }
    cell.past.push(cell.value);
    if (cell.past.length > 100) cell.past.shift();
    cell.value = f === 'cas' ? (input as Value[])[1]! : input!;
    call.answer = f === 'cas' ? { result: true } : {};
  }
}
