import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BrokenInvariant } from '../../system-under-test/raft/assert.ts';
import { runScript } from './script.ts';
import { type WrongRule, withWrong, wrongRules } from './wrong-rules.ts';

/**
 * Interaction scripts, one per rule. `FAULTLINE_REWRITE=1` records what the core does now; read the difference before
 * committing it, since every line must be right by the paper.
 */
const folder = new URL('../testdata/raft/', import.meta.url);

describe('the core does what the scripts say', () => {
  for (const name of readdirSync(folder).sort()) {
    test(name.replace(/\.txt$/, '').replaceAll('-', ' '), () => {
      const file = new URL(name, folder);
      const expected = readFileSync(file, 'utf8');
      const actual = runScript(expected);
      if (process.env.FAULTLINE_REWRITE === '1') writeFileSync(file, actual);
      else expect(actual).toBe(expected);
    });
  }
});

describe('some script tells this rule from the correct one:', () => {
  const scripts = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  for (const name of Object.keys(wrongRules) as WrongRule[]) {
    test(name, () => {
      const differs = (text: string): boolean => {
        try {
          return runScript(text, withWrong(name)) !== text;
        } catch (error) {
          if (error instanceof BrokenInvariant) return true;
          throw error;
        }
      };
      expect(scripts.some(differs)).toBe(true);
    });
  }
});
