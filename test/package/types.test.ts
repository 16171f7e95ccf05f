/**
 * The package as a TypeScript project uses it: the pinned compiler reads the packed declarations in each way
 * of finding modules, and Node loads the function by `import` and by `require`.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { resourceTypes } from '../../provider/resources/index.ts';
import { unpackedPackage } from '../support/npm-package.ts';

const root = resolve(import.meta.dirname, '../..');

let consumer: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  const unpacked = await unpackedPackage();
  consumer = await mkdtemp(join(tmpdir(), 'consumer-'));
  await mkdir(join(consumer, 'node_modules'));
  await rename(unpacked.folder, join(consumer, 'node_modules/genesys-cloud-cfn'));
  remove = async () => {
    await unpacked.remove();
    await rm(consumer, { recursive: true, force: true });
  };
});
afterAll(() => remove());

const run = (command: string, args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    execFile(command, args, { cwd: consumer }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });

/** Ways in which TypeScript finds modules, and the kind of file that the project has. */
const PROJECTS = [
  { name: 'nodenext, ES modules', file: 'consumer.mts', module: 'nodenext', moduleResolution: 'nodenext' },
  { name: 'node16, CommonJS', file: 'consumer.cts', module: 'node16', moduleResolution: 'node16' },
  { name: 'bundler', file: 'consumer.ts', module: 'esnext', moduleResolution: 'bundler' },
] as const;

/** The compiler's objections to a source; empty where it has none. */
async function compile({ file, module, moduleResolution }: (typeof PROJECTS)[number], source: string) {
  await writeFile(join(consumer, file), source);
  const { stdout } = await run(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023', '--types', ''],
    ...['--module', module, '--moduleResolution', moduleResolution, '--ignoreConfig', file],
  ]);
  return stdout;
}

const SOUND = `
import type {
  AwsIntegrationProperties,
  DataActionAttribute,
  DataActionProperties,
  Finding,
  InTemplate,
  RecordingKeyProperties,
} from 'genesys-cloud-cfn';

export const integration: AwsIntegrationProperties = {
  ServiceToken: 'arn', Name: 'Orders', RoleArn: 'arn', SharedWith: ['other'],
};
export const action: DataActionProperties = {
  ServiceToken: 'arn', IntegrationId: 'id', Name: 'Look up', Category: 'Orders', TimeoutSeconds: 5,
  Contract: { Input: { type: 'object' }, Output: '{"type": "object"}' },
  Request: { UrlTemplate: 'arn', Type: 'POST', Headers: { accept: 'json' } },
};
export const exported: DataActionProperties = {
  ServiceToken: 'arn', IntegrationId: 'id', Definition: { S3: { Bucket: 'b', Key: 'k', VersionId: 'v' } },
};
export const key: RecordingKeyProperties = { ServiceToken: 'arn', KeyAliasArn: 'arn' };
export const inTemplate: InTemplate<DataActionProperties> = {
  ServiceToken: { 'Fn::ImportValue': 'genesys-cloud-ServiceToken' },
  IntegrationId: { Ref: 'Integration' },
  Name: 'Look up', Category: 'Orders',
  Contract: { Input: {}, Output: {} },
  Request: { UrlTemplate: { 'Fn::GetAtt': ['Function', 'Arn'] }, Type: 'POST' },
};
export const attribute: DataActionAttribute = 'DataActionId';
export const messageOf = ({ rule, line, message }: Finding): string => \`\${line} \${rule} \${message}\`;
`;

test.each(PROJECTS)('$name: right properties compile', async (project) => {
  expect(await compile(project, SOUND)).toBe('');
});

const ACTION = "ServiceToken: 'a', IntegrationId: 'i', Definition: '{}'";
const WRONG: [string, string, string, RegExp][] = [
  ['a name that is misspelt', 'DataActionProperties', `{ ${ACTION}, TimeoutSecond: 5 }`, /'TimeoutSecond'/],
  ['a value of no enumeration', 'DataActionProperties', `{ ${ACTION}, Request: { Type: 'PSOT' } }`, /PSOT/],
  ['a text for a number', 'DataActionProperties', `{ ${ACTION}, TimeoutSeconds: 'five' }`, /'string'/],
  ['null', 'DataActionProperties', `{ ${ACTION}, Category: null }`, /'null'/],
  ['neither definition nor name', 'DataActionProperties', "{ ServiceToken: 'a', IntegrationId: 'i' }", /./],
  ['neither role nor type', 'AwsIntegrationProperties', "{ ServiceToken: 'a', Name: 'n' }", /./],
  ['no key', 'RecordingKeyProperties', "{ ServiceToken: 'a' }", /KeyAliasArn/],
  ['an attribute that there is not', 'DataActionAttribute', "'ActionId'", /ActionId/],
  ['an attribute as a property', 'DataActionProperties', `{ ${ACTION}, DataActionId: 'x' }`, /DataActionId/],
  [
    'no key in a template',
    'InTemplate<RecordingKeyProperties>',
    "{ ServiceToken: { Ref: 'T' } }",
    /KeyAliasArn/,
  ],
  ['an unknown function', 'InTemplate<DataActionProperties>', `{ ${ACTION}, Name: { 'Fn::Su': 'x' } }`, /./],
];

describe('the compiler refuses', () => {
  let said: string;
  beforeAll(async () => {
    const names = [...new Set(WRONG.flatMap(([, type]) => type.match(/\w+/g) ?? []))];
    const lines = WRONG.map(([, type, value], at) => `export const value${at}: ${type} = ${value};`);
    const imports = `import type { ${names.join(', ')} } from 'genesys-cloud-cfn';`;
    said = await compile(PROJECTS[0], [imports, ...lines].join('\n'));
  });

  test.each(WRONG.map(([what, , , message], at) => [what, message, at + 2] as const))(
    '%s',
    (_what, message, line) => {
      // The lines of one error: the first has the place, those that explain it are indented.
      const errors = said.match(new RegExp(`^consumer\\.mts\\(${line},\\d+\\): error .*\\n(?: .*\\n)*`, 'm'));
      expect(errors?.[0]).toMatch(message);
    },
  );
});

test('every resource type has its properties and attributes, each with its description', async () => {
  const text = await readFile(join(consumer, 'node_modules/genesys-cloud-cfn/dist/index.d.mts'), 'utf8');
  for (const { typeName, attributes, about } of resourceTypes) {
    const name = typeName.replace('Custom::Genesys', '');
    expect(text).toMatch(new RegExp(`export (interface|type) ${name}Properties\\b`));
    expect(text).toContain(`${name}Attribute = ${attributes.map((one) => `'${one}'`).join(' | ')};`);
    const described = Object.values(about.properties).filter((words) => !text.includes(`/** ${words} */`));
    expect(described).toEqual([]);
  }
});

const CALL = `
const { resources, findings } = validateTemplate('a.json', JSON.stringify({
  Resources: { A: { Type: 'Custom::GenesysRecordingKey', Properties: {} } },
}));
console.log(resources, findings.some(({ path, rule }) => path === 'A.KeyAliasArn' && rule === 'required'));
`;

test.each([
  ['import', 'call.mjs', "import { validateTemplate } from 'genesys-cloud-cfn';"],
  ['require', 'call.cjs', "const { validateTemplate } = require('genesys-cloud-cfn');"],
])('Node loads the function by %s', async (_how, file, line) => {
  await writeFile(join(consumer, file), `${line}\n${CALL}`);
  expect(await run(process.execPath, [file])).toEqual({ code: 0, stdout: '1 true\n', stderr: '' });
});

test('the example in docs/validate.md compiles', async () => {
  const page = await readFile(join(root, 'docs/validate.md'), 'utf8');
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
  expect(example).toContain('validateTemplate');
  expect(await compile(PROJECTS[0], `${example}\nexport { findings };`)).toBe('');
});

test.each(PROJECTS)('$name: a call of the function compiles', async (project) => {
  const source = `import { validateTemplate } from 'genesys-cloud-cfn';
    export const rules: string[] = validateTemplate('a.yaml', '').findings.map(({ rule }) => rule);`;
  expect(await compile(project, source)).toBe('');
});

test('templates, schemas and packages have paths that Node resolves', async () => {
  const names = [
    'templates/provider.yaml',
    'schemas/GenesysDataAction.json',
    'dist/provider.zip',
    'package.json',
  ];
  const script = `for (const name of ${JSON.stringify(names)}) console.log(require.resolve('genesys-cloud-cfn/' + name));`;
  const { stdout } = await run(process.execPath, ['--eval', script]);
  const package_ = join(consumer, 'node_modules/genesys-cloud-cfn');
  expect(stdout.trim().split('\n')).toEqual(names.map((name) => join(package_, name)));
});
