import { type AnyModel, type Refusal, refused } from '../models/model.ts';
import { models } from '../models/models.ts';
import { asModel } from './shape.ts';

/**
 * The model in a module, which is its default export or its only one: TypeScript that Node can strip, or JavaScript.
 *
 * @param url of the module, `file://` and so on
 */
export async function loadModel(url: string): Promise<{ readonly kind: 'model'; readonly model: AnyModel } | Refusal> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(url);
  } catch (error) {
    return refused(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
  const names = Object.keys(module).sort();
  const name = 'default' in module ? 'default' : names.length === 1 ? names[0] : undefined;
  if (name === undefined) {
    const has = names.length === 0 ? 'nothing' : names.join(', ');
    return refused(`the model must be the default export or the only one; the module exports ${has}`);
  }
  const found = asModel(module[name]);
  if (found.kind === 'refused') return found;
  if (models.has(found.model.name)) {
    return refused(`"${found.model.name}" is the name of a model that comes with faultline; give yours another`);
  }
  return found;
}
