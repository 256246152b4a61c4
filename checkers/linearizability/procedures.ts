import type { AnyModel } from '../models/model.ts';
import { models } from '../models/models.ts';
import { counterMonitor } from './monitors/counter/counter.ts';
import { mutexMonitor } from './monitors/lock/mutex.ts';
import { ownerMutexMonitor } from './monitors/lock/owner-mutex.ts';
import { fifoQueueMonitor, unorderedQueueMonitor } from './monitors/queue/queue.ts';
import { setMonitor } from './monitors/set/set.ts';
import type { Procedure } from './procedure.ts';
import { zones } from './zones/zones.ts';

/** A monitor judges histories of the model of its name; they know our models, and no other of the same name. */
const monitors: ReadonlyMap<string, Procedure> = new Map(
  [setMonitor, fifoQueueMonitor, unorderedQueueMonitor, counterMonitor, mutexMonitor, ownerMutexMonitor].map(
    (monitor) => [monitor.name, monitor],
  ),
);

/** The procedures to try on a part before the search, cheapest first. */
export function proceduresFor(model: AnyModel): readonly Procedure[] {
  const monitor = models.get(model.name) === model ? monitors.get(model.name) : undefined;
  return [...(model.cell === undefined ? [] : [zones]), ...(monitor === undefined ? [] : [monitor])];
}
