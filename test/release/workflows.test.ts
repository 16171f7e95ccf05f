/**
 * Checks of the workflows without GitHub: they parse, their steps exist, and their permissions are the least.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { buildOnce } from '../support/npm-package.ts';

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      needs?: string | string[];
      'timeout-minutes': number;
      permissions?: Record<string, string>;
      steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
    }
  >;
}

const root = resolve(import.meta.dirname, '../..');
const read = (name: string) => parse(readFileSync(join(root, '.github/workflows', name), 'utf8')) as Workflow;

describe.each(['ci.yml', 'release.yml'])('%s', (name) => {
  const { permissions, jobs } = read(name);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('may only read, unless a job says why it needs more, and every job ends', () => {
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  test('uses GitHub’s own actions by a version, and leaves no credentials in the checkout', () => {
    const uses = steps.flatMap((step) => step.uses ?? []);
    expect(uses.filter((one) => !/^actions\/[a-z-]+@v\d+$/.test(one))).toEqual([]);
    for (const step of steps) {
      if (step.uses?.startsWith('actions/checkout')) {
        expect(step.with).toMatchObject({ 'persist-credentials': false });
      }
    }
  });

  test('runs only files that exist', () => {
    const text = steps.map((step) => step.run ?? '').join('\n');
    const files = text.match(/(?:scripts\/[\w/-]+\.ts|\.ci\/run)/g) ?? [];
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

test('a release is tested, compared with the last one, audited, listed, signed and only then published', () => {
  const { jobs } = read('release.yml');
  const order = (jobs['build']?.steps ?? []).map((step) => step.run ?? step.uses ?? '');
  const at = (part: string) => order.findIndex((one) => one.includes(part));
  const parts = [
    '.ci/run',
    'version.ts --check',
    'update-check.ts',
    'shipped.ts',
    'npm audit',
    'scripts/build/package.ts',
    'npm sbom',
    'npm-package.ts',
    'attest-build-provenance',
    'upload-artifact',
  ];
  expect(parts.map(at)).toEqual([...parts.map(at)].sort((a, b) => a - b));
  expect(parts.filter((part) => at(part) < 0)).toEqual([]);
  // The publications come last, because they cannot be undone. npm may refuse, and a release on GitHub is
  // seen at once.
  expect(Object.fromEntries(Object.entries(jobs).map(([name, { needs }]) => [name, needs]))).toEqual({
    build: undefined,
    npm: 'build',
    github: ['build', 'npm'],
  });
  expect(jobs['npm']?.permissions).toEqual({ 'id-token': 'write' });
  expect(jobs['github']?.permissions).toEqual({ contents: 'write' });
});

test('npm takes the file that was packed for a package, and the package names the repository that released it', async () => {
  const { jobs } = read('release.yml');
  const line = (job: string, start: string) =>
    (jobs[job]?.steps ?? [])
      .flatMap((step) => (step.run ?? '').split('\n'))
      .map((one) => one.trim())
      .filter((one) => one.startsWith(start))
      .join('\n');
  await buildOnce();
  const folder = await mkdtemp(join(tmpdir(), 'release-test-'));
  const sh = (command: string, cwd: string) =>
    execFileSync('sh', ['-ec', command], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        npm_config_cache: join(folder, 'cache'),
        npm_config_offline: 'true',
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'acme/genesys-cloud-cfn',
        GITHUB_REF_NAME: 'v1.2.3',
      },
    });
  try {
    const pack = line('build', '.tools/bin/node scripts/release/npm-package.ts');
    sh(pack.replace('npm-package.ts release', `npm-package.ts ${folder}/release`), root);
    sh('python3 -m tarfile -e release/*.tgz', folder);
    expect(JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8'))).toMatchObject({
      repository: { type: 'git', url: 'git+https://github.com/acme/genesys-cloud-cfn.git' },
      homepage: 'https://github.com/acme/genesys-cloud-cfn#readme',
      bugs: { url: 'https://github.com/acme/genesys-cloud-cfn/issues' },
    });
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(sh(`${line('npm', 'npm publish')} --dry-run`, folder)).toContain(`+ genesys-cloud-cfn@${version}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
