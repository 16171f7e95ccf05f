import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setVersion, versions } from '../../../scripts/release/version.ts';

const root = resolve(import.meta.dirname, '../../..');

test('package, lockfile, provider and templates say the same version', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(versions(root).filter((one) => one.version !== version)).toEqual([]);
});

test('a new version is written to every place, and nothing else changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'version-test-'));
  try {
    const names = ['package.json', 'package-lock.json', 'common/version.ts', 'templates'];
    for (const name of names) await cp(join(root, name), join(folder, name), { recursive: true });
    setVersion(folder, '98.7.6');
    expect(new Set(versions(folder).map(({ version }) => version))).toEqual(new Set(['98.7.6']));
    for (const { file } of versions(folder)) {
      const [before, after] = await Promise.all([
        readFile(join(root, file), 'utf8'),
        readFile(join(folder, file), 'utf8'),
      ]);
      const old = before.split('\n');
      const changed = after.split('\n').filter((line, index) => line !== old[index]);
      expect([file, changed.length]).toEqual([file, file === 'package-lock.json' ? 2 : 1]);
    }
    expect(() => setVersion(folder, '1.2')).toThrow('1.2 is no version');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
