import type { Json } from '../system.ts';
import { ok, type Response } from './command.ts';
import type { ServiceRules } from './rules.ts';

interface Resource {
  readonly maxToken: number;
  readonly value: Json;
}

/**
 * What a lock protects: each resource remembers the largest fencing token it has seen and refuses smaller ones. Reads
 * raise it as writes do (SYSTEMS 7.1).
 */
export class Resources {
  readonly #rules: ServiceRules;
  readonly #resources = new Map<string, Resource>();

  constructor(rules: ServiceRules) {
    this.#rules = rules;
  }

  fencedRead(name: string, token: number): Response {
    const { maxToken, value } = this.#get(name);
    if (!this.#rules.mayTouchResource(maxToken, token)) return ok({ stale: true });
    this.#resources.set(name, { maxToken: Math.max(maxToken, token), value });
    return ok({ value });
  }

  fencedWrite(name: string, token: number, value: Json): Response {
    const { maxToken } = this.#get(name);
    if (!this.#rules.mayTouchResource(maxToken, token)) return ok(false);
    this.#resources.set(name, { maxToken: Math.max(maxToken, token), value });
    return ok(true);
  }

  snapshot(): readonly (readonly [string, Resource])[] {
    return [...this.#resources];
  }

  restore(entries: readonly (readonly [string, Resource])[]): void {
    this.#resources.clear();
    for (const [name, resource] of entries) this.#resources.set(name, resource);
  }

  #get(name: string): Resource {
    return this.#resources.get(name) ?? { maxToken: 0, value: null };
  }
}
