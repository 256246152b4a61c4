/** An object with members; not null. A class's instance and a module are objects too. */
export const isRecord = (thing: unknown): thing is Readonly<Record<string, unknown>> =>
  typeof thing === 'object' && thing !== null;
