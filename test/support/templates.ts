/** Small templates of a consuming team, which import the provider's ServiceToken. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const serviceToken = { 'Fn::ImportValue': 'genesys-cloud-ServiceToken' };

type Properties = Record<string, unknown>;
export interface Resource {
  Type: string;
  Properties: Properties;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
}

/** Long enough for a provider that waits for a young role. Short enough for a test that hangs. */
const SERVICE_TIMEOUT = 90;

export const integration = (properties: Properties = {}): Resource => ({
  Type: 'Custom::GenesysAwsIntegration',
  Properties: {
    ServiceToken: serviceToken,
    ServiceTimeout: SERVICE_TIMEOUT,
    Name: 'Orders',
    RoleArn: 'arn:aws:iam::000000000000:role/orders',
    Enabled: false,
    ...properties,
  },
});

export const dataAction = (properties: Properties = {}): Resource => ({
  Type: 'Custom::GenesysDataAction',
  Properties: {
    ServiceToken: serviceToken,
    ServiceTimeout: SERVICE_TIMEOUT,
    IntegrationId: { Ref: 'Integration' },
    Name: 'Get order',
    Category: 'Orders',
    TimeoutSeconds: 10,
    Contract: contract,
    Request: { UrlTemplate: 'arn:aws:lambda:us-east-1:000000000000:function:orders', Type: 'POST' },
    ...properties,
  },
});

export const recordingKey = (properties: Properties = {}): Resource => ({
  Type: 'Custom::GenesysRecordingKey',
  Properties: { ServiceToken: serviceToken, ServiceTimeout: SERVICE_TIMEOUT, ...properties },
});

export const contract = {
  Input: {
    type: 'object',
    properties: { orderId: { type: 'string', minLength: 1 } },
    required: ['orderId'],
    additionalProperties: false,
  },
  Output: { type: 'object', properties: { total: { type: 'number' } }, additionalProperties: true },
};

/** A template whose outputs are the ids of its resources. */
export function template(resources: Record<string, Resource>): object {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: resources,
    Outputs: Object.fromEntries(Object.keys(resources).map((id) => [`${id}Id`, { Value: { Ref: id } }])),
  };
}

/** A folder of template files that is removed at the end. */
export async function templateFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'templates-'));
  let count = 0;
  return {
    folder,
    async file(body: object): Promise<string> {
      count += 1;
      const file = join(folder, `${count}.json`);
      await writeFile(file, JSON.stringify(body));
      return file;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
