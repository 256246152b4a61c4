import type { AnyModel } from '../models/model.ts';
import type { Procedure } from './procedure.ts';

/** The procedures to try on a part before the search, cheapest first. */
export function proceduresFor(_model: AnyModel): readonly Procedure[] {
  return [];
}
