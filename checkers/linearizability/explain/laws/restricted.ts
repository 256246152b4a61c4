import type { AnyModel } from '../../../models/model.ts';

/** The model, with what it understands of an operation changed: for laws that look at some facets of an object only. */
export function restricted<In, Out>(
  model: AnyModel,
  narrow: (input: In, seen: Out | undefined) => { readonly input: In; readonly seen: Out | undefined },
): AnyModel {
  return {
    ...model,
    understand(recorded) {
      const understood = model.understand(recorded);
      if (understood.kind === 'refused') return understood;
      return { kind: 'operation', ...narrow(understood.input as In, understood.seen as Out | undefined) };
    },
  };
}
