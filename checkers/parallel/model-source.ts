import type { AnyModel } from '../models/model.ts';
import { models } from '../models/models.ts';
import { distrusted } from '../user-model/distrusted.ts';
import { loadModel } from '../user-model/load.ts';

/** Where another thread finds a model: functions cannot be sent. */
export type ModelSource =
  | { readonly kind: 'name'; readonly name: string }
  /** Of a module whose default or only export is the model. */
  | { readonly kind: 'url'; readonly url: string };

/** Where a model comes from; `undefined` if only the caller knows. */
export function sourceOf(model: AnyModel, url: string | undefined): ModelSource | undefined {
  if (url !== undefined) return { kind: 'url', url };
  return models.get(model.name) === model ? { kind: 'name', name: model.name } : undefined;
}

export async function modelFrom(source: ModelSource): Promise<AnyModel> {
  if (source.kind === 'name') return models.get(source.name)!;
  const loaded = await loadModel(source.url);
  if (loaded.kind === 'refused') throw new Error(loaded.why);
  return distrusted(loaded.model);
}
