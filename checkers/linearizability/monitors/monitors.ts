import { counter } from '../../models/counter.ts';
import { fifoQueue } from '../../models/fifo-queue.ts';
import type { AnyModel } from '../../models/model.ts';
import { mutex } from '../../models/mutex.ts';
import { ownerMutex } from '../../models/owner-mutex.ts';
import { set } from '../../models/set.ts';
import { unorderedQueue } from '../../models/unordered-queue.ts';
import type { Procedure } from '../procedure.ts';
import { counterMonitor } from './counter/counter.ts';
import { mutexMonitor } from './lock/mutex.ts';
import { ownerMutexMonitor } from './lock/owner-mutex.ts';
import { fifoQueueMonitor, unorderedQueueMonitor } from './queue/queue.ts';
import { setMonitor } from './set/set.ts';

const monitors: ReadonlyMap<unknown, Procedure> = new Map<unknown, Procedure>([
  [fifoQueue, fifoQueueMonitor],
  [unorderedQueue, unorderedQueueMonitor],
  [set, setMonitor],
  [counter, counterMonitor],
  [mutex, mutexMonitor],
  [ownerMutex, ownerMutexMonitor],
]);

/**
 * The procedure that is made for a data type. By identity, since it trusts that columns and the initial state mean
 * what they mean to that very model; a user's model of the same name has none.
 */
export const monitorFor = (model: AnyModel): Procedure | undefined => monitors.get(model);
