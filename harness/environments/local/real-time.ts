import { nsPerMs, type Time } from '../../time.ts';

/** This machine's monotonic clock and timers. */
export function realTime(): Time {
  const originMs = performance.now();
  return {
    nowNs: () => Math.round((performance.now() - originMs) * nsPerMs),
    after(delayMs, run) {
      const timer = setTimeout(run, Math.ceil(delayMs));
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
