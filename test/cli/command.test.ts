/** The command as the npm package holds it: one file of plain JavaScript without dependencies. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { run } from '../../cli/main.ts';
import { validate } from '../../cli/validate/command.ts';
import { validateTemplate } from '../../cli/validate/validate.ts';
import { bundleCli } from '../../scripts/build/package.ts';

const root = resolve(import.meta.dirname, '../..');
const faulty = join(import.meta.dirname, 'broken/value-enum.yaml');
const sound = join(import.meta.dirname, 'sound/lambda.yaml');

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
    `${faulty}:57:15: value: Action.Request.Type: must be one of GET, POST, PUT, PATCH, DELETE\n` +
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
        line: 57,
        column: 15,
        rule: 'value',
        severity: 'error',
        path: 'Action.Request.Type',
        message: 'must be one of GET, POST, PUT, PATCH, DELETE',
        fix: expect.any(String),
      },
    ],
  });
});

test('a folder stands for the templates in it that have custom resources', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'templates-'));
  try {
    await mkdir(join(parent, 'deep/node_modules'), { recursive: true });
    const [one, two] = [join(parent, 'a.yaml'), join(parent, 'deep/b.json')];
    await copyFile(faulty, one);
    await writeFile(two, JSON.stringify({ Resources: { A: { Type: 'Custom::GenesysDataActions' } } }));
    await copyFile(faulty, join(parent, 'deep/node_modules/c.yaml'));
    await writeFile(join(parent, 'package.json'), '{}');
    await writeFile(join(parent, 'chart.yaml'), '{{ no YAML }}');
    await writeFile(join(parent, 'notes.txt'), 'Custom::');
    const { code, out } = await command('validate', '--format', 'json', parent);
    const { templates, findings } = JSON.parse(out) as { templates: number; findings: { file: string }[] };
    expect({ code, templates }).toEqual({ code: 1, templates: 2 });
    expect(new Set(findings.map(({ file }) => file))).toEqual(new Set([one, two]));
  } finally {
    await rm(parent, { recursive: true });
  }
});

test('a folder without a template of ours has nothing wrong', async () => {
  const { code, out } = await command('validate', join(root, 'docs'));
  expect({ code, out }).toEqual({
    code: 0,
    out: '0 resources of Genesys Cloud in 0 templates: nothing found\n',
  });
});

test('a glob names every file that it fits, where no shell has replaced it', async () => {
  const { code, out } = await command('validate', join(import.meta.dirname, 'broken/value-enum*.yaml'));
  expect(code).toBe(1);
  expect(out).toContain('in 3 templates: 3 faults');
});

test('--skip-others leaves out a named file without custom resources, and no other', async () => {
  const other = join(root, 'package.json');
  expect((await command('validate', other)).code).toBe(1);
  expect((await command('validate', '--skip-others', other)).code).toBe(0);
  const { code, out } = await command('validate', '--skip-others', other, faulty);
  expect(code).toBe(1);
  expect(out).toContain('3 resources of Genesys Cloud in 1 template: 1 fault');
});

test('- is the standard input', async () => {
  const child = execFile(join(folder, 'cli.mjs'), ['validate', '-'], { env: { PATH: process.env['PATH'] } });
  child.stdin?.end(await readFile(faulty));
  const [out, [code]] = await Promise.all([text(child.stdout as Readable), once(child, 'exit')]);
  expect(code).toBe(1);
  expect(out).toMatch(/^<stdin>:\d+:15: value: Action.Request.Type/);
});

describe('a warning', () => {
  const warned = join(import.meta.dirname, 'broken/service-timeout-missing.yaml');

  test('is said, and fails nothing', async () => {
    const { code, out } = await command('validate', warned);
    expect(code).toBe(0);
    expect(out).toMatch(/: warning: service-timeout: Action: [\s\S]*: 1 warning\n$/);
  });

  test('fails the command under --strict', async () => {
    expect((await command('validate', '--strict', warned)).code).toBe(1);
    expect((await command('validate', '--strict', sound)).code).toBe(0);
  });
});

test('--format sarif is a log of SARIF 2.1.0, with a place for each finding', async () => {
  const { code, out } = await command('validate', '--format', 'sarif', faulty);
  expect(code).toBe(1);
  const log = JSON.parse(out);
  expect(log).toMatchObject({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'genesys-cloud-cfn' } } }],
  });
  expect(log.runs[0].results).toMatchObject([
    {
      ruleId: 'value',
      level: 'error',
      message: { text: expect.stringMatching(/^Action\.Request\.Type: must be one of/) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: pathToFileURL(faulty).href },
            region: { startLine: expect.any(Number), startColumn: 15 },
          },
        },
      ],
    },
  ]);
});

test('--format github prints a command of GitHub Actions for each finding', async () => {
  const { out } = await command('validate', '--format', 'github', faulty);
  const [first = '', last] = out.split('\n');
  expect(first).toMatch(
    /^::error file=[^:,]+,line=\d+,col=15,title=value::Action\.Request\.Type: must be one/,
  );
  expect(last).toBe('3 resources of Genesys Cloud in 1 template: 1 finding');
});

test('--watch judges again after a change, and an interrupt ends it with 0', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'watched-'));
  const file = join(parent, 'template.yaml');
  await copyFile(sound, file);
  const child = execFile(join(folder, 'cli.mjs'), ['validate', '--watch', file], {
    env: { PATH: process.env['PATH'] },
  });
  try {
    let said = '';
    const until = async (what: string) => {
      while (!said.includes(what)) said += String((await once(child.stdout as Readable, 'data'))[0]);
    };
    await until('nothing found');
    await until('Watching');
    await copyFile(faulty, file);
    await until('must be one of');
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(0);
  } finally {
    child.kill('SIGKILL');
    await rm(parent, { recursive: true });
  }
});

test.each([
  ['no command', [], /no command\n\nUsage: /],
  ['an unknown command', ['deploy'], /no command deploy/],
  ['no template', ['validate'], /no template/],
  ['an unknown format', ['validate', '--format', 'xml', 'a'], /no format xml/],
  ['an unknown option', ['validate', '--quickly', 'a'], /--quickly/],
  ['a glob that fits nothing', ['validate', '/nothing/*.yaml'], /\/nothing\/\*\.yaml fits no file/],
  ['watching the input', ['validate', '--watch', '-'], /input cannot be watched/],
  ['a file that is not there', ['validate', '/nothing/here.yaml'], /here\.yaml cannot be read: ENOENT/],
])('%s is 2, and gives no verdict', async (_what, args, message) => {
  const { code, out, problems } = await command(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(problems).toMatch(message);
});

test('a template that the command itself fails at is 2, not a verdict, and hides no fault in the others', async () => {
  const said = { out: '', problems: '' };
  const code = await run(
    ['validate', sound, faulty],
    {
      out: { write: (text) => (said.out += text) },
      problems: { write: (text) => (said.problems += text) },
    },
    [
      validate((file, text) => {
        if (file === sound) throw new TypeError('of its own');
        return validateTemplate(file, text);
      }),
    ],
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
  expect((await command('--help')).out).toMatch(
    /^Usage: genesys-cloud-cfn <command>[\s\S]* {2}validate {2}check/,
  );
  expect((await command('validate', '--help')).out).toMatch(/^Usage: genesys-cloud-cfn validate/);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(await command('--version')).toEqual({ code: 0, out: `${version}\n`, problems: '' });
});

test('the npm package holds the command and names it', async () => {
  const { bin, files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(bin).toEqual({ 'genesys-cloud-cfn': 'dist/cli.mjs' });
  expect(files).toEqual(expect.arrayContaining(['dist/cli.mjs', 'schemas']));
});
