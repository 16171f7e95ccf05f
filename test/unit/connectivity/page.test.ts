import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(resolve(root, 'docs/templates/network-connectivity-check.md'), 'utf8');
const code = readFileSync(resolve(root, 'provider/connectivity/findings.ts'), 'utf8');

test('the page explains every finding, and no other', () => {
  const [, union = ''] = /export type FindingCode =([^;]*);/.exec(code) ?? [];
  const known = [...union.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name);
  const table = page.slice(page.indexOf('### Findings'), page.indexOf('By hand'));
  const rows = table.split('\n').filter((line) => /^\| `/.test(line));
  const explained = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
  );
  expect(known.length).toBeGreaterThan(10);
  expect(explained).toEqual(known);
});
