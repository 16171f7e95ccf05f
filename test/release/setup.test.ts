/** The first run on a machine whose npm reads a global configuration: a registry, a certificate. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const MACHINE = '/machine/etc/npmrc';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'setup-'));
  await mkdir(join(folder, 'bin'));
  await cp(join(root, 'scripts/toolchain'), join(folder, 'scripts/toolchain'), { recursive: true });
  await cp(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));
  await symlink(process.execPath, join(folder, 'bin/node'));
  const npm = `#!/bin/sh
if [ "$*" = "config get globalconfig" ]; then echo ${MACHINE}; exit; fi
echo "$npm_config_globalconfig" >> "${folder}/installations"
`;
  // The machine's Python is good enough, and installs nothing here.
  const python = '#!/bin/sh\n[ "$1" = -c ]\n';
  await writeFile(join(folder, 'bin/npm'), npm, { mode: 0o755 });
  await writeFile(join(folder, 'bin/python3'), python, { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true }));

test('size and time are said first, and every npm reads the global configuration of the machine', async () => {
  const PATH = `${join(folder, 'bin')}:/usr/bin:/bin`;
  const said = await new Promise<string>((done) => {
    execFile('sh', ['scripts/toolchain/setup.sh'], { cwd: folder, env: { PATH } }, (_error, _out, said) =>
      done(said),
    );
  });
  expect(said.split('\n')[0]).toMatch(/^setup: the first run brings about 900 MB .* two to three minutes$/);
  const read = (await readFile(join(folder, 'installations'), 'utf8')).trim().split('\n');
  expect(read.length).toBeGreaterThanOrEqual(2);
  expect(new Set(read)).toEqual(new Set([MACHINE]));
});
