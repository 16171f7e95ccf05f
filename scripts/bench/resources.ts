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

function declaration(Type: string, Properties: Properties): ResourceDeclaration {
  return { Type, Properties: { ServiceTimeout: 600, ...Properties } } as ResourceDeclaration;
}
