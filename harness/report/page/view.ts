/** The stretch of the run that the charts and the timeline show. */
export interface View {
  readonly fromNs: number;
  readonly toNs: number;
}

/** Nothing is told apart below this width. */
const widthMinNs = 1_000;

export const widthOf = (view: View): number => view.toNs - view.fromNs;

/** The same stretch, inside the run and not narrower than can be drawn. */
export function clamped(view: View, endNs: number): View {
  const width = Math.min(Math.max(widthOf(view), widthMinNs), Math.max(endNs, widthMinNs));
  const fromNs = Math.min(Math.max(0, view.fromNs), Math.max(0, endNs - width));
  return { fromNs, toNs: fromNs + width };
}

/** Narrower (factor under 1) or wider, with `aroundNs` staying where it is on the screen. */
export const zoomed = (view: View, factor: number, aroundNs: number): View => ({
  fromNs: aroundNs - (aroundNs - view.fromNs) * factor,
  toNs: aroundNs + (view.toNs - aroundNs) * factor,
});

export const moved = (view: View, byNs: number): View => ({ fromNs: view.fromNs + byNs, toNs: view.toNs + byNs });

/** Round times for an axis, about `wanted` of them. */
export function ticks(view: View, wanted: number): { readonly atNs: readonly number[]; label(ns: number): string } {
  const rough = widthOf(view) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const atNs: number[] = [];
  for (let at = Math.ceil(view.fromNs / step) * step; at <= view.toNs; at += step) atNs.push(at);
  return { atNs, label: (ns) => `${(ns / 1e9).toFixed(decimalsFor(step / 1e9))} s` };
}

/** As many decimals as tell times apart that are this many seconds from each other. */
export function decimalsFor(stepSeconds: number): number {
  for (let decimals = 0; decimals < 9; decimals++) {
    const scaled = stepSeconds * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled && scaled >= 0.5) return decimals;
  }
  return 9;
}
