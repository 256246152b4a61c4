import { casRegister } from './cas-register.ts';
import { counter } from './counter.ts';
import { fencedMutex } from './fenced-mutex.ts';
import { fifoQueue } from './fifo-queue.ts';
import { kv } from './kv.ts';
import type { AnyModel, Model } from './model.ts';
import { multiRegister } from './multi-register.ts';
import { mutex } from './mutex.ts';
import { ownerMutex } from './owner-mutex.ts';
import { register } from './register.ts';
import { set } from './set.ts';
import { unorderedQueue } from './unordered-queue.ts';

/** Forgets the types of states, inputs and outputs; a model's methods only ever meet what it made itself. */
const any = <State, In, Out>(model: Model<State, In, Out>): AnyModel => model as unknown as AnyModel;

/** Every sequential specification that comes with faultline, by name. */
export const models: ReadonlyMap<string, AnyModel> = new Map(
  [
    any(register),
    any(casRegister),
    any(kv),
    any(multiRegister),
    any(mutex),
    any(ownerMutex),
    any(fencedMutex),
    any(counter),
    any(set),
    any(fifoQueue),
    any(unorderedQueue),
  ].map((model) => [model.name, model]),
);

/** Name and summary of every model, for lists. */
export const modelSummaries: readonly (readonly [name: string, summary: string])[] = [...models.values()].map(
  ({ name, summary }) => [name, summary] as const,
);
