import { NEVER } from '../../history/history.ts';

/** Of things that each have a moment of their own below `length` (or below 0, ascending, or `NEVER`): by moment. O(length). */
export function byPosition(moments: Int32Array, length: number): Int32Array {
  const at = new Int32Array(length).fill(-1);
  const order = new Int32Array(moments.length);
  let filled = 0;
  for (let i = 0; i < moments.length; i++) {
    const moment = moments[i]!;
    if (moment < 0) order[filled++] = i;
    else if (moment !== NEVER) at[moment] = i;
  }
  for (let moment = 0; moment < length; moment++) if (at[moment]! >= 0) order[filled++] = at[moment]!;
  for (let i = 0; i < moments.length; i++) if (moments[i] === NEVER) order[filled++] = i;
  return order;
}

/** The same things, those of a lower class first, else as they were. O(things + classes). */
export function byClass(things: Int32Array, classOf: Int32Array, classes: number): Int32Array {
  const end = new Int32Array(classes + 1);
  for (const thing of things) end[classOf[thing]! + 1]!++;
  for (let k = 0; k < classes; k++) end[k + 1]! += end[k]!;
  const order = new Int32Array(things.length);
  for (const thing of things) order[end[classOf[thing]!]!++] = thing;
  return order;
}
