/**
 * Data actions as files: which are published, which are refused, and that the provider reads the printed
 * lines.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { definition } from '../../../provider/resources/data-action/definition.ts';
import { definitionAllowed } from '../../../provider/runtime/settings.ts';
import { collectDefinitions, definitionLines } from '../../../scripts/rollout/definitions.ts';
import type { Published } from '../../../scripts/rollout/publish.ts';

const exported = await readFile(resolve(import.meta.dirname, '../../provider/exported-action.json'), 'utf8');
/** The exported action with other members. */
const action = (changes: Record<string, unknown>) =>
  JSON.stringify({ ...JSON.parse(exported), ...changes }, null, 1);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'definitions-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Record<string, string | Buffer>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

describe('a folder of definitions', () => {
  test('is every *.json in it and below it, under keys of their own digests', async () => {
    await write({ 'look-up.json': exported, 'orders/find.json': action({ name: 'Find' }), 'README.md': '#' });
    const found = await collectDefinitions(folder);
    expect(found.map(({ name }) => name)).toEqual([
      'definitions/look-up.json',
      'definitions/orders/find.json',
    ]);
    for (const { name, key, sha256, lacking } of found) {
      expect(key).toBe(`genesys-cloud-cfn/objects/${sha256}/definitions/${name.split('/').at(-1)}`);
      expect(lacking).toEqual([]);
    }
  });

  test('holds the bytes as they are, byte order mark included: the provider compares the checksum of the object', async () => {
    await write({ 'a.json': `\uFEFF${exported}` });
    const [one] = await collectDefinitions(folder);
    expect(one?.body.equals(await readFile(join(folder, 'a.json')))).toBe(true);
  });

  test('may leave name and category to the resource, and says so', async () => {
    await write({ 'a.json': action({ name: undefined, category: null }) });
    expect((await collectDefinitions(folder))[0]?.lacking).toEqual(['Name', 'Category']);
  });

  const large = action({ config: { request: { requestTemplate: 'x'.repeat(256 * 1024) } } });
  test.each<[string, string | Buffer, RegExp]>([
    ['no JSON', '{', /a\.json: it is no JSON/],
    ['no object', '[]', /a\.json: it must be one JSON object/],
    [
      'some other file',
      '{"name": "genesys-cloud-cfn", "version": "1.0.0"}',
      /does not hold Contract\.Input, /,
    ],
    ['half an action', action({ config: {} }), /does not hold Request\.UrlTemplate\./],
    ['a timeout that there is not', action({ config: { timeoutSeconds: 61 } }), /timeoutSeconds/],
    ['larger than the provider reads', large, /bytes, more than the 262144 allowed/],
    ['not in UTF-8', Buffer.from(exported.replace('customer', 'h\u00F4te'), 'latin1'), /is not in UTF-8/],
    [
      'a template that is elsewhere',
      action({ config: { request: { requestUrlTemplate: 'https://a', requestTemplateUri: '/t.vm' } } }),
      /requestTemplateUri names a template that is not in the file/,
    ],
  ])('is refused for %s, by the file’s name', async (_what, content, message) => {
    await write({ 'a.json': content, 'sound.json': exported });
    const refusal = await collectDefinitions(folder).catch((error: Error) => error.message);
    expect(refusal).toMatch(message);
    expect(refusal).toContain(join(folder, 'a.json'));
    expect(refusal).not.toContain('sound.json');
  });

  test('names every file that is refused at once, and shows no content', async () => {
    await write({ 'a.json': 'hunter2', 'b/c.json': '"hunter2"' });
    const refusal = await collectDefinitions(folder).catch((error: Error) => error.message);
    expect(refusal).toContain(join(folder, 'a.json'));
    expect(refusal).toContain(join(folder, 'b/c.json'));
    expect(refusal).not.toContain('hunter2');
  });

  test('without any is an error, and so is a folder that is not there', async () => {
    await expect(collectDefinitions(folder)).rejects.toThrow(`There is no *.json in ${folder}.`);
    await expect(collectDefinitions(join(folder, 'none'))).rejects.toThrow('ENOENT');
  });
});

describe('what is printed', () => {
  const target = (region: string, versionIds: Record<string, string>): Published => ({
    region,
    bucket: `acme-${region}`,
    account: '111122223333',
    outcomes: {},
    versionIds,
  });
  const name = "definitions/it's.json";
  /** Reads the printed `Definition` of a Region, as YAML and then as the provider does. */
  const printed = (lines: string[], region: string) => {
    const line = lines.find((one) => one.startsWith(`  ${region}  Definition:`)) ?? '';
    return definition().parse(parse(line.slice(line.indexOf('{'))));
  };

  test('is a property that the provider takes: by version, or by checksum where the bucket keeps no versions', async () => {
    await write({ "it's.json": exported });
    const definitions = await collectDefinitions(folder);
    const [{ key = '', sha256 = '' } = {}] = definitions;
    const regions = [
      target('eu-west-1', { [name]: '3/L4kqtJl' }),
      target('us-east-1', {}),
      target('us-west-2', { [name]: 'null' }),
    ];
    const lines = definitionLines('acme', regions, definitions);
    const place = (region: string) => ({ Bucket: `acme-${region}`, Key: key });
    expect(printed(lines, 'eu-west-1')).toEqual({ S3: { ...place('eu-west-1'), VersionId: '3/L4kqtJl' } });
    expect(printed(lines, 'us-east-1')).toEqual({ S3: { ...place('us-east-1'), Sha256: sha256 } });
    expect(printed(lines, 'us-west-2')).toEqual({ S3: { ...place('us-west-2'), Sha256: sha256 } });
  });

  test('is one line for the template of every Region, which names the file by its checksum', async () => {
    await write({ 'a.json': exported });
    const definitions = await collectDefinitions(folder);
    const both = definitionLines('acme', [target('eu-west-1', {}), target('us-east-1', {})], definitions);
    expect(both.join('\n')).toContain(
      `  each  Definition: {S3: {Bucket: !Sub 'acme-\${AWS::Region}', Key: '${definitions[0]?.key}', Sha256: '${definitions[0]?.sha256}'}}`,
    );
    expect(definitionLines('acme', [target('eu-west-1', {})], definitions).join('\n')).not.toContain('each');
  });

  test('names the grant that covers the definitions and no package', async () => {
    await write({ 'a.json': exported });
    const definitions = await collectDefinitions(folder);
    const lines = definitionLines('acme', [target('cn-north-1', {})], definitions);
    const arn = /arn:\S+/.exec(lines.at(-1) ?? '')?.[0] ?? '';
    expect(arn).toMatch(/^arn:aws-cn:s3:::acme-cn-north-1\//);
    const allowed = (key: string) =>
      definitionAllowed({ definitionObjectArns: [arn] }, 'acme-cn-north-1', key);
    expect(definitions.every(({ key }) => allowed(key))).toBe(true);
    expect(allowed(`genesys-cloud-cfn/objects/${'0'.repeat(64)}/provider.zip`)).toBe(false);
  });

  test('says what the resource has to say because the file does not', async () => {
    await write({ 'a.json': action({ category: undefined }) });
    const lines = definitionLines('acme', [target('eu-west-1', {})], await collectDefinitions(folder));
    expect(lines[0]).toBe('definitions/a.json (has no Category: the resource has to say it)');
  });

  test('is nothing where no Region has the files', async () => {
    await write({ 'a.json': exported });
    expect(definitionLines('acme', [], await collectDefinitions(folder))).toEqual([]);
  });
});
