import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Finding } from '../../cli/validate/findings.ts';
import { validateTemplate } from '../../cli/validate/validate.ts';

const root = resolve(import.meta.dirname, '../..');
const broken = join(import.meta.dirname, 'broken');
const read = (file: string) => readFileSync(file, 'utf8');
const sound = read(join(import.meta.dirname, 'sound/lambda.yaml'));

/** `<rule> at line <n>: <path>`, as the first line of each broken template has it. */
const lineOf = ({ rule, line, path }: Finding) => `${rule} at line ${line}${path === '' ? '' : `: ${path}`}`;
const found = (text: string, file = 'template.yaml') => validateTemplate(file, text).findings.map(lineOf);

describe('in a template with one fault that one is found, at its line, and nothing else:', () => {
  test.each(readdirSync(broken))('%s', (name) => {
    const text = read(join(broken, name));
    expect(found(text)).toEqual([text.split('\n')[0]?.replace('# ', '')]);
  });
});

test('there are broken templates for every rule', () => {
  const rules = readdirSync(broken).map((name) => read(join(broken, name)).split(' ')[1]);
  expect([...new Set(rules)].sort()).toEqual(
    read(join(root, 'cli/validate/findings.ts'))
      .match(/(?<=^ {2}\| ')[a-z-]+/gm)
      ?.filter((rule) => rule !== 'template')
      .sort(),
  );
  expect(rules.length).toBeGreaterThanOrEqual(40);
});

test('every finding says what to do', () => {
  for (const name of readdirSync(broken)) {
    for (const { message, fix, column } of validateTemplate(name, read(join(broken, name))).findings) {
      expect(message).not.toBe('');
      expect(fix).toMatch(/^[A-Z].{8,}/s);
      expect(column).toBeGreaterThan(0);
    }
  }
});

const templates = readdirSync(join(root, 'templates'), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'));

test.each(templates)('the project’s own %s is sound', (name) => {
  expect(found(read(join(root, 'templates', name)))).toEqual([]);
});

test('the template that the broken ones are made from is sound, and every resource in it is seen', () => {
  expect(validateTemplate('sound.yaml', sound)).toEqual({ resources: 3, findings: [] });
});

/** The valid template with one text, which it holds once, replaced by another. */
function with_(old: string, replacement: string): string {
  expect(sound.split(old)).toHaveLength(2);
  return sound.replace(old, () => replacement);
}

const template = '\'{"order": "${input.orderId}", "limit": $!{input.limit}}\'';

describe('a value that is right, or that cannot be known before deployment, is no finding:', () => {
  test.each<[string, string]>([
    ['all of the input', with_(template, "'${input.rawRequest}'")],
    [
      'variables and loops of Velocity',
      with_(template, "'#set($n = 1)#foreach($i in [1..2])$i$n#end $!{esc.jsonString($input.orderId)}'"),
    ],
    [
      'stacks that share an integration, some by parameters',
      with_(
        'RoleArn: !GetAtt Role.Arn',
        "RoleArn: !GetAtt Role.Arn\n      SharedWith: [!Ref Stage, 'billing-*', !Sub '${AWS::AccountId}/orders']",
      ),
    ],
    [
      'a body that is no JSON by its header',
      with_(template, "'{${input.orderId}'").replace(
        "x-order: '${input.orderId}'",
        'content-type: text/plain',
      ),
    ],
    [
      'the beginning of an ARN by a parameter',
      with_('arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:', '${Stage}-'),
    ],
    ['a comment in Velocity', with_(template, "'## ${input.nothing}'")],
    ['methods of the input', with_(template, '\'$input.get("orderId") $input.size()\'')],
    [
      'credentials in a header',
      with_("x-order: '${input.orderId}'", "authorization: '${credentials.token}'"),
    ],
    [
      'an escaped placeholder in Fn::Sub',
      with_(template, "!Sub '${!input.orderId} ${Stage} ${AWS::Region}'"),
    ],
    [
      'a variable of the function’s own map',
      with_(template, "!Sub ['${!input.orderId} ${Of}', { Of: !ImportValue x }]"),
    ],
    ['a template made by Fn::Join', with_(template, "!Join ['', ['${input.', !Ref Stage, '}']]")],
    [
      'further inputs, where the contract allows them',
      with_('additionalProperties: false', 'additionalProperties: true').replace('input.limit', 'input.more'),
    ],
    [
      'a contract from elsewhere',
      with_('Look up order', 'Look up order')
        .replace(
          /Contract:[\s\S]*? {6}Request:/,
          "Contract: { Input: !ImportValue in, Output: '{}' }\n      Request:",
        )
        .replaceAll('input.orderId', 'input.any'),
    ],
    ['numbers as text', with_('TimeoutSeconds: 10', "TimeoutSeconds: '10'")],
    ['a parameter in the place of an enumeration', with_('MONTHLY', '!Ref Stage')],
    ['a branch that leaves a property out', with_('MONTHLY', '!If [IsTest, DAILY, !Ref AWS::NoValue]')],
    ['a required property by Fn::If', with_('Category: Orders', 'Category: !If [IsTest, Test, Orders]')],
    ['an id by parameter', with_('IntegrationId: !Ref Integration', 'IntegrationId: !Ref Stage')],
    ['an id from another stack', with_('IntegrationId: !Ref Integration', 'IntegrationId: !ImportValue id')],
    [
      'the attribute that is the id',
      with_('IntegrationId: !Ref Integration', 'IntegrationId: !GetAtt Integration.IntegrationId'),
    ],
    [
      'a token from the parameter store',
      with_(
        "    Type: Custom::GenesysRecordingKey\n    Properties:\n      ServiceToken:\n        Fn::ImportValue: !Sub '${ExportPrefix}-ServiceToken'\n",
        "    Type: Custom::GenesysRecordingKey\n    Properties:\n      ServiceToken: '{{resolve:ssm:/genesys-cloud/provider/service-token}}'\n",
      ),
    ],
    [
      'custom resources of others',
      with_('Custom::GenesysRecordingKey', 'Custom::GenesysConnectivityCheck').replace(
        /ServiceToken:\n.*\n(?= {6}KeyAliasArn)/,
        'ServiceToken: !GetAtt Check.Arn\n',
      ),
    ],
    [
      'an order through another resource',
      with_('    DependsOn: InvokePolicy\n', '    DependsOn: Between\n').replace(
        'Outputs:',
        '  Between: { Type: AWS::SNS::Topic, DependsOn: InvokePolicy }\nOutputs:',
      ),
    ],
    [
      'two keys under conditions',
      with_(
        'Outputs:',
        '  Other:\n    Type: Custom::GenesysRecordingKey\n    Condition: IsOther\n    Properties: { ServiceToken: !Ref Stage, ServiceTimeout: 300, KeyAliasArn: !Ref Stage }\nOutputs:',
      ),
    ],
    [
      'values of the parameter store and of secrets',
      with_('MONTHLY', "'{{resolve:ssm:/recordings/rotation}}'")
        .replace('TimeoutSeconds: 10', "TimeoutSeconds: '{{resolve:ssm:/orders/seconds}}'")
        .replace('Type: POST', "Type: !Sub '{{resolve:ssm:/orders/method}}'")
        .replace(/Output:\n[\s\S]*?\n {6}Request/, "Output: '{{resolve:ssm:/orders/output}}'\n      Request"),
    ],
    [
      'a token from a parameter',
      sound.replaceAll(
        "      ServiceToken:\n        Fn::ImportValue: !Sub '${ExportPrefix}-ServiceToken'\n",
        "      ServiceToken: '{{resolve:ssm:/provider/token}}'\n",
      ),
    ],
    [
      'macros of Genesys Cloud in the success template',
      with_(
        'SuccessTemplate: \'{"state": ${state}}\'',
        'SuccessTemplate: \'{"a": $math.round($state), "b": "$encoding.base64($state)", "c": $esc.jsonEncode($!{state}), "d": "$urlTool.optionalQueryParam("a", $state)", "e": $successTemplateUtils.firstFromArray($state)}\'',
      ),
    ],
    [
      'macros of Genesys Cloud in a request, and macros of its own',
      with_(
        template,
        '\'#macro(pair $key $value)"$key": "$value"#end{#pair("order", $input.orderId), "n": $math.add($input.limit, 1)}\'',
      ),
    ],
    [
      'properties that are included as a whole',
      with_(
        'Outputs:',
        '  Included:\n    Type: Custom::GenesysDataAction\n    Properties:\n      Fn::Transform: { Name: AWS::Include, Parameters: { Location: s3://a/b.yaml } }\nOutputs:',
      ),
    ],
    ...[
      'AWS::CloudFormation::CustomResource',
      'Acme::Genesys::Integration',
      'Acme::Genesys::Integration::MODULE',
    ].map((type): [string, string] => [
      `an id from ${type}`,
      with_('IntegrationId: !Ref Integration', 'IntegrationId: !GetAtt Other.Id').replace(
        'Outputs:',
        `  Other: { Type: '${type}', Properties: { ServiceToken: !Ref Stage } }\nOutputs:`,
      ),
    ]),
    [
      'an input that one of two contracts has',
      with_(
        '        Input:\n',
        '        Input: !If [IsTest, { type: object, properties: { orderId: { type: string }, trial: { type: string } } }, { type: object, properties: { orderId: { type: string }, limit: { type: integer } } }]\n        Unused:\n',
      )
        .replace(/ {8}Unused:\n(?: {10}.*\n)+/, '')
        .replace(
          "x-order: '${input.orderId}'",
          "x-order: !If [IsTest, '${input.trial}', '${input.orderId}']",
        ),
    ],
    ['an included part', with_('      Category: Orders\n', '      Fn::Transform: { Name: AWS::Include }\n')],
    [
      'a template that is transformed',
      `Transform: AWS::LanguageExtensions\n${with_('IntegrationId: !Ref Integration', 'IntegrationId: !Ref Looped')}`,
    ],
    [
      'a date that nobody quoted',
      with_("AWSTemplateFormatVersion: '2010-09-09'", 'AWSTemplateFormatVersion: 2010-09-09'),
    ],
  ])('%s', (_what, text) => {
    expect(found(text)).toEqual([]);
  });
});

/** The valid template with every function in its long form. */
const longForm = parse(sound, {
  logLevel: 'silent',
  customTags: [
    { tag: '!Ref', resolve: (name: string) => ({ Ref: name }) },
    { tag: '!Sub', resolve: (text: string) => ({ 'Fn::Sub': text }) },
    { tag: '!GetAtt', resolve: (path: string) => ({ 'Fn::GetAtt': path.split('.') }) },
  ],
});

describe('a reference to a secret is found wherever the template has it:', () => {
  const secret = '{{resolve:secretsmanager:orders/api:SecretString:token}}';
  const header = (value: string) => with_("x-order: '${input.orderId}'", value);
  const declared = (text: string) => header('x-order: !Ref Header').replace('Parameters:\n', text);
  test.each<[string, string, string]>([
    [
      'in pieces of Fn::Join',
      header("x-order: !Join [':', ['{{resolve', secretsmanager, !Ref Stage, 'SecretString}}']]"),
      'secret-reference at line 60: Action.Request.Headers.x-order',
    ],
    [
      'in one piece of Fn::Join, once',
      header("x-order: !Join ['', ['{{resolve:secretsmanager:', !Ref Stage, '}}']]"),
      'secret-reference at line 60: Action.Request.Headers.x-order.1.0',
    ],
    ['in a name', header(`'${secret}': x`), `secret-reference at line 60: Action.Request.Headers.${secret}`],
    [
      'in the default of a parameter that the resource refers to',
      declared(`Parameters:\n  Header: { Type: String, Default: '${secret}' }\n`),
      'secret-reference at line 4: Parameters.Header.Default',
    ],
    [
      'in a mapping that the resource looks into',
      header('x-order: !FindInMap [Headers, !Ref Stage, order]').replace(
        'Parameters:\n',
        `Mappings:\n  Headers: { test: { order: '${secret}' } }\nParameters:\n`,
      ),
      'secret-reference at line 4: Mappings.Headers.test.order',
    ],
  ])('%s', (_, text, finding) => {
    expect(found(text)).toEqual([finding]);
  });

  test('the default of a parameter that only other resources take is none of it', () => {
    const text = `Parameters:\n  Header: { Type: String, Default: '${secret}' }\n`;
    expect(found(sound.replace('Parameters:\n', text))).toEqual([]);
  });
});

test('JSON is judged as YAML is, at its own lines', () => {
  expect(found(JSON.stringify(longForm, null, 2))).toEqual([]);
  expect(found(JSON.stringify(longForm, null, '\t'))).toEqual([]);
  const faulty = structuredClone(longForm);
  faulty.Resources.Action.Properties.TimeoutSeconds = 90;
  faulty.Resources.Action.Properties.Request.Template = { 'Fn::Sub': '${input.orderId}' };
  const text = JSON.stringify(faulty, null, 2);
  const lineOf = (what: string) => text.split('\n').findIndex((line) => line.includes(what)) + 1;
  expect(found(text)).toEqual([
    `value at line ${lineOf('"TimeoutSeconds"')}: Action.TimeoutSeconds`,
    `sub at line ${lineOf('"Template"')}: Action.Request.Template`,
  ]);
});

test('resources inside of loops are judged too', () => {
  const { Action, ...others } = longForm.Resources;
  Action.Properties.TimeoutSeconds = 90;
  const looped = {
    ...longForm,
    Transform: 'AWS::LanguageExtensions',
    Resources: { ...others, 'Fn::ForEach::Actions': ['Name', ['One', 'Two'], { 'Action${Name}': Action }] },
  };
  expect(found(stringify(looped)).map((finding) => finding.replace(/line \d+/, 'line n'))).toEqual([
    'value at line n: Action${Name}.TimeoutSeconds',
  ]);
});

test('a file that is no template is said to be none', () => {
  for (const text of ['', 'just text', '{"a": 1}', 'Resources: []'])
    expect(found(text)).toEqual(['template at line 1']);
});

describe('a name that every object inherits is judged as any other:', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__'];
  const judged = (properties: string) =>
    validateTemplate(
      'x.json',
      `{"Resources":{"A":{"Type":"Custom::GenesysDataAction","Properties":${properties}}}}`,
    )
      .findings.filter(({ rule, severity }) => rule !== 'required' && severity === 'error')
      .map(({ rule, path }) => `${rule}: ${path}`);

  test.each(names)('%s as a property', (name) => {
    expect(judged(`{"${name}": "x"}`)).toEqual([`unknown-property: A.${name}`]);
    expect(judged(`{"Request": {"${name}": "x"}}`)).toEqual([`unknown-property: A.Request.${name}`]);
    expect(judged(`{"Definition": {"S3": {"${name}": "x", "Sha256": "${'a'.repeat(64)}"}}}`)).toEqual([
      `unknown-property: A.Definition.S3.${name}`,
    ]);
  });

  test.each(names)('%s where names are free', (name) => {
    const template = `"Template": "\${input.${name}}"`;
    const contract = '"Contract": {"Input": {"properties": {"orderId": {"type": "string"}}}}';
    expect(judged(`{${contract}, "Request": {${template}}}`)).toEqual(['placeholder: A.Request.Template']);
    const map = `"TranslationMap": {"${name}": "$.a"}`;
    expect(judged(`{"Response": {${map}, "TranslationMapDefaults": {"${name}": "1"}}}`)).toEqual([]);
    expect(judged(`{"Response": {"TranslationMapDefaults": {"${name}": "1"}}}`)).toEqual([
      `placeholder: A.Response.TranslationMapDefaults.${name}`,
    ]);
    expect(judged(`{"Definition": {"${name}": "x"}}`)).toEqual([]);
  });
});

describe('what is wrong is said as the provider says it:', () => {
  const first = (text: string) => validateTemplate('x', text).findings[0];

  test('a value that is nearly one of a list names that one', () => {
    expect(first(with_('MONTHLY', 'Monthly'))).toMatchObject({
      message: 'must be one of DISABLED, DAILY, WEEKLY, MONTHLY, YEARLY',
      fix: 'Write MONTHLY.',
    });
    expect(first(with_('MONTHLY', 'HOURLY'))?.fix).not.toMatch(/^Write/);
  });

  test('a type of the contract that is nearly one of JSON Schema names that one, at its place', () => {
    expect(first(with_('orderId: { type: string }', 'orderId: { type: strin }'))).toMatchObject({
      line: 48,
      path: 'Action.Contract.Input.properties.orderId.type',
      message: 'must be one of string, integer, number, boolean, null, object, array',
      fix: 'Write string.',
    });
  });

  test('a place in an inline definition, with its path', () => {
    const file = { config: { request: { requestTemplateUri: '/templates/requesttemplate.vm' } } };
    const found = (definition: unknown) =>
      first(
        with_(
          '      Category: Orders\n',
          `      Definition: ${JSON.stringify(definition)}\n      Category: Orders\n`,
        ),
      );
    const said = {
      rule: 'definition',
      line: 42,
      path: 'Action.Definition.config.request.requestTemplateUri',
      message: expect.stringMatching(/^names a template that is not in the file/),
    };
    expect(found(file)).toMatchObject({ ...said, column: 62 });
    expect(found(JSON.stringify(file))).toMatchObject({ ...said, column: 19 });
  });

  test('a group that is no object, once', () => {
    const text = with_('      Category: Orders\n', '      Definition: { S3: x }\n');
    expect(validateTemplate('x', text).findings).toMatchObject([
      { rule: 'value', path: 'Action.Definition.S3', message: 'must be an object' },
    ]);
  });

  test('each property of another type of integration', () => {
    const credential = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:/genesys/credentials/a-123456';
    const text = with_(
      '      RoleArn: !GetAtt Role.Arn\n',
      `      RoleArn: !GetAtt Role.Arn\n      CredentialType: basicAuth\n      CredentialsSecretArn: ${credential}\n`,
    );
    const problem = 'belongs to IntegrationType custom-rest-actions; aws-lambda-data-actions takes RoleArn';
    expect(validateTemplate('x', text).findings).toMatchObject([
      { rule: 'combination', line: 34, path: 'Integration.CredentialType', message: problem },
      { rule: 'combination', line: 35, path: 'Integration.CredentialsSecretArn', message: problem },
    ]);
  });

  test('a syntax error, in one line without its place', () => {
    expect(first('Resources: { A: [}')).toMatchObject({
      rule: 'syntax',
      line: 1,
      message: expect.not.stringMatching(/\n|at line/),
    });
  });
});

/** Every place in a template, as a way to put something else there. */
function* places(value: unknown, put: (part: unknown) => unknown): Generator<(part: unknown) => unknown> {
  yield put;
  if (value === null || typeof value !== 'object') return;
  for (const [name, part] of Object.entries(value)) {
    yield* places(part, (other) =>
      put(Array.isArray(value) ? value.with(Number(name), other) : { ...value, [name]: other }),
    );
  }
}

test('any value in any place of a template gets a verdict', () => {
  const strange = [null, 'x', 1, [null], { x: null }, { Ref: [] }, { 'Fn::Sub': [] }, { 'Fn::If': ['a'] }];
  let verdicts = 0;
  for (const put of places(longForm, (part) => part)) {
    for (const part of strange) {
      expect(Array.isArray(validateTemplate('x.json', JSON.stringify(put(part))).findings)).toBe(true);
      verdicts += 1;
    }
  }
  expect(verdicts).toBeGreaterThan(500);
});

test('a merge key brings the properties of its anchor, and a property beside it wins', () => {
  const text = with_(
    '    Type: Custom::GenesysRecordingKey\n    Properties:\n',
    '    Type: Custom::GenesysRecordingKey\n    Properties: &key\n',
  ).replace(
    'Outputs:',
    '  OtherKey:\n    Type: Custom::GenesysRecordingKey\n    Condition: IsOther\n    Properties:\n      <<: *key\n      RotationPeriod: sometimes\nOutputs:',
  );
  const findings = found(text).map((finding) => finding.replace(/ at line \d+/, ''));
  expect(findings).toEqual(['alias', 'value: OtherKey.RotationPeriod']);
});
