/** The words of a verdict: old and new faults, its limits, and no secret. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { validateTemplate } from '../../../cli/validate/validate.ts';
import { answerOf, notJudged } from '../../../operations/validate-hook/answer.ts';
import { judge } from '../../../operations/validate-hook/judge.ts';

const root = resolve(import.meta.dirname, '../../..');
const sound = readFileSync(join(root, 'test/cli/sound/lambda.yaml'), 'utf8');
/** The sound template with one text, which it holds once, replaced. */
function with_(old: string, replacement: string, text = sound): string {
  expect(text.split(old)).toHaveLength(2);
  return text.replace(old, () => replacement);
}
const misspelt = with_('Category: Orders', 'Categroy: Orders');

const updated = (template: string, previousTemplate: string) =>
  judge(JSON.stringify({ template, previousTemplate }));
const changing = (template: string, ...logicalIds: string[]) =>
  judge(
    JSON.stringify({
      template,
      changedResources: logicalIds.map((logicalResourceId) => ({ logicalResourceId, action: 'UPDATE' })),
    }),
  );
const statusOf = ({ hookStatus, annotations = [] }: ReturnType<typeof judge>) => [
  hookStatus,
  ...annotations.map(({ annotationName, status }) => `${annotationName} ${status}`),
];

describe('an update of a stack', () => {
  test('is not refused for a fault that it had before, which is told', () => {
    const moved = `# one more line\n${misspelt.replace('Description: ', 'Description: now ')}`;
    const verdict = updated(moved, misspelt);
    expect(statusOf(verdict)).toEqual(['SUCCESS', 'unknown-property SKIPPED']);
    expect(verdict.message).toContain('1 fault that this operation did not bring');
    expect(verdict.annotations?.[0]?.statusMessage).toMatch(/^not new: line \d+: Action\.Categroy/);
  });

  test('is refused for a new fault beside the old one, which comes first', () => {
    const worse = with_('MONTHLY', 'MONTHYL', misspelt);
    const verdict = updated(worse, misspelt);
    expect(statusOf(verdict)).toEqual(['FAILED', 'value FAILED', 'unknown-property SKIPPED']);
    expect(verdict.message).toMatch(/^1 fault .*: value, line/);
  });

  test.each([
    ['was sound', sound],
    ['is no template', '{'],
    ['is missing', ''],
  ])('is refused where the template of before %s', (_what, previous) => {
    expect(updated(misspelt, previous).hookStatus).toBe('FAILED');
  });
});

describe('a change set', () => {
  test('is not refused for a fault inside a resource that it leaves alone', () => {
    expect(statusOf(changing(misspelt, 'Key'))).toEqual(['SUCCESS', 'unknown-property SKIPPED']);
  });

  test('is refused for a fault inside a resource that it changes', () => {
    expect(changing(misspelt, 'Key', 'Action').hookStatus).toBe('FAILED');
  });

  test('is refused for a fault between resources, wherever it is reported', () => {
    const text = with_('IntegrationId: !Ref Integration', 'IntegrationId: !Ref Integrations');
    expect(changing(text, 'Key').hookStatus).toBe('FAILED');
  });

  test('that changes nothing is not refused for a fault inside a resource, only for one between resources', () => {
    expect(statusOf(changing(misspelt))).toEqual(['SUCCESS', 'unknown-property SKIPPED']);
    const text = with_('IntegrationId: !Ref Integration', 'IntegrationId: !Ref Integrations');
    expect(changing(text).hookStatus).toBe('FAILED');
  });

  test('is refused for any fault where it does not say what it changes', () => {
    expect(judge(JSON.stringify({ template: misspelt, changedResources: 'all' })).hookStatus).toBe('FAILED');
    expect(judge(JSON.stringify({ template: misspelt })).hookStatus).toBe('FAILED');
  });
});

describe('a type that is nearly one of ours', () => {
  const with1 = (token: string, more = '') =>
    `Parameters: { Prefix: { Type: String, Default: genesys-cloud } }
Resources:
  Theirs: { Type: Custom::GenesysIntegration, Properties: { ServiceToken: ${token} } }
${more}`;
  const ofTheirs = '!GetAtt Function.Arn';
  const key = (token: string) =>
    `  Key: { Type: Custom::GenesysRecordingKey, Properties: { ServiceToken: ${token}, ServiceTimeout: 300, KeyAliasArn: !ImportValue key } }`;

  test.each([
    ['a token of others', with1(ofTheirs)],
    ['no token', 'Resources: { Theirs: { Type: Custom::GenesysIntegration } }'],
    ['a token of others beside one of ours', with1(ofTheirs, key('!ImportValue genesys-cloud-ServiceToken'))],
  ])('may be one of others where it has %s, which validate cannot tell', (_what, text) => {
    expect(statusOf(judge(JSON.stringify({ template: text })))).toEqual(['SUCCESS']);
    expect(validateTemplate('template', text).findings.map(({ rule }) => rule)).toContain('type');
  });

  test.each([
    ["the provider's export", with1('!ImportValue genesys-cloud-ServiceToken')],
    [
      "the provider's export by a parameter",
      with1("{ 'Fn::ImportValue': { 'Fn::Sub': '${Prefix}-ServiceToken' } }"),
    ],
    [
      "the provider's function",
      with1('arn:aws:lambda:eu-west-1:111122223333:function:genesys-cloud-provider'),
    ],
    ['the token of one of ours', with1('!ImportValue acme', key('!ImportValue acme'))],
  ])('is misspelt where it has %s', (_what, text) => {
    expect(statusOf(judge(JSON.stringify({ template: text })))).toEqual(['FAILED', 'type FAILED']);
  });
});

describe('an answer', () => {
  const many = Array.from(
    { length: 300 },
    (_, i) => `  A${i}: { Type: Custom::GenesysDataAction, Properties: { ${'x'.repeat(90)}${i}: 1 } }`,
  );
  const verdict = judge(JSON.stringify({ template: `Resources:\n${many.join('\n')}` }));

  test('has a message of 1,024 characters at most, with the number of faults and the first one in front', () => {
    const { message } = answerOf(verdict, 'token');
    expect(message).toMatch(
      /^\d{4} faults in the resources of Genesys Cloud\. The first: [a-z-]+, line 2: A0/,
    );
    expect(message.length).toBeLessThanOrEqual(1024);
    expect(answerOf(notJudged('x'.repeat(5000)), undefined).message).toHaveLength(1024);
  });

  test('has a hundred annotations at most, and the last one says how many are missing', () => {
    const { annotations = [] } = answerOf(verdict, 'token');
    expect(annotations).toHaveLength(100);
    expect(annotations.at(-1)?.statusMessage).toMatch(
      new RegExp(`^${(verdict.annotations?.length ?? 0) - 99} more are not listed`),
    );
    expect(JSON.stringify(annotations).length).toBeLessThan(250_000);
  });

  test('has no sign of a template with hostile texts but inside of JSON', () => {
    const text = with_('MONTHLY', '"\\u0000\\u001b[31m\\n</script>\\uD800"');
    const answer = JSON.stringify(answerOf(judge(JSON.stringify({ template: text })), 'token'));
    expect(JSON.parse(answer).hookStatus).toBe('FAILED');
  });
});

describe('no secret of the template is in a verdict', () => {
  const canary = 'canary-5f2d8e1b';

  test('the default of a NoEcho parameter is masked, wherever a message would repeat it', () => {
    const text = with_('Category: Orders', `Category: Orders\n      ${canary}: 1`).replace(
      'Parameters:\n',
      `Parameters:\n  Password: { Type: String, NoEcho: true, Default: ${canary} }\n`,
    );
    const verdict = judge(JSON.stringify({ template: text }));
    expect(verdict.hookStatus).toBe('FAILED');
    expect(JSON.stringify(verdict)).toContain('[redacted]');
    expect(JSON.stringify(verdict)).not.toContain(canary);
  });

  test.each([
    ['a header', "x-order: '${input.orderId}'", `authorization: 'Bearer ${canary}'`],
    ['the body', '\'{"order":', `'{"password": "${canary}", "order":`],
  ])('a literal in %s is not repeated by another fault', (_what, old, replacement) => {
    const text = misspelt.replace(old, () => replacement);
    expect(text).toContain(canary);
    expect(JSON.stringify(judge(JSON.stringify({ template: text })))).not.toContain(canary);
  });
});
