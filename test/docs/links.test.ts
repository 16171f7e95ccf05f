/** The targets of the documentation's links are there. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { anchors, pages, prose, readPage, root } from './markdown.ts';

const all = await pages();

test('there are pages', () => {
  expect(all).toEqual(
    expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/README.md']),
  );
});

describe.each(all)('%s', (page) => {
  test('every relative link resolves, with its anchor', async () => {
    const text = prose(await readPage(page));
    const broken: string[] = [];
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path));
      const there = existsSync(join(root, file));
      if (!there) broken.push(target);
      else if (anchor !== undefined && file.endsWith('.md') && !anchors(await readPage(file)).has(anchor))
        broken.push(target);
    }
    expect(broken).toEqual([]);
  });

  test('every file of tests that is named is there', async () => {
    const named = (await readPage(page)).match(/\btest\/[\w/.-]+\.ts\b/g) ?? [];
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('every "make …" is a target of the Makefile', async () => {
    const makefile = await readFile(join(root, 'Makefile'), 'utf8');
    const targets = [...makefile.matchAll(/^([a-z-]+):/gm)].map((match) => match[1]);
    const text = await readPage(page);
    const named = [...text.matchAll(/(?:`|^|\s)make ([a-z-]+)(?=[`\s]|$)/gm)]
      .filter((match) => match[0].startsWith('`') || isInCode(text, match.index))
      .map((match) => match[1]);
    expect(targets).toEqual(expect.arrayContaining(named));
  });

  test('every "npm run …" is a script of package.json', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const named = [...(await readPage(page)).matchAll(/npm run ([a-z:-]+)/g)].map((match) => match[1]);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  });
});

test('every page is reachable from README.md', async () => {
  const seen = new Set(['README.md']);
  const next = ['README.md'];
  for (let page = next.pop(); page !== undefined; page = next.pop()) {
    for (const [, target = ''] of prose(await readPage(page)).matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const file = normalize(join(dirname(page), target));
      if (!all.includes(file) || seen.has(file)) continue;
      seen.add(file);
      next.push(file);
    }
  }
  expect(all.filter((page) => !seen.has(page))).toEqual([]);
});

test('the list of pages has every page of docs/ once, and each link once', async () => {
  const targets = [...prose(await readPage('docs/README.md')).matchAll(/^- \[[^\]]*\]\(([^)#\s]+)/gm)].map(
    ([, target = '']) => normalize(join('docs', target)),
  );
  expect(targets.filter((target, at) => targets.indexOf(target) !== at)).toEqual([]);
  const listed = all.filter((page) => /^docs\/(?!README|templates\/)/.test(page));
  expect(listed.filter((page) => !targets.includes(page))).toEqual([]);
});

/** Whether a place lies in a fenced block: an odd number of fences stands before it. */
function isInCode(text: string, place: number): boolean {
  return (text.slice(0, place).match(/^```/gm) ?? []).length % 2 === 1;
}
