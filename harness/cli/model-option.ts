import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyModel } from '../../checkers/models/model.ts';
import { models } from '../../checkers/models/models.ts';
import { loadModel } from '../../checkers/user-model/load.ts';
import { UsageError, unknownName } from '../failures.ts';

/** The model that `--model` names, and where it comes from if it is the user's own. */
export interface NamedModel {
  readonly model: AnyModel;
  readonly url?: string;
}

/** A name of a model is taken for a file if it looks like one. */
const looksLikeFile = (given: string): boolean => /[./\\]/.test(given);

/**
 * The model of a name, or of a file: TypeScript or JavaScript whose default or only export is one.
 *
 * @throws UsageError
 */
export async function namedModel(given: string, others: readonly string[]): Promise<NamedModel> {
  const model = models.get(given);
  if (model !== undefined) return { model };
  if (!looksLikeFile(given)) throw unknownName('model', given, [...models.keys(), ...others]);
  const path = resolve(given);
  if (!existsSync(path)) throw new UsageError(`--model: no such file: '${given}'`);
  if (!statSync(path).isFile()) throw new UsageError(`--model: '${given}' is no file`);
  const url = pathToFileURL(path).href;
  const loaded = await loadModel(url);
  if (loaded.kind === 'refused') throw new UsageError(`--model: ${given}: ${oneLine(loaded.why)}`);
  return { model: loaded.model, url };
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');
