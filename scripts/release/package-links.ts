/**
 * Makes the links of packaged pages work where the package is installed. A link to a file that is not in the
 * package, such as CONTRIBUTING.md, becomes an address in the repository.
 * `node scripts/release/package-links.ts <address of the version in the repository>` rewrites the pages.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Paths of the files that `npm pack` takes, as the npm on the PATH lists them. */
export function packagedFiles(folder = root): string[] {
  const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  const [packed] = JSON.parse(text) as [{ files: { path: string }[] }];
  return packed.files.map(({ path }) => path);
}

/**
 * A page whose links out of the package lead to the repository. Code, addresses and anchors stay as they are.
 * @param page path of the page
 * @param files paths of all files in the package
 * @param repository address under which the repository shows a path, without a slash at the end
 */
export function withOutsideLinks(
  page: string,
  text: string,
  files: readonly string[],
  repository: string,
): string {
  const isInside = (path: string) => files.some((file) => file === path || file.startsWith(`${path}/`));
  return text
    .split(/(^```.*?^```)/ms)
    .map((part) =>
      part.startsWith('```')
        ? part
        : part.replace(/\]\(([^)\s#]+)(#[^)\s]*)?\)/g, (link, target: string, anchor = '') => {
            if (/^[a-z]+:/.test(target)) return link;
            const path = normalize(join(dirname(page), target)).replace(/\/$/, '');
            return isInside(path) ? link : `](${repository}/${path}${anchor})`;
          }),
    )
    .join('');
}

/** Rewrites the pages in place; returns the exit code. */
export function run([repository]: string[]): number {
  if (repository === undefined || !URL.canParse(repository)) {
    console.error('Usage: node scripts/release/package-links.ts <address of the version in the repository>');
    return 2;
  }
  const files = packagedFiles();
  for (const page of files.filter((file) => file.endsWith('.md'))) {
    const path = join(root, page);
    const before = readFileSync(path, 'utf8');
    const after = withOutsideLinks(page, before, files, repository.replace(/\/$/, ''));
    if (after !== before) writeFileSync(path, after);
  }
  return 0;
}

if (import.meta.main) process.exitCode = run(process.argv.slice(2));
