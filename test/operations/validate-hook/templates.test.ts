/** The hook has the verdicts of `validate`, for every template that the tests of the command have. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { validateTemplate } from '../../../cli/validate/validate.ts';
import { judge } from '../../../operations/validate-hook/judge.ts';
import { declaresOurs } from '../../../operations/validate-hook.ts';
import { changeSetId, creation, creationsIn, type HookWorld, startHook } from './world.ts';

const root = resolve(import.meta.dirname, '../../..');
const textsIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => /\.(yaml|json)$/.test(name))
    .map((name) => [name, readFileSync(join(root, name), 'utf8')] as const);

describe.each(['STACK', 'CHANGE_SET'])('a template with a fault, as the payload of a %s', (target) => {
  test.each(textsIn('test/cli/broken'))('%s', (_name, text) => {
    expect(declaresOurs(JSON.stringify({ template: text }))).toBe(true);
    const { findings } = validateTemplate('template', text);
    const payload =
      target === 'STACK'
        ? { template: text, previousTemplate: '' }
        : { template: text, changedResources: creationsIn(text) };
    const verdict = judge(JSON.stringify(payload));
    const faults = findings.filter(({ severity }) => severity === 'error');
    const told = (verdict.annotations ?? []).filter(
      ({ annotationName }) => annotationName !== 'not-expanded',
    );
    expect(
      told.map(({ annotationName, statusMessage }) => `${annotationName} ${statusMessage}`).sort(),
    ).toEqual(
      findings
        .map(
          ({ rule, severity, line, path, message }) =>
            `${rule} ${severity === 'warning' ? 'warning: ' : ''}line ${line}: ${path === '' ? '' : `${path}: `}${message}`,
        )
        .sort(),
    );
    // A warning is no fault.
    expect(verdict.hookStatus).toBe(faults.length > 0 ? 'FAILED' : 'SUCCESS');
    expect(verdict.errorCode).toBe(faults.length > 0 ? 'NonCompliant' : undefined);
    if (faults[0]) expect(verdict.message).toContain(faults[0].fix.slice(0, 40));
  });
});

describe('through the caller', () => {
  let world: HookWorld;
  beforeAll(async () => {
    world = await startHook();
  });
  afterAll(() => world.stop());

  const sound = [...textsIn('templates'), ...textsIn('test/cli/sound'), ...textsIn('test/cli/others')];

  test.each(sound)('%s passes, as a stack and as a change set', async (_name, text) => {
    const before = world.hook.results.length;
    const changeSet = { id: changeSetId, changedResources: creationsIn(text) };
    expect(await world.hook.ask('STACK', creation(text))).toBeUndefined();
    expect(await world.hook.ask('CHANGE_SET', creation(text, { changeSet }))).toBeUndefined();
    expect(world.hook.results).toHaveLength(before + 2);
    expect(world.hook.violations()).toEqual([]);
  });

  test('the verdict on a stack without types of ours says so, and has no annotation', async () => {
    await world.hook.ask('STACK', creation('Resources: { A: { Type: AWS::SNS::Topic } }'));
    expect(world.hook.results.at(-1)).toMatchObject({
      status: 'HOOK_COMPLETE_SUCCEEDED',
      reason: 'The template has no resource of Genesys Cloud.',
      annotations: [],
    });
  });

  test('a template that is no template passes, as long as it declares nothing of ours', async () => {
    for (const text of ['{', ': : :', 'Description: about Custom::GenesysDataAction', '\u0000', '&a [*a]'])
      expect(await world.hook.ask('STACK', creation(text))).toBeUndefined();
  });

  test('Fn::ForEach and transforms are passed over, which an annotation says', async () => {
    const text = [
      'Transform: [AWS::LanguageExtensions]',
      'Resources:',
      "  'Fn::ForEach::Queues':",
      '    - Name',
      '    - [A, B]',
      "    - '${Name}': { Type: AWS::SQS::Queue }",
      '  Key:',
      '    Type: Custom::GenesysRecordingKey',
      '    Properties:',
      '      ServiceToken: !ImportValue genesys-cloud-ServiceToken',
      '      ServiceTimeout: 300',
      '      KeyAliasArn: !ImportValue alias',
    ].join('\n');
    expect(await world.hook.ask('STACK', creation(text))).toBeUndefined();
    expect(world.hook.results.at(-1)?.annotations).toEqual([
      expect.objectContaining({
        annotationName: 'not-expanded',
        status: 'SKIPPED',
        statusMessage: expect.stringContaining('Transform AWS::LanguageExtensions, Fn::ForEach'),
      }),
    ]);
  });
});
