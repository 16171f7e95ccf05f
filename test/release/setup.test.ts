/**
 * The first run on a machine whose npm and pip are configured for everybody: a registry behind a certificate
 * of its own. The real npm and pip install tiny packages from a registry on this machine.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  constants,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { pathOfTheMachine } from '../../scripts/lint/tools.ts';
import {
  lockfile,
  manifest,
  npmPackage,
  type Packed,
  type Registry,
  requirements,
  startRegistry,
  wheel,
} from './package-registry.ts';

/** Three runs of npm and two of pip, on a machine that may be busy. */
jest.setTimeout(120_000);

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const which = async (name: string) => (await run('sh', ['-c', `command -v ${name}`])).stdout.trim();

let folder: string;
let registry: Registry;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'setup-'));
  const python = await which('python3');
  await mkdir(join(folder, 'packages'));
  const packages = join(folder, 'packages');
  // The Node 24 that the setup brings lies elsewhere than the machine's, and so would its configuration.
  const node24 = await npmPackage(packages, `node-linux-${process.arch}`, {
    'bin/node': `#!/bin/sh\nexec ${process.execPath} "$@"\n`,
  });
  const tiny = await npmPackage(packages, 'tiny', {});
  const tinyWheel = await wheel(packages, 'tinywheel', python);
  const npm: Record<string, Packed> = { [`node-linux-${process.arch}`]: node24, tiny };
  registry = await startRegistry(npm, { tinywheel: tinyWheel });

  // The checkout, with pins of the tiny packages.
  const pins = join(folder, 'checkout/scripts/toolchain');
  await cp(join(root, 'scripts/toolchain'), pins, { recursive: true });
  const locked: [string, Record<string, Packed>][] = [
    [join(folder, 'checkout'), { tiny }],
    [pins, { [`node-linux-${process.arch}`]: node24 }],
    [join(pins, 'ric'), { tiny }],
  ];
  for (const [at, needed] of locked) {
    await writeFile(join(at, 'package.json'), manifest('needs', needed));
    await writeFile(join(at, 'package-lock.json'), lockfile('needs', needed));
  }
  for (const name of ['requirements.txt', 'genesys-sdk.txt'])
    await writeFile(join(pins, name), requirements({ tinywheel: tinyWheel }));

  // The machine: an old Node with npm, a Python with pip, and what their administrator configured.
  const machine = join(folder, 'machine');
  await run(python, ['-m', 'venv', '--without-pip', '--system-site-packages', machine]);
  await copyFile(process.execPath, join(machine, 'bin/node24'), constants.COPYFILE_FICLONE);
  const old = '#!/bin/sh\ncase "$*" in *versions*) echo false;; *) exec "${0%/*}/node24" "$@";; esac\n';
  await writeFile(join(machine, 'bin/node'), old, { mode: 0o755 });
  await symlink(await realpath(await which('npm')), join(machine, 'bin/npm'));
  const authority = join(folder, 'authority.pem');
  await writeFile(authority, registry.authority);
  await mkdir(join(machine, 'etc'));
  await writeFile(join(machine, 'etc/npmrc'), `registry=${registry.url}/npm/\ncafile=${authority}\n`);
  await writeFile(
    join(machine, 'pip.conf'),
    `[global]\nindex-url = ${registry.url}/simple\ncert = ${authority}\n`,
  );
  environment = {
    HOME: join(folder, 'home'),
    PATH: `${join(machine, 'bin')}:/usr/bin:/bin`,
    // Nothing that is asked of another registry leaves this machine.
    https_proxy: 'http://127.0.0.1:9',
    no_proxy: '127.0.0.1',
  };
  await mkdir(join(folder, 'home'));
});
afterAll(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

const setup = () =>
  run('sh', ['scripts/toolchain/setup.sh'], { cwd: join(folder, 'checkout'), env: environment });

describe('the first run', () => {
  let said: string[];
  beforeAll(async () => {
    said = (await setup()).stderr.trim().split('\n');
  });

  test('says size and time first', () => {
    expect(said[0]).toMatch(/^setup: the first run brings about 900 MB .* two to three minutes$/);
  });

  test('installs everything by the registry and the certificate of the machine’s npm and pip', async () => {
    const npm = registry.asked.filter((path) => path.endsWith('.tgz'));
    // The third installation of npm finds the tarball of the second in npm's cache.
    expect(new Set(npm)).toEqual(
      new Set([`/npm/node-linux-${process.arch}/1.0.0.tgz`, '/npm/tiny/1.0.0.tgz']),
    );
    expect(registry.asked.filter((path) => path === '/simple/tinywheel/')).toHaveLength(2);
    for (const installed of ['node_modules/tiny', '.tools/ric/node_modules/tiny'])
      await readFile(join(folder, 'checkout', installed, 'package.json'));
    await readFile(join(folder, 'checkout/.tools/genesys-sdk/tinywheel.py'));
  });

  test('says of each of its five steps when it begins and how long it took', () => {
    const ends = said.filter((line) => /: done in \d+ s$/.test(line));
    expect(ends).toHaveLength(5);
    expect(said).toEqual(expect.arrayContaining(ends.map((line) => line.replace(/: done in \d+ s$/, ''))));
  });

  test('is followed by runs that install and say nothing', async () => {
    const before = registry.asked.length;
    expect((await setup()).stderr).toBe('');
    expect(registry.asked).toHaveLength(before);
  });
});

test('a long step says every few seconds that it goes on', async () => {
  const checkout = join(folder, 'slow');
  await cp(join(folder, 'checkout'), checkout, { recursive: true });
  const bin = join(folder, 'slow-bin');
  await mkdir(bin);
  // This npm installs until it is let go.
  const npm = `#!/bin/sh\ncase "$1" in config) echo /none;; *) until [ -e ${checkout}/go ]; do sleep 0.1; done;; esac\n`;
  await writeFile(join(bin, 'npm'), npm, { mode: 0o755 });
  const child = spawn('sh', ['scripts/toolchain/setup.sh'], {
    cwd: checkout,
    env: { ...environment, PATH: `${bin}:${environment['PATH']}`, SETUP_TICK_SECONDS: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const ticks: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    if (/: \d+ s$/.test(line)) ticks.push(line);
    if (ticks.length === 2) await writeFile(join(checkout, 'go'), '');
  }
  await ended;
  expect(ticks.length).toBeGreaterThanOrEqual(2);
  expect(ticks[0]).toMatch(/^setup: [^:]+: 1 s$/);
});

test('a failed step ends the setup with its reason, and nothing goes on speaking', async () => {
  const checkout = join(folder, 'failed');
  await cp(join(folder, 'checkout/scripts'), join(checkout, 'scripts'), { recursive: true });
  const bin = join(folder, 'failing-bin');
  await mkdir(bin);
  const npm = '#!/bin/sh\ncase "$1" in config) echo /none;; *) echo "npm error: no" >&2; exit 1;; esac\n';
  await writeFile(join(bin, 'npm'), npm, { mode: 0o755 });
  const env = { ...environment, PATH: `${bin}:${environment['PATH']}`, SETUP_TICK_SECONDS: '1' };
  const failing = run('sh', ['scripts/toolchain/setup.sh'], { cwd: checkout, env });
  await expect(failing).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Node 24 .*\nnpm error: no\n$/),
  });
});

test('the strict tools are installed by the machine’s own npm and pip, too', () => {
  const path = `${root}/.tools/bin:${root}/node_modules/.bin:/usr/local/bin:/usr/bin`;
  expect(pathOfTheMachine(path)).toBe('/usr/local/bin:/usr/bin');
});
