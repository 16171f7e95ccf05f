/** The resources that the bench makes: declarations as the CloudFormation driver takes them. */
import type { ResourceDeclaration } from '../../local/cloudformation/template.ts';

type Properties = Record<string, unknown>;

/** A data action of ordinary size: contract, headers, translation map. */
export const dataAction = (integrationId: string, name: string, properties: Properties = {}) =>
  declaration('Custom::GenesysDataAction', {
    IntegrationId: integrationId,
    Name: name,
    Category: 'Orders',
    TimeoutSeconds: 10,
    Contract: {
      Input: {
        type: 'object',
        properties: { orderId: { type: 'string', minLength: 1 }, customerId: { type: 'string' } },
        required: ['orderId'],
        additionalProperties: false,
      },
      Output: {
        type: 'object',
        properties: { total: { type: 'number' }, currency: { type: 'string' }, status: { type: 'string' } },
        additionalProperties: true,
      },
    },
    Request: {
      UrlTemplate: 'arn:aws:lambda:us-east-1:000000000000:function:orders',
      Type: 'POST',
      Template: '{"orderId": "$!{input.orderId}"}',
      Headers: { 'x-caller': 'flow' },
    },
    Response: { TranslationMap: { total: '$.total' }, TranslationMapDefaults: { total: '0' } },
    ...properties,
  });

export const integration = (properties: Properties = {}) =>
  declaration('Custom::GenesysAwsIntegration', {
    Name: 'Billing',
    RoleArn: 'arn:aws:iam::000000000000:role/orders',
    Enabled: true,
    ...properties,
  });

export const recordingKey = (properties: Properties = {}) =>
  declaration('Custom::GenesysRecordingKey', {
    KeyAliasArn: 'arn:aws:kms:us-east-1:000000000000:alias/recordings',
    ...properties,
  });

/** A resource type as the section `calls` measures it. */
export interface Sample {
  typeName: string;
  /** A resource of that name, where the type has names. */
  declare(name: string, integrationId: string, properties?: Properties): ResourceDeclaration;
  /** Properties that an update changes in place. */
  change: Properties;
}

/** A sample of every resource type, by the name that the tables show. */
export const samples = {
  'data action': {
    typeName: 'Custom::GenesysDataAction',
    declare: (name, integrationId, properties) => dataAction(integrationId, name, properties),
    change: { TimeoutSeconds: 20 },
  },
  integration: {
    typeName: 'Custom::GenesysAwsIntegration',
    declare: (Name, _, properties) => integration({ Name, ...properties }),
    change: { Notes: 'changed' },
  },
  'recording key': {
    typeName: 'Custom::GenesysRecordingKey',
    declare: (_name, _integrationId, properties) => recordingKey(properties),
    change: { RotationPeriod: 'YEARLY' },
  },
} satisfies Record<string, Sample>;

function declaration(Type: string, Properties: Properties): ResourceDeclaration {
  return { Type, Properties: { ServiceTimeout: 600, ...Properties } } as ResourceDeclaration;
}
