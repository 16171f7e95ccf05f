/**
 * Templates and provider agree: settings, regions, properties and attributes are what the provider's own code
 * reads.
 */
import { regions } from '../../provider/genesys/regions.ts';
import { parseProperties } from '../../provider/properties/index.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { readSettings } from '../../provider/runtime/settings.ts';
import { functionsOf, packages } from '../../scripts/build/package.ts';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import {
  customerFunction,
  oauthSecret,
  otherOauthSecret,
  providerArn,
  scenarios,
} from '../../scripts/build/templates/scenarios.ts';
import {
  type Json,
  type JsonObject,
  readTemplate,
  templateFiles,
} from '../../scripts/build/templates/template.ts';

const typeNames = resourceTypes.map(({ typeName }) => typeName);
const servedByDefault = resourceTypes.filter((type) => type.servedByDefault).map(({ typeName }) => typeName);

/** CloudFormation sends every scalar to a custom resource as a string. */
function asDelivered(json: Json): Json {
  if (Array.isArray(json)) return json.map(asDelivered);
  if (typeof json !== 'object' || json === null) return String(json);
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, asDelivered(value)]));
}

const sealingSecret =
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:/genesys/sealing/genesys-cloud/0-AbCdEf';
const world = {
  imports: {
    'genesys-cloud-ServiceToken': 'arn:aws:lambda:eu-west-1:111122223333:function:genesys-cloud-provider',
  },
  attributes: (id: string, attribute?: string) =>
    ({
      'CustomerFunction.Arn': customerFunction,
      'DataActionRole.Arn': 'arn:aws:iam::111122223333:role/data-actions',
      'DataActionRole.Outputs.RoleArn': 'arn:aws:iam::111122223333:role/data-actions',
      'Endpoint.Outputs.FunctionArn': customerFunction,
      'EndpointApi.Outputs.ActionsUrl':
        'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/live/actions/',
      'SealingSecret.Id': sealingSecret,
      'EndpointSecret.Id':
        'arn:aws:secretsmanager:eu-west-1:111122223333:secret:/genesys/credentials/endpoint-AbCdEf',
      Integration: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
      RecordingKeyAlias: 'alias/genesys-cloud-recordings',
    })[attribute === undefined ? id : `${id}.${attribute}`],
};

const resources = templateFiles().flatMap((file) => {
  const { base, variations } = scenarios[file] ?? { base: {}, variations: {} };
  return [['least', {}] as const, ...Object.entries(variations)].flatMap(([name, change]) =>
    Object.entries(resolve(readTemplate(file), { ...base, ...change }, world).Resources)
      .filter(([, { Type }]) => resourceTypes.some(({ typeName }) => typeName === Type))
      .map(([id, resource]) => [file, name, id, resource] as const),
  );
});

test.each(resources)(
  '%s (%s): the provider understands the properties of %s',
  (_file, _name, _id, { Type, Properties }) => {
    const type = resourceTypes.find(({ typeName }) => typeName === Type);
    if (type === undefined) throw new Error(`no type ${Type}`);
    expect(() => parseProperties(type.schema, asDelivered(Properties ?? {}) as JsonObject)).not.toThrow();
  },
);

test.each(templateFiles())('%s asks custom resources only for attributes that they have', (file) => {
  const template = readTemplate(file);
  const asked: string[] = [];
  const visit = (json: Json | undefined): void => {
    if (typeof json !== 'object' || json === null) return;
    const [id, attribute] = (Array.isArray(json) ? [] : (json['Fn::GetAtt'] ?? [])) as string[];
    const type = resourceTypes.find(({ typeName }) => typeName === template.Resources[id ?? '']?.Type);
    if (type !== undefined && !type.attributes.includes(attribute ?? '')) asked.push(`${id}.${attribute}`);
    for (const child of Object.values(json)) visit(child);
  };
  visit([template.Resources, template.Outputs ?? {}] as unknown as Json);
  expect(asked).toEqual([]);
});

test('the provider reads the settings that its template gives it', () => {
  const file = 'provider.yaml';
  const variables = (change: Record<string, string>) => {
    const { Resources } = resolve(readTemplate(file), { ...scenarios[file]?.base, ...change }, world);
    const environment = Resources['ProviderFunction']?.Properties?.['Environment'] as {
      Variables: Record<string, string>;
    };
    return readSettings(environment.Variables);
  };
  expect(variables({})).toEqual({
    genesysEnvironment: 'mypurecloud.ie',
    oauthSecretArn: oauthSecret,
    additionalOauthSecretArns: [],
    otherLedgers: false,
    sealingSecretArn: sealingSecret,
    resourceTypes: servedByDefault,
    allowedStacks: [],
    definitionObjectArns: [],
    sharedIntegrationIds: [],
    allowLoopbackResponseUrl: false,
  });
  expect(variables(scenarios[file]?.variations['every option'] ?? {})).toEqual({
    genesysEnvironment: 'mypurecloud.ie',
    oauthSecretArn: oauthSecret,
    additionalOauthSecretArns: [otherOauthSecret],
    apiBaseUrl: 'https://gateway.example.com/api',
    loginBaseUrl: 'https://gateway.example.com/login',
    otherLedgers: false,
    sealingSecretArn: sealingSecret,
    resourceTypes: ['Custom::GenesysDataAction', 'Custom::GenesysRecordingKey'],
    allowedStacks: ['contact-centre-*', 'demo'],
    definitionObjectArns: ['arn:aws:s3:::definitions/actions/*'],
    sharedIntegrationIds: ['05f2e887-c317-49c5-98d9-083b62c43040'],
    allowLoopbackResponseUrl: false,
  });
});

/** Every choice of at least one type: the numbers from 1 on, each bit of which stands for a type. */
const choices = Array.from({ length: 2 ** typeNames.length - 1 }, (_, i) =>
  typeNames.filter((_name, bit) => ((i + 1) >> bit) % 2 === 1),
);

test.each(['provider.yaml', 'stacksets/provider.yaml'])(
  '%s offers the resource types that the provider has, in any combination',
  (file) => {
    const { AllowedValues, Default } = readTemplate(file).Parameters?.['ResourceTypes'] ?? { Type: '' };
    expect(AllowedValues).toEqual([...typeNames].sort());
    expect(String(Default).split(',')).toEqual(servedByDefault);
    for (const choice of choices) {
      const designated = file.startsWith('stacksets/') ? { RecordingKeyProviderArn: providerArn } : {};
      const parameters = { ...scenarios[file]?.base, ...designated, ResourceTypes: choice.join(',') };
      expect(() => resolve(readTemplate(file), parameters)).not.toThrow();
    }
  },
);

test('the function gets the types that were chosen, and its role what they need', () => {
  for (const choice of choices) {
    const parameters = { ...scenarios['provider.yaml']?.base, ResourceTypes: choice.join(',') };
    const { Resources } = resolve(readTemplate('provider.yaml'), parameters, world);
    const environment = Resources['ProviderFunction']?.Properties?.['Environment'] as {
      Variables: Record<string, string>;
    };
    expect(readSettings(environment.Variables).resourceTypes).toEqual(choice);
    expect([choice, 'RecordingKeysPolicy' in Resources]).toEqual([
      choice,
      choice.includes('Custom::GenesysRecordingKey'),
    ]);
  }
});

test("no type's name is part of another's, since the templates' conditions look for a name in the joined list", () => {
  const parts = typeNames.filter((name) => typeNames.some((other) => other !== name && other.includes(name)));
  expect(parts).toEqual([]);
});

test('the check of the recording key reads the settings that its template gives it', () => {
  const file = 'operations.yaml';
  const { Resources } = resolve(
    readTemplate(file),
    { ...scenarios[file]?.variations['every option'] },
    world,
  );
  const environment = Resources['RecordingKeyCheck']?.Properties?.['Environment'] as {
    Variables: Record<string, string>;
  };
  expect(readSettings(environment.Variables)).toMatchObject({
    genesysEnvironment: 'mypurecloud.ie',
    oauthSecretArn: oauthSecret,
    apiBaseUrl: 'https://gateway.example.com/api',
    loginBaseUrl: 'https://gateway.example.com/login',
  });
});

test.each([
  ['provider.yaml', 'provider'],
  ['operations.yaml', 'operations'],
  ['validate-hook.yaml', 'operations'],
  ['oauth-rotation.yaml', 'operations'],
])('%s names handlers that %s.zip has', (file, pack) => {
  const entries = packages
    .filter(({ name }) => name === pack)
    .flatMap((one) => Object.keys(functionsOf(one)));
  const handlers = Object.values(readTemplate(file).Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => String(Properties?.['Handler']).replace(/\.handler$/, ''));
  expect(handlers.length).toBeGreaterThan(0);
  expect(handlers.filter((name) => !entries.includes(name))).toEqual([]);
});

test.each(['provider.yaml', 'operations.yaml', 'oauth-rotation.yaml'])(
  '%s offers exactly the regions that the provider knows, by domain and by AWS Region',
  (file) => {
    const offered = readTemplate(file).Parameters?.['GenesysEnvironment']?.AllowedValues ?? [];
    expect(offered.filter((one) => one !== '').sort()).toEqual(
      regions.flatMap(({ awsRegion, domain }) => [awsRegion, domain]).sort(),
    );
  },
);
