/** Files that are no templates, or hardly: what the command reads, what it refuses, and in how many words. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { run } from '../../cli/main.ts';

const faulty = await readFile(join(import.meta.dirname, 'broken/value-enum.yaml'));
const FAULT = /:57:15: value: Action\.Request\.Type: must be one of/;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inputs-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function validate(args: string[], input = Readable.from([])) {
  const said = { out: '', problems: '' };
  const code = await run(['validate', ...args], {
    input,
    out: { write: (text) => (said.out += text) },
    problems: { write: (text) => (said.problems += text) },
  });
  return { code, ...said };
}

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');

describe('what cannot be read is 2, with one line that says why, and no verdict:', () => {
  test.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'is empty'],
    ['bytes that are no text', Buffer.from([0x52, 0xff, 0xfe, 0x80]), 'is no text in UTF-8'],
    ['a zero in the text', 'Resources: {}\0', 'is no text in UTF-8'],
    ['UTF-16 of Windows', utf16('Resources: {}'), 'is text in UTF-16, and CloudFormation reads UTF-8'],
    [
      'UTF-16 with its bytes the other way round',
      utf16('Resources: {}').swap16(),
      'is text in UTF-16, and CloudFormation reads UTF-8',
    ],
    [
      '50 MB',
      Buffer.alloc(50_000_000, 'Resources: {}\n'),
      'is larger than 4 MB, and CloudFormation takes templates of 1 MB',
    ],
  ])('%s', async (_what, content, why) => {
    const path = await file('a.yaml', content);
    for (const format of ['pretty', 'json', 'sarif', 'github']) {
      expect(await validate(['--format', format, path])).toEqual({
        code: 2,
        out: '',
        problems: `genesys-cloud-cfn: ${path} ${why}\n`,
      });
    }
  });

  test('a link to itself', async () => {
    const path = join(folder, 'loop.yaml');
    await symlink(path, path);
    const { code, out, problems } = await validate([path]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(problems).toMatch(/^genesys-cloud-cfn: \S+loop\.yaml cannot be read: ELOOP.*\n$/);
  });

  test('a name that is nothing', async () => {
    expect((await validate([''])).problems).toMatch(/^genesys-cloud-cfn: '' cannot be read: .+\n$/);
  });

  test('a name with a line break, in one line still', async () => {
    const { problems } = await validate([join(folder, 'a\nb.yaml')]);
    expect(problems).toMatch(/^genesys-cloud-cfn: .+a\\nb\.yaml cannot be read: [^\n]+\n$/);
  });

  test('an empty standard input, and one that never ends', async () => {
    expect(await validate(['-'])).toEqual({
      code: 2,
      out: '',
      problems: 'genesys-cloud-cfn: <stdin> is empty\n',
    });
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536, ' ');
      })(),
    );
    expect((await validate(['-'], endless)).problems).toMatch(
      /^genesys-cloud-cfn: <stdin> is larger than 4 MB/,
    );
  });
});

describe('what is unusual and legal is judged, with lines and columns of its own:', () => {
  test.each<[string, string | Buffer]>([
    ['a byte order mark', Buffer.concat([Buffer.from('\uFEFF'), faulty])],
    ['line ends of Windows', faulty.toString().replaceAll('\n', '\r\n')],
  ])('%s', async (_what, content) => {
    const { code, out, problems } = await validate([await file('a.yaml', content)]);
    expect({ code, problems }).toEqual({ code: 1, problems: '' });
    expect(out).toMatch(FAULT);
  });

  test('4 MB with one property a line', async () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => `      Name${index}: ${'x'.repeat(40)}\n`);
    const large = `Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n${lines.join('')}`;
    expect((await validate([await file('a.yaml', large)])).code).toBe(0);
  });
});

describe('text that YAML does not take is a fault of syntax, at its line:', () => {
  const aliases = [...'bcdefghi'].reduce(
    ({ text, before }, name) => ({
      text: `${text}${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]\n`,
      before: name,
    }),
    { text: 'a: &a [x, x, x, x, x, x, x, x, x]\n', before: 'a' },
  ).text;
  test.each<[string, string, RegExp]>([
    ['a key that is there twice', 'Resources:\n  A: {}\n  A: {}\n', /:3:3: .*the key A is there twice/],
    ['the same in JSON', '{"Resources": {},\n "Resources": {}}', /:2:2: .*the key Resources is there twice/],
    ['tabs', 'Resources:\n\tA: {}\n', /:2:1: .*Tabs are not allowed/],
    ['several documents', 'Resources: {}\n---\nResources: {}\n', /:2:1: .*a second document begins/],
    ['aliases of aliases', `${aliases}Resources: {}\n`, /aliases make too many values/],
    ['lists in lists', `Resources: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, /nested too deeply/],
    ['maps in maps', `Resources: ${'{a: '.repeat(300)}1${'}'.repeat(300)}`, /nested too deeply/],
  ])('%s', async (_what, text, message) => {
    const { code, out, problems } = await validate([await file('a.yaml', text)]);
    expect({ code, problems }).toEqual({ code: 1, problems: '' });
    expect(out).toMatch(message);
    expect(out).toMatch(/: syntax: /);
  });
});

describe('strange names:', () => {
  const names = [
    'with space.yaml',
    '-dash.yaml',
    'line\nbreak.yaml',
    'a#b?c%20.yaml',
    'k:v,w.yaml',
    'ü[1].yaml',
  ];

  test.each(names)('%j is judged, and its finding is one line', async (name) => {
    const { code, out } = await validate([await file(name, faulty)]);
    expect(code).toBe(1);
    expect(out.split('\n')).toHaveLength(4);
    expect(out).toMatch(FAULT);
  });

  test.each(names)('SARIF names %j by a URI that leads to it, absolute or relative', async (name) => {
    const path = await file(name, faulty);
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const argument of [path, name]) {
        const { out } = await validate(['--format', 'sarif', '--', argument]);
        const { uri } = JSON.parse(out).runs[0].results[0].locations[0].physicalLocation.artifactLocation;
        expect(uri).toMatch(/^[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+$/);
        expect(fileURLToPath(new URL(uri, pathToFileURL(`${folder}/`)))).toBe(path);
      }
    } finally {
      process.chdir(before);
    }
  });
});

describe('in a folder', () => {
  test('a file that is no template of ours is passed over, whatever it is', async () => {
    await file('binary.yaml', Buffer.from([0xff, 0x00, 0x80]));
    await file('event.json', '{"RequestType": "Create", "ResourceType": "Custom::GenesysDataAction"}');
    await file('wide.json', utf16('{}'));
    await file('asset.json', Buffer.alloc(5_000_000, 'Custom::'));
    await symlink(folder, join(folder, 'self'));
    await mkdir(join(folder, 'named.yaml'));
    expect(await validate([folder])).toEqual({
      code: 0,
      out: '0 resources of Genesys Cloud in 0 templates: nothing found\n',
      problems: '',
    });
  });

  test('a template of ours in UTF-16 is said to be unreadable', async () => {
    await file('wide.yaml', utf16(faulty.toString()));
    const { code, out, problems } = await validate([folder]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(problems).toMatch(/wide\.yaml is text in UTF-16/);
  });
});

test('a glob that fits folders as well names their files only', async () => {
  await mkdir(join(folder, 'deep'));
  await writeFile(join(folder, 'deep/a.yaml'), faulty);
  const { code, out } = await validate([join(folder, '**')]);
  expect(code).toBe(1);
  expect(out).toContain('in 1 template: 1 fault');
});
