import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

test('every patch has a test of its divergence', async () => {
  const files = await readdir(join(import.meta.dirname, '../../../local/aws/patches'));
  const patches = files.filter((file) => /^[^_].*\.py$/.test(file)).map((file) => file.slice(0, -3));
  const tests = (await readdir(import.meta.dirname)).filter((file) => /^patches.*\.test\.ts$/.test(file));
  const sources = await Promise.all(tests.map((file) => readFile(join(import.meta.dirname, file), 'utf8')));
  const tested = [...sources.join('\n').matchAll(/^ *divergence(?:<[^(]*>)?\(\n +'(\w+)'/gm)].map(
    ([, patch]) => patch,
  );
  expect([...new Set(tested)].sort()).toEqual(patches.sort());
});
