import { casRegister } from '../../../models/cas-register.ts';
import { counter } from '../../../models/counter.ts';
import { fencedMutex } from '../../../models/fenced-mutex.ts';
import { fifoQueue } from '../../../models/fifo-queue.ts';
import { kv } from '../../../models/kv.ts';
import type { AnyModel } from '../../../models/model.ts';
import { multiRegister } from '../../../models/multi-register.ts';
import { mutex } from '../../../models/mutex.ts';
import { ownerMutex } from '../../../models/owner-mutex.ts';
import { register } from '../../../models/register.ts';
import { set } from '../../../models/set.ts';
import { unorderedQueue } from '../../../models/unordered-queue.ts';
import { spareInKv } from './appends.ts';
import { spareMakers } from './cells.ts';
import { spareSums } from './counters.ts';
import type { Laws } from './laws.ts';
import { onlyOwners, owners } from './locks.ts';
import { onlyValues, spareInQueue, valuesInQueue } from './queues.ts';
import { onlyRegisters, registers, spareTransactions } from './registers.ts';
import { elements, onlyElements, setStart, spareAdditions, suspects } from './sets.ts';
import { cellStart, counterStart, lockStart, mutexStart, queueStart } from './start.ts';

const queue: Laws = { spare: spareInQueue, startsFrom: queueStart, facets: valuesInQueue, only: onlyValues };
const lock: Laws = { startsFrom: lockStart, facets: owners, only: onlyOwners };

/** By the model itself and not by its name: a user's model called `set` need not be one. */
const known: ReadonlyMap<unknown, Laws> = new Map<unknown, Laws>([
  [register, { spare: spareMakers, startsFrom: cellStart }],
  [casRegister, { spare: spareMakers, startsFrom: cellStart }],
  [kv, { spare: spareInKv, startsFrom: cellStart }],
  [multiRegister, { spare: spareTransactions, facets: registers, only: onlyRegisters }],
  [mutex, { spare: spareMakers, startsFrom: mutexStart }],
  [ownerMutex, lock],
  [fencedMutex, lock],
  [counter, { spare: spareSums, startsFrom: counterStart }],
  [set, { spare: spareAdditions, startsFrom: setStart, facets: elements, suspects, only: onlyElements }],
  [fifoQueue, queue],
  [unorderedQueue, queue],
]);

/** The laws of a model; of one that nobody knows, those that follow from what it says of its operations' effects. */
export const lawsOf = (model: AnyModel): Laws => known.get(model) ?? { spare: spareMakers };
