/** Templates that cost time and memory, and the thread that ends where they cost too much. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HookProblem } from '../../../operations/validate-hook/answer.ts';
import { judgeApart } from '../../../operations/validate-hook/thread.ts';
import { creation, type HookWorld, startHook } from './world.ts';

let world: HookWorld;
let folder: string;
beforeAll(async () => {
  world = await startHook({ failureMode: 'FAIL' });
  folder = await mkdtemp(join(tmpdir(), 'judge-'));
});
afterAll(() => Promise.all([world.stop(), rm(folder, { recursive: true })]));

const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i));
const action = 'Type: Custom::GenesysDataAction';

const doubled = (count: number, of: (before: string) => string) =>
  ['a0: &a0 { k: x }', ...lines(count, (i) => `a${i + 1}: &a${i + 1} ${of(`*a${i}`)}`)].join('\n');

describe('a hostile template is refused as one that nobody can read, in a process that lives on:', () => {
  test.each<[string, string]>([
    [
      'aliases of aliases in lists',
      `${doubled(12, (before) => `[${`${before},`.repeat(10)}]`)}\nResources: { A: { ${action}, Properties: *a12 } }`,
    ],
    [
      'aliases of aliases in maps',
      `${doubled(30, (before) => `{ l: ${before}, r: ${before} }`)}\nResources: { A: { ${action}, Properties: *a30 } }`,
    ],
    ['an alias of itself', `Resources: { A: { ${action}, Properties: &a { b: *a } } }`],
    ['lists in lists', `Resources: { A: { ${action}, Properties: ${'['.repeat(200_000)}`],
    [
      'JSON in JSON',
      `{"Resources":{"A":{"Type":"Custom::GenesysDataAction","Properties":${'{"a":'.repeat(100_000)}`,
    ],
    [
      'blocks in blocks',
      `Resources:\n  A: { ${action} }\n${lines(900, (i) => `${' '.repeat(i)}a:`).join('\n')}`,
    ],
  ])('%s', async (_what, text) => {
    expect(await world.hook.ask('STACK', creation(text))).toContain('failed');
    const { status, reason, annotations } = world.hook.results.at(-1) ?? {};
    expect({ status, reason }).toEqual({
      status: 'HOOK_COMPLETE_FAILED',
      reason: expect.stringMatching(/syntax, line \d+: no YAML and no JSON: /),
    });
    expect(annotations).toHaveLength(1);
    expect(world.hook.violations()).toEqual([]);
  });
});

test('a template with tens of thousands of aliases is judged', async () => {
  const text = [
    'Resources:',
    `  A: { ${action}, Properties: { Name: &a x, Contract: [`,
    ...lines(40_000, () => '    *a ,'),
    '    ] } }',
  ].join('\n');
  await world.hook.ask('STACK', creation(text));
  expect(world.hook.results.at(-1)?.annotations.map(({ annotationName }) => annotationName)).toContain(
    'alias',
  );
});

describe('the thread of the judge', () => {
  const thread = async (code: string, milliseconds = 60_000) => {
    const file = join(folder, `${code.length}.mjs`);
    await writeFile(file, code);
    const signal = AbortSignal.timeout(milliseconds);
    return judgeApart(pathToFileURL(file), '{}', { signal }).catch((error: Error) => error);
  };

  test('is ended where it does not end by itself', async () => {
    const begun = Date.now();
    await expect(thread('for (;;) {}', 300)).resolves.toMatchObject({ name: 'TimeoutError' });
    expect(Date.now() - begun).toBeLessThan(30_000);
  });

  test('is ended where it takes more memory than it may, and the process lives on', async () => {
    const error = await thread('const all = []; for (;;) all.push(new Array(1_000_000).fill(0.5));');
    expect(error).toBeInstanceOf(HookProblem);
    expect(error).toMatchObject({ message: expect.stringContaining('more than 1024 MB of memory') });
  });

  test.each([
    ['throws', "throw new Error('a rule broke');", /a rule broke/],
    ['ends without a word', 'process.exit(7);', /ended with code 7/],
  ])('that %s leaves a message of what it was', async (_what, code, message) => {
    expect(await thread(code)).toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('a template that is hard to judge is judged, and not given up:', () => {
  const entry = new URL('../../../operations/validate-hook-judge.ts', import.meta.url);
  const ofAction = (properties: string) =>
    `Resources:\n  A:\n    ${action}\n    Properties:\n      ServiceToken: x\n${properties}`;
  const template = (text: string) => ofAction(`      Request: { Template: '${text}' }`);
  const role = (pattern: string) =>
    JSON.stringify({
      Resources: {
        A: {
          Type: 'Custom::GenesysAwsIntegration',
          Properties: { ServiceToken: 'x', Name: 'a', RoleArn: { 'Fn::GetAtt': ['B', 'Arn'] } },
        },
        B: {
          Type: 'AWS::IAM::Role',
          Properties: {
            Policies: [{ PolicyDocument: { Statement: { Effect: 'Allow', Action: pattern } } }],
          },
        },
      },
    });
  const branches = (count: number) => `!If [c, ${Array.from({ length: count }, () => '{}').join(', ')}]`;

  test.each<[string, string]>([
    ['a pattern of many stars in a policy', role(`${'*a'.repeat(40)}${'*'.repeat(60)}x`)],
    ['brackets in brackets', template(`\${input.${'('.repeat(200_000)}${')'.repeat(200_000)}}`)],
    ['references that are not closed', template('${a('.repeat(200_000))],
    ['beginnings of unparsed text', template('#[['.repeat(300_000))],
    ['beginnings of comments', template('#* '.repeat(300_000))],
    ['places in Fn::Sub', ofAction(`      Request: { Template: !Sub '${'${AWS::Region}'.repeat(50_000)}' }`)],
    [
      'a long chain of DependsOn',
      `Resources:\n${lines(3000, (i) => `  A${i}: { ${action}, DependsOn: A${i + 1} }`).join('\n')}`,
    ],
    [
      'branches beside branches',
      ofAction(`      Request: ${branches(3000)}\n      Contract: ${branches(3000)}`),
    ],
    [
      'a deep schema in text',
      ofAction(
        `      Contract: { Input: '${'{"properties":{"a":'.repeat(25_000)}{}${'}}'.repeat(25_000)}' }`,
      ),
    ],
    [
      'many anchors',
      `${lines(30_000, (i) => `k${i}: &a${i} x`).join('\n')}\n${ofAction(`      Contract: [${lines(30_000, (i) => `*a${i} ,`).join(' ')}]`)}`,
    ],
  ])('%s', async (_what, text) => {
    // Without bounds these would take hours, or end the judge.
    const signal = AbortSignal.timeout(90_000);
    const verdict = await judgeApart(entry, JSON.stringify({ template: text }), { signal });
    expect(verdict.hookStatus).toMatch(/^(FAILED|SUCCESS)$/);
  });
});

/** The largest template that CloudFormation takes: 500 resources in 1 MB. */
function largest(): string {
  const resource = (i: number) => [
    `  Action${i}:`,
    `    ${action}`,
    '    Properties:',
    '      ServiceToken: !ImportValue genesys-cloud-ServiceToken',
    '      ServiceTimeout: 300',
    `      Name: Action ${i}`,
    '      IntegrationId: 8f2d6a52-95a1-4d7a-9d27-5e0c0f4c6a11',
    '      Category: Orders',
    '      Contract:',
    '        Input: { type: object, properties: { a: { type: string }, b: { type: string } } }',
    '        Output: { type: object, properties: { c: { type: string } } }',
    '      Request:',
    '        UrlTemplate: https://example.com/${input.a}',
    '        Type: POST',
    `        Template: '{ "a": "\${input.b}", "c": "${'x'.repeat(1500)}" }'`,
  ];
  return ['Resources:', ...lines(500, resource as never).flat()].join('\n');
}

test('the largest template is judged: the time is printed', async () => {
  const text = largest();
  expect(text.length).toBeGreaterThan(950_000);
  expect(text.length).toBeLessThanOrEqual(1_048_576);
  const begun = process.cpuUsage();
  await world.hook.ask('STACK', creation(text));
  const { user, system } = process.cpuUsage(begun);
  expect(world.hook.results.at(-1)).toMatchObject({
    status: 'HOOK_COMPLETE_SUCCEEDED',
    reason: '500 resources of Genesys Cloud judged: nothing found.',
  });
  const milliseconds = Math.round((user + system) / 1000);
  process.stdout.write(`1 MB, 500 resources: ${milliseconds} ms of processor time\n`);
  // A busy machine may take several times as long.
  expect(milliseconds).toBeLessThan(20_000);
});
