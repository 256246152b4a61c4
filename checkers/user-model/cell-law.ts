import type { History } from '../history/history.ts';
import type { Value } from '../history/operation.ts';
import { casRegister } from '../models/cas-register.ts';
import type { AnyModel, Recorded, Step } from '../models/model.ts';
import { same, show } from '../models/value.ts';
import { describe } from './distrusted.ts';

/** So much is tried. */
const operationsMax = 48;
const statesMax = 48;

/**
 * Whether a model that declares a `cell` is one: each operation is performed by the model and by the register that it
 * claims to be, in the states that the first ones lead to. Returns where they differ, in words.
 */
export function brokenCell(model: AnyModel, history: History): string | undefined {
  if (model.cell === undefined) return undefined;
  const operations = sample(history).filter(({ f }) => Object.hasOwn(model.cell!, f));
  const states = [model.initial as Value];
  for (const state of states) {
    for (const recorded of operations) {
      const own = performed(model, recorded, state);
      const cell = performed(casRegister as unknown as AnyModel, { ...recorded, f: model.cell[recorded.f]! }, state);
      if (own === undefined || cell === undefined || !agree(own, cell)) {
        return `its cell says that "${recorded.f}" is the ${model.cell[recorded.f]} of a register, which in the state ${show(state)} it is not: ${describe(recorded)}`;
      }
      if (!cell.legal || states.length >= statesMax || states.some((known) => same(known, cell.state as Value)))
        continue;
      states.push(cell.state as Value);
    }
  }
  return undefined;
}

const agree = (a: Step<unknown>, b: Step<unknown>): boolean =>
  a.legal && b.legal ? same(a.state as Value, b.state as Value) : a.legal === b.legal;

/** `undefined` if the model cannot judge the operation. */
function performed(model: AnyModel, recorded: Recorded, state: Value): Step<unknown> | undefined {
  const understood = model.understand(recorded);
  return understood.kind === 'refused' ? undefined : model.step(state, understood.input, understood.seen);
}

/** The first operations that differ, as a model is given them; without failed ones. */
function sample(history: History): Recorded[] {
  const seen = new Set<string>();
  const found: Recorded[] = [];
  for (let op = 0; op < history.length && found.length < operationsMax; op++) {
    const { f, outcome, input, output, result } = history.operation(op);
    if (outcome === 'failed') continue;
    const recorded = { f, outcome, input, output, result, invokedNs: 0, returnedNs: Number.POSITIVE_INFINITY };
    const text = JSON.stringify(recorded);
    if (seen.has(text)) continue;
    seen.add(text);
    found.push(recorded);
  }
  return found;
}
