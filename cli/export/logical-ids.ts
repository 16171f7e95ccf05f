/** Logical ids out of names that anybody wrote: readable, unique, and the same in each export. */
import { createHash } from 'node:crypto';

const LONGEST = 100;

export interface Nameable {
  /** Of the object in Genesys Cloud. */
  id: string;
  name: string;
  /** The end of its logical id, or all of it where the name has no letter that may stand there. */
  noun: string;
  /** Whether the noun stands behind the name as well. */
  isNounShown: boolean;
  /** The logical id that it has in its stack. */
  known?: string | undefined;
}

/**
 * Logical ids by the ids of their objects. Names that are alike get a few digits of their ids, each of them,
 * so that the order in which objects were made does not count.
 * @param taken names that the template has already
 */
export function logicalIdsOf(objects: readonly Nameable[], taken: readonly string[]): Map<string, string> {
  const wanted = new Map(objects.map((one) => [one.id, one.known ?? readable(one)]));
  const count = new Map<string, number>();
  for (const text of [...taken, ...wanted.values()])
    count.set(lower(text), (count.get(lower(text)) ?? 0) + 1);
  const used = new Set([...taken].map(lower));
  const ids = new Map<string, string>();
  for (const { id } of objects) {
    const text = wanted.get(id) ?? '';
    const candidates = [...(count.get(lower(text)) === 1 ? [text] : []), ...withDigits(text, id)];
    const free = candidates.find((candidate) => !used.has(lower(candidate))) ?? `${text}${digest(id)}`;
    used.add(lower(free));
    ids.set(id, free);
  }
  return ids;
}

/** File systems may not tell capitals, so they do not count. */
const lower = (text: string) => text.toLowerCase();

const digest = (id: string) => createHash('sha256').update(id).digest('hex');
const withDigits = (text: string, id: string) =>
  [6, 12, 24].map((length) => text + digest(id).slice(0, length));

function readable({ id, name, noun, isNounShown }: Nameable): string {
  const words = pascal(name);
  if (words === '') return `${noun}${digest(id).slice(0, 6)}`;
  const whole =
    isNounShown && !words.endsWith(noun) ? `${words.slice(0, LONGEST)}${noun}` : words.slice(0, LONGEST);
  return /^\d/.test(whole) ? `${noun}${whole}` : whole;
}

/** Letters and digits of a text as one word: `Kunde prüfen (v2)` is `KundePrufenV2`. */
export const pascal = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
