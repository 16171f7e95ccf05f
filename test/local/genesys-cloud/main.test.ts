import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { startProcess } from './process.ts';

const root = resolve(import.meta.dirname, '../../..');
const source = join(root, 'local/genesys-cloud');

test.each(['SIGTERM', 'SIGINT'] as const)(
  'runs on its own, says how to reach it, and ends on %s',
  async (signal) => {
    const { organizationId, call, end } = await startProcess(source, ['--client-id', 'me']);
    try {
      expect((await call('GET', '/organizations/me')).body.id).toBe(organizationId);
    } finally {
      expect(await end(signal)).toBe(0);
    }
  },
);

test('a copy of the folder alone, with only the packages that it names, runs too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'genesys-cloud-alone-'));
  try {
    await cp(source, folder, { recursive: true });
    const { dependencies, scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      const link = join(folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(root, 'node_modules', name), link);
    }
    expect(scripts.start).toBe('node main.ts');
    const { organizationId, call, end } = await startProcess(folder);
    try {
      expect((await call('GET', '/organizations/me')).body.id).toBe(organizationId);
    } finally {
      await end();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
