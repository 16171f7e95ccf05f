/** The open points of new resource types: decisions that the generator leaves to a person. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/** The mark of an open point. A sentence behind it says what to fill in. */
export const MARK = 'TODO(new-type)';

/** Folders with files that the generator writes or adds a line to. */
const PLACES = [
  'provider',
  'local/provider/inputs',
  'docs/resources',
  'test/unit/resources',
  'test/protocol/adoption',
];

/** Every open point, as `file:line: sentence`, in the order of the files. */
export function openPoints(): string[] {
  return PLACES.flatMap((place) =>
    readdirSync(join(root, place), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort()
      .flatMap((file) => pointsIn(readFileSync(join(root, file), 'utf8')).map((point) => `${file}:${point}`)),
  );
}

/** The open points of a text, as `line: sentence`. */
export function pointsIn(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const [, behind] = line.split(MARK);
    if (behind === undefined) return [];
    // A JSON file has the mark as a name, a page has it in a comment.
    const sentence = behind.replace(/^"?: "?/, '').replace(/(?:",?| -->)$/, '');
    return [`${index + 1}: ${sentence}`];
  });
}
