/** At most `length` characters, cut between two code points; `…` stands for the missing rest. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** One line of at most `length` characters, such as a table's cell. */
export function brief(text: string, length = 160): string {
  return cut(text.replace(/\s+/g, ' ').trim(), length);
}

/** The bytes that a text takes inside JSON, without its quotes: escapes count. */
export const bytesInJson = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

/** At most `bytes` bytes inside JSON, cut between two code points; `…` stands for the missing rest. */
export function cutToBytes(text: string, bytes: number): string {
  if (bytesInJson(text) <= bytes) return text;
  const ellipsis = '…';
  let room = bytes - bytesInJson(ellipsis);
  let result = '';
  for (const character of text) {
    room -= bytesInJson(character);
    if (room < 0) break;
    result += character;
  }
  return result + ellipsis;
}

/** No name is longer. The search takes time in proportion to the length, and the text comes from anybody. */
const LONGEST_NAME = 100;

/**
 * The known name that a misspelt one probably means; capitals do not count. One letter must be the same.
 * @param within at most so many letters differ
 */
export function nearest(
  name: string,
  known: readonly string[],
  within = Math.max(2, Math.floor(name.length / 2)),
): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const [best] = byDistance(name, known);
  if (best === undefined || best.distance > within) return undefined;
  return best.distance < Math.max(name.length, best.name.length) ? best.name : undefined;
}

/**
 * The name among those that are there which spells a wanted name in another way: `clientId`, `CLIENT-ID` or
 * `id` for `client_id`, or a letter or two off.
 */
export function spelledOtherwise(wanted: string, there: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const letters = plain(wanted);
  const others = there.filter((name) => name !== wanted && name.length <= LONGEST_NAME);
  return (
    others.find((name) => plain(name) === letters) ??
    nearest(wanted, others, 2) ??
    others.find((name) => plain(name).length > 1 && letters.endsWith(plain(name)))
  );
}

/** The known names, nearest first; capitals do not count. */
export function byDistance(text: string, known: readonly string[]): { name: string; distance: number }[] {
  const wanted = text.slice(0, LONGEST_NAME).toLowerCase();
  return known
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
