/**
 * Ctrl-C, a polite kill, and (with `endWithStdin`) the death of whoever started us: all ask for an orderly end. Asking
 * again changes nothing, since the end is on its way and bounded.
 */
export function onInterrupt(options: { readonly endWithStdin?: boolean } = {}): {
  readonly signal: AbortSignal;
  done(): void;
} {
  const controller = new AbortController();
  const abort = (reason: string) => () => controller.abort(reason);
  const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
    (name) => [name, abort(`stopped by ${name}`)] as const,
  );
  for (const [name, handler] of signals) process.on(name, handler);
  const parentGone = abort('stopped with its campaign');
  if (options.endWithStdin) process.stdin.resume().once('end', parentGone).once('error', parentGone);
  return {
    signal: controller.signal,
    done() {
      for (const [name, handler] of signals) process.off(name, handler);
      if (options.endWithStdin) process.stdin.destroy();
    },
  };
}
