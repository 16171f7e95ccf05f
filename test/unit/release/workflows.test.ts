/** What can be known of the workflows without GitHub: they are read, their steps exist, their rights are the least. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      needs?: string;
      'timeout-minutes': number;
      permissions?: Record<string, string>;
      steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
    }
  >;
}

const root = resolve(import.meta.dirname, '../../..');
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
    'npm audit',
    'package.ts',
    'npm sbom',
    'attest-build-provenance',
    'upload-artifact',
  ];
  expect(parts.map(at)).toEqual([...parts.map(at)].sort((a, b) => a - b));
  expect(parts.filter((part) => at(part) < 0)).toEqual([]);
  expect(Object.entries(jobs).filter(([name, job]) => name !== 'build' && job.needs !== 'build')).toEqual([]);
  expect(jobs['npm']?.permissions).toEqual({ 'id-token': 'write' });
  expect(jobs['github']?.permissions).toEqual({ contents: 'write' });
});
