import { useEffect, useState } from 'preact/hooks';

/** The style sheet's colours, for canvases. */
export interface Colours {
  readonly outcome: readonly [ok: string, failed: string, unknown: string];
  readonly violation: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly lane: string;
  readonly onBar: string;
  readonly match: string;
  readonly quantiles: readonly string[];
}

/** The colours now; a component that asks is drawn again when the reader turns to dark or light. */
export function useColours(): Colours {
  const [colours, setColours] = useState(read);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const update = (): void => setColours(read());
    dark.addEventListener('change', update);
    return () => dark.removeEventListener('change', update);
  }, []);
  return colours;
}

/** Custom properties hold `light-dark(...)` unresolved; a real `color` on an element resolves it. */
function read(): Colours {
  const probe = document.body.appendChild(document.createElement('span'));
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours: Colours = {
    outcome: [colour('ok'), colour('failed'), colour('unknown')],
    violation: colour('violation'),
    text: colour('text'),
    muted: colour('muted'),
    line: colour('line'),
    surface: colour('surface'),
    lane: colour('lane'),
    onBar: colour('on-bar'),
    match: colour('match'),
    quantiles: [colour('p50'), colour('p95'), colour('p99'), colour('max')],
  };
  probe.remove();
  return colours;
}

const bandHues = [25, 260, 150, 320, 200, 60, 100, 290];

/** One hue per kind of fault, the same everywhere on the page. */
export function bandColour(fault: string, faults: readonly string[], alpha: number): string {
  const hue = bandHues[Math.max(0, faults.indexOf(fault)) % bandHues.length]!;
  return `hsl(${hue} 70% 50% / ${alpha})`;
}
