/**
 * One version for everything. `node scripts/release/version.ts 1.2.3` writes it to package.json, the
 * lockfile, common/version.ts and the output TemplateVersion of every template.
 * `--check [tag]` names the files that have another version.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A file that holds the version, and a pattern in three groups: text before, version, text after. */
const places: [file: RegExp, pattern: RegExp][] = [
  [/^package\.json$/, /(^ {2}"version": ")([^"]+)(")/m],
  // The lockfile has the version twice: for itself and for the package at its root.
  [/^package-lock\.json$/, /(^\{\n(?:.*\n){1,2}? {2}"version": ")([^"]+)(")/],
  [/^package-lock\.json$/, /(^ {4}"": \{\n(?:.*\n){1,2}? {6}"version": ")([^"]+)(")/m],
  [/^provider\/runtime\/version\.ts$/, /(version = ')([^']+)(')/],
  [/^templates\/.*\.yaml$/, /(^ {2}TemplateVersion:\n(?: {4}.*\n)*? {4}Value: ['"]?)([^'"\n]+)(['"]?$)/m],
];

const files = (root: string) => [
  'package.json',
  'package-lock.json',
  'common/version.ts',
  ...readdirSync(join(root, 'templates'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => `templates/${name}`),
];

/** Every place with its version; undefined where it has none. */
export function versions(root: string): { file: string; version: string | undefined }[] {
  return files(root).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return places
      .filter(([name]) => name.test(file))
      .map(([, pattern]) => ({ file, version: pattern.exec(text)?.[2] }));
  });
}

/** Writes a version to every place. @throws Error when it is no version */
export function setVersion(root: string, version: string): void {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${version} is no version; write 1.2.3.`);
  for (const file of files(root)) {
    const before = readFileSync(join(root, file), 'utf8');
    const after = places
      .filter(([name]) => name.test(file))
      .reduce((text, [, pattern]) => text.replace(pattern, `$1${version}$3`), before);
    if (after !== before) writeFileSync(join(root, file), after);
  }
}

/** Sets a version, or checks that all places agree; returns the exit code. */
export function run([first, tag]: string[]): number {
  const root = resolve(import.meta.dirname, '../..');
  if (first !== '--check') {
    if (first === undefined) throw new Error('Say which version, or --check.');
    setVersion(root, first);
    return 0;
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wrong = versions(root).filter((one) => one.version !== version);
  for (const one of wrong)
    console.error(`${one.file} says ${one.version ?? 'nothing'}, package.json ${version}.`);
  if (tag !== undefined && tag !== `v${version}`)
    console.error(`The tag is ${tag}, package.json says ${version}.`);
  return wrong.length > 0 || (tag !== undefined && tag !== `v${version}`) ? 1 : 0;
}

if (import.meta.main) process.exitCode = run(process.argv.slice(2));
