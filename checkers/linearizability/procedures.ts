import type { AnyModel } from '../models/model.ts';
import { monitorFor } from './monitors/monitors.ts';
import type { Procedure } from './procedure.ts';
import { zones } from './zones/zones.ts';

/** The procedures to try on a part before the search, cheapest first. */
export function proceduresFor(model: AnyModel): readonly Procedure[] {
  const monitor = monitorFor(model);
  return [...(model.cell === undefined ? [] : [zones]), ...(monitor === undefined ? [] : [monitor])];
}
