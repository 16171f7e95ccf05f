import { readFile } from 'node:fs/promises';
import { version } from '../../common/version.ts';

test('the version that the provider reports is that of the package', async () => {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(version).toBe(manifest.version);
});
