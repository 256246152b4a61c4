import { outcomes } from '../data/operations.ts';
import { bandColour } from './colours.ts';

export function Legend({ faults, violation }: { readonly faults: readonly string[]; readonly violation: boolean }) {
  return (
    <ul class="legend" aria-label="Colours">
      {outcomes.map((outcome) => (
        <li key={outcome}>
          <span class={`dot ${outcome}`} /> {outcome === 'unknown' ? 'unknown (until its client gave up)' : outcome}
        </li>
      ))}
      {violation && (
        <li>
          <span class="dot violation" /> part of the violation
        </li>
      )}
      <FaultColours faults={faults} />
    </ul>
  );
}

/** Which band is which fault, as items of a list. */
export function FaultColours({ faults }: { readonly faults: readonly string[] }) {
  return faults.map((fault) => (
    <li key={fault}>
      <span class="dot" style={{ background: bandColour(fault, faults, 0.5) }} /> {fault}
    </li>
  ));
}
