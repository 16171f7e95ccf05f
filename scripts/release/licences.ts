/** The packages of which a bundle contains code, and the licences under which they come. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** The folders of the packages of which the bundles contain code, in order. */
export function shippedIn(metafiles: readonly Metafile[]): string[] {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])),
    ),
  );
  return [...new Set(inputs.flatMap((input) => PACKAGE.exec(input)?.[1] ?? []))].sort();
}

/** The folder of the innermost package of a path, from the first node_modules on. */
const PACKAGE = /\b(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//;

/** Name of a package, by its folder. */
export const packageName = (folder: string) =>
  folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);

/**
 * The licences of packages, each text once with the packages that have it.
 * @throws Error for a package that names no licence
 */
export function licences(folders: readonly string[]): string {
  const byText = new Map<string, string[]>();
  for (const folder of folders) {
    const { version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (typeof license !== 'string') throw new Error(`${folder} names no licence`);
    const text = licenceText(folder) ?? `${license}. The package has no file with the text of the licence.`;
    byText.set(text, [...(byText.get(text) ?? []), `${packageName(folder)} ${version} (${license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}`);
  return ['The bundles of this package contain code of these packages.', ...parts].join(
    `\n\n${'='.repeat(80)}\n\n`,
  );
}

function licenceText(folder: string): string | undefined {
  const path = join(root, folder);
  const files = readdirSync(path)
    .filter((name) => /^(licen[cs]e|notice)\b/i.test(name))
    .sort();
  const texts = files.map((file) => readFileSync(join(path, file), 'utf8').replaceAll('\r\n', '\n').trim());
  return texts.length === 0 ? undefined : texts.join('\n\n');
}
