/** The command as the npm package holds it: one file of plain JavaScript without dependencies. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '../../scripts/cli/main.ts';
import { validateTemplate } from '../../scripts/cli/validate.ts';
import { bundleCli } from '../../scripts/package.ts';

const root = resolve(import.meta.dirname, '../..');
const faulty = join(import.meta.dirname, 'broken/value-enum.yaml');
const sound = join(import.meta.dirname, 'sound.yaml');

let folder: string;
beforeAll(async () => {
  // Outside of the checkout no package of node_modules can be found.
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  await bundleCli(join(folder, 'cli.mjs'));
});
afterAll(() => rm(folder, { recursive: true }));

const command = (...args: string[]) =>
  new Promise<{ code: number | string | null | undefined; out: string; problems: string }>((done) => {
    execFile(join(folder, 'cli.mjs'), args, { env: { PATH: process.env['PATH'] } }, (error, out, problems) =>
      done({ code: error === null ? 0 : error.code, out, problems }),
    );
  });

test('a sound template is 0, and is said to be sound', async () => {
  expect(await command('validate', sound)).toEqual({
    code: 0,
    out: '3 resources of Genesys Cloud in 1 template: nothing found\n',
    problems: '',
  });
});

test('a fault is 1, with file, line, column, what is wrong and what to do', async () => {
  const { code, out } = await command('validate', sound, faulty);
  expect(code).toBe(1);
  expect(out).toBe(
    `${faulty}:55:15: value: Action.Request.Type: must be one of GET, POST, PUT, PATCH, DELETE\n` +
      '    HTTP method (default POST; a Lambda integration takes POST).\n' +
      '6 resources of Genesys Cloud in 2 templates: 1 fault\n',
  );
});

test('--format json is for machines', async () => {
  const { code, out } = await command('validate', '--format', 'json', faulty);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual({
    templates: 1,
    resources: 3,
    findings: [
      {
        file: faulty,
        line: 55,
        column: 15,
        rule: 'value',
        path: 'Action.Request.Type',
        message: 'must be one of GET, POST, PUT, PATCH, DELETE',
        fix: expect.any(String),
      },
    ],
  });
});

test.each([
  ['no command', [], /no command\n\nUsage: /],
  ['an unknown command', ['deploy'], /no command deploy/],
  ['no template', ['validate'], /no template/],
  ['an unknown format', ['validate', '--format', 'xml', 'a'], /no format xml/],
  ['an unknown option', ['validate', '--strict', 'a'], /--strict/],
  ['a file that is not there', ['validate', '/nothing/here.yaml'], /here\.yaml cannot be read: ENOENT/],
])('%s is 2', async (_what, args, message) => {
  const { code, problems } = await command(...args);
  expect(code).toBe(2);
  expect(problems).toMatch(message);
});

test('a template that the command itself fails at is 2, not a verdict, and hides no fault in the others', async () => {
  const said = { out: '', problems: '' };
  const code = await run(
    ['validate', sound, faulty],
    { write: (text) => (said.out += text) },
    { write: (text) => (said.problems += text) },
    (file, text) => {
      if (file === sound) throw new TypeError('of its own');
      return validateTemplate(file, text);
    },
  );
  expect(code).toBe(2);
  expect(said.problems).toBe(
    `genesys-cloud-cfn: ${sound} cannot be judged, which is a fault of this command: of its own\n`,
  );
  expect(said.out).toContain('must be one of');
});

test('a file that cannot be read hides no fault in the others', async () => {
  const { code, out } = await command('validate', '/nothing/here.yaml', faulty);
  expect(code).toBe(2);
  expect(out).toContain('must be one of');
});

test('--help and --version answer', async () => {
  expect((await command('--help')).out).toMatch(/^Usage: genesys-cloud-cfn validate/);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(await command('--version')).toEqual({ code: 0, out: `${version}\n`, problems: '' });
});

test('the npm package holds the command and names it', async () => {
  const { bin, files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(bin).toEqual({ 'genesys-cloud-cfn': 'dist/cli.mjs' });
  expect(files).toEqual(expect.arrayContaining(['dist/cli.mjs', 'schemas']));
});
