/**
 * Makes the links of packaged pages work where the package is installed. A link to a file that is not in the
 * package, such as CONTRIBUTING.md, becomes an address in the repository. Without an address it becomes plain
 * text.
 */
import { dirname, join, normalize } from 'node:path';

/** A link of Markdown; its text may hold a pair of brackets. Images have `!` before it. */
const LINK = /!?\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s#]+)(#[^)\s]*)?\)/g;

/**
 * A page without links that lead nowhere. Code, addresses and anchors stay as they are.
 * @param page path of the page
 * @param files paths of all files in the package
 * @param repository address under which the repository shows a path, without a slash at the end
 */
export function withOutsideLinks(
  page: string,
  text: string,
  files: readonly string[],
  repository: string | undefined,
): string {
  const isInside = (path: string) => files.some((file) => file === path || file.startsWith(`${path}/`));
  return text
    .split(/(^```.*?^```)/ms)
    .map((part) =>
      part.startsWith('```')
        ? part
        : part.replace(LINK, (link, label: string, target: string, anchor = '') => {
            if (/^[a-z]+:/.test(target)) return link;
            const path = normalize(join(dirname(page), target)).replace(/\/$/, '');
            if (isInside(path)) return link;
            return repository === undefined ? label : `[${label}](${repository}/${path}${anchor})`;
          }),
    )
    .join('');
}
