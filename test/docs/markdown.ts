/** Reads the documentation for the tests. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

const SKIPPED = ['node_modules', '.tools', '.git', 'dist'];

/** Paths of the repository's pages, from its root. */
export async function pages(folder = root): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (SKIPPED.includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await pages(path)));
    else if (entry.name.endsWith('.md')) found.push(relative(root, path));
  }
  return found.sort();
}

export const readPage = (page: string) => readFile(join(root, page), 'utf8');

/** A page without its code, because code holds no links and no headings. */
export const prose = (text: string) => text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '');

/** The text under a heading such as `## Properties`, up to the next heading of its level or above. */
export function section(text: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`There is no heading "${heading}".`);
  let inCode = false;
  const end = lines.findIndex((line, at) => {
    if (at <= start) return false;
    if (line.startsWith('```')) inCode = !inCode;
    return !inCode && new RegExp(`^#{1,${level}} `).test(line);
  });
  return lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}

/** Code blocks of a language. */
export function codeBlocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(
    (match) => match[1] ?? '',
  );
}

/** The anchor that GitHub gives a heading. */
export const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');

/** Anchors of a page. */
export function anchors(text: string): Set<string> {
  const counted = new Map<string, number>();
  const found = new Set<string>();
  for (const line of text.replace(/^```.*?^```/gms, '').split('\n')) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const anchor = anchorOf(heading.replaceAll('`', ''));
    const before = counted.get(anchor) ?? 0;
    counted.set(anchor, before + 1);
    found.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return found;
}
