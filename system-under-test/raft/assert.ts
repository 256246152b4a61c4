/** A broken invariant of the core. The node must stop: whatever it does next could break a promise already made. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/** The message is built only on failure, since the checks run after every event in production too. */
export function assert(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new BrokenInvariant(message());
}
