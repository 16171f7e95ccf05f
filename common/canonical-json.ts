import { createHash } from 'node:crypto';
import { isPlainObject } from './objects.ts';

/**
 * JSON with the keys of every object sorted: equal values have equal text, whatever the order they came in.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isPlainObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );
}

/** SHA-256 in hex of the canonical JSON of a value. */
export function fingerprint(value: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(value) ?? 'undefined')
    .digest('hex');
}

/**
 * A fingerprint for the ledger, with the version of the rule that made its value: `v1:<hex>`. So later code
 * can make the value by the same rule and compare.
 */
export const fingerprintBy = (version: number, value: unknown): string => `v${version}:${fingerprint(value)}`;
