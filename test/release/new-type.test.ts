/**
 * The promise of CONTRIBUTING.md, "A fourth resource type", is run in a copy of the checkout: the generator
 * lays a type whose only failing test lists what to fill in, and the type works once that is filled in.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { MARK } from '../../scripts/build/new-type/open-points.ts';
import { filling } from './oauth-client.ts';

/** Each step starts processes, on a machine that may be busy. */
jest.setTimeout(180_000);

const root = resolve(import.meta.dirname, '../..');
const TYPE = 'GenesysOAuthClient';

/** Tests that judge resource types one by one, and need no package. */
const JUDGES = [
  'test/unit/architecture.test.ts',
  'test/unit/resources',
  'test/unit/schemas.test.ts',
  'test/unit/troubleshooting.test.ts',
  'test/unit/type-lists.test.ts',
  'test/unit/words.test.ts',
  'test/docs/links.test.ts',
  'test/docs/permissions.test.ts',
  'test/docs/resources.test.ts',
  'test/docs/words.test.ts',
];

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'new-type-'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: copy, stdio: 'pipe' });
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
  await Promise.all(files.map((file) => cp(join(root, file), join(copy, file))));
  for (const part of ['node_modules', '.tools']) await symlink(join(root, part), join(copy, part));
  git('init', '--quiet');
  // A link is no folder, so the patterns of .gitignore do not leave it out.
  writeFileSync(join(copy, '.git/info/exclude'), 'node_modules\n.tools\n');
  git('add', '.');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '-m', 'Begin');
});
afterAll(() => rm(copy, { recursive: true, force: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command of Node in the copy. */
async function node(...command: string[]): Promise<Ended> {
  try {
    const ended = await promisify(execFile)(process.execPath, command, {
      cwd: copy,
      env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: 0, ...ended };
  } catch (error) {
    return error as Ended;
  }
}

const newType = (...args: string[]) => node('scripts/build/new-type.ts', ...args);

/** The failing tests of these files and options, by name, with everything that they say. */
async function failures(...args: string[]): Promise<Record<string, string>> {
  const { stdout, stderr } = await node('node_modules/jest/bin/jest.js', '--json', '--maxWorkers=2', ...args);
  if (!stdout.startsWith('{')) throw new Error(stderr);
  const { testResults, numPassedTests } = JSON.parse(stdout) as {
    numPassedTests: number;
    testResults: {
      name: string;
      message: string;
      assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
    }[];
  };
  expect(numPassedTests).toBeGreaterThan(10);
  const failed = testResults.flatMap(({ name, message, assertionResults }) =>
    assertionResults.length === 0
      ? [[name, message] as const]
      : assertionResults
          .filter(({ status }) => status === 'failed')
          .map(({ fullName, failureMessages }) => [fullName, failureMessages.join('\n')] as const),
  );
  return Object.fromEntries(failed);
}

const read = (file: string) => readFileSync(join(copy, file), 'utf8');

/** The files that differ from the first commit. */
const changed = () =>
  execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: copy, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(3));

/** Format, lint and types of the copy. */
async function expectWellFormed(): Promise<void> {
  const sources = changed().filter((file) => /\.(ts|json)$/.test(file));
  const [biome, tsc] = await Promise.all([
    node('node_modules/@biomejs/biome/bin/biome', 'check', ...sources),
    node('node_modules/typescript/bin/tsc', '--noEmit'),
  ]);
  expect(biome).toMatchObject({ code: 0 });
  expect(tsc).toMatchObject({ code: 0, stdout: '' });
}

const refusals: [what: string, args: string[], message: RegExp][] = [
  ['a name in another form', ['oauthClient'], /in PascalCase and begin with Genesys, such as/],
  ['a type that is there', ['GenesysDataAction'], /in provider\/resources\/data-action\/\. Change its files/],
  ['a name that the SDK does not know', ['GenesysTeapot'], /Name its path, such as --path/],
  ['a path of no collection', [TYPE, '--path', '/api/v2/organizations/me'], /no POST .*recording-key/],
  ['objects that cannot be renamed', [TYPE, '--path', '/api/v2/routing/skills'], /has no name/],
  ['a noun with other signs', [TYPE, '--noun', "people's client"], /is no noun. Write letters/],
  ['an unknown option', [TYPE, '--pth', 'x'], /Unknown option '--pth'(.|\n)*Usage: node/],
];

test('the generator refuses what it cannot lay, says what to do next, and writes nothing', async () => {
  const ended = await Promise.all(refusals.map(([, args]) => newType(...args)));
  for (const [index, [what, , message]] of refusals.entries())
    expect({ what, ...ended[index] }).toMatchObject({
      what,
      code: 1,
      stderr: expect.stringMatching(message),
    });
  expect(changed()).toEqual([]);
});

describe('a new type', () => {
  let said: string;
  beforeAll(async () => {
    const { code, stdout, stderr } = await newType(TYPE, '--replace');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    said = stdout;
  });

  test('has its files, formatted, and they compile', async () => {
    expect(changed()).toEqual(
      expect.arrayContaining([
        ...['api', 'description', 'index', 'mapping', 'schema'].map(
          (name) => `provider/resources/oauth-client/${name}.ts`,
        ),
        ...['create', 'invalid', 'replace', 'update'].map(
          (what) => `local/provider/inputs/${TYPE}/inputs_1_${what}.json`,
        ),
        'docs/resources/oauth-client.md',
        'schemas/GenesysOAuthClient.json',
        'test/unit/resources/oauth-client-mapping.test.ts',
      ]),
    );
    await expectWellFormed();
  });

  test('fails one test alone, which says of each open point what to fill in', async () => {
    const failed = await failures(...JUDGES);
    expect(Object.keys(failed)).toEqual([expect.stringMatching(/^no resource type has an open point/)]);
    const [list = ''] = Object.values(failed);
    const marked = changed().filter((file) => existsSync(join(copy, file)) && read(file).includes(MARK));
    expect(marked.length).toBeGreaterThan(10);
    for (const file of marked) expect(list).toContain(`${file}:`);
    expect(list).toMatch(/mapping\.ts:\d+: authorizedGrantType is required: take it from a property\./);
    expect(list).toMatch(/index\.ts:\d+: name the properties that cannot change in place/);
    expect(said).toContain(`${list.match(/^\+ {3}"/gm)?.length} points are open:`);
  });

  test('is not laid over changes', async () => {
    const { code, stderr } = await newType('GenesysQueue');
    expect(stderr).toMatch(/^The checkout has changes.* Commit them first:\n M README\.md\n/);
    expect(code).toBe(1);
  });

  describe('that is filled in', () => {
    beforeAll(async () => {
      for (const { file, find, put } of filling) {
        expect({ file, find, times: read(file).split(find).length - 1 }).toEqual({ file, find, times: 1 });
        writeFileSync(
          join(copy, file),
          read(file).replace(find, () => put),
        );
      }
      for (const file of changed().filter((name) => read(name).includes(MARK))) {
        const lines = read(file).split('\n');
        writeFileSync(join(copy, file), lines.filter((line) => !line.includes(MARK)).join('\n'));
      }
      const format = ['check', '--write', ...changed().filter((file) => /\.(ts|json)$/.test(file))];
      for (const command of [
        ['node_modules/@biomejs/biome/bin/biome', ...format],
        ...['schemas', 'type-lists', 'template-docs'].map((name) => [`scripts/build/${name}.ts`]),
      ])
        expect(await node(...command)).toMatchObject({ code: 0 });
    });

    test('compiles, and passes every test that judges types', async () => {
      await expectWellFormed();
      expect(await failures(...JUDGES)).toEqual({});
    });

    test('fits into the templates', async () => {
      expect(await node('scripts/build/template-sizes.ts')).toMatchObject({ code: 0 });
    });

    test('keeps the contract of resource types, and can be taken over', async () => {
      const paths = ['contract.test.ts', 'missing-lists.test.ts', 'adoption/'].map(
        (name) => `test/protocol/${name}`,
      );
      expect(await failures(...paths, '-t', `${TYPE}|OAuth client|every type that can`)).toEqual({});
    });
  });
});
