/** The roles of a template with what their policies allow, as they stand once the stack is deployed. */
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import {
  type Json,
  type JsonObject,
  type Resource,
  readTemplate,
  templateFiles,
} from '../../scripts/build/templates/template.ts';
import { arn } from './policies/court.ts';

export interface Statement {
  /** Template, policy and Sid, such as `provider.yaml CorePolicy LogIn`. */
  name: string;
  effect: 'Allow' | 'Deny';
  actions: string[];
  resources: string[];
  condition: Record<string, Record<string, string[]>>;
}

export interface Role {
  /** Template and logical id. */
  name: string;
  scenario: string;
  /** Template and logical id of each policy. */
  attached: string[];
  statements: Statement[];
  policies: Json[];
}

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** Values of Ref and GetAtt as AWS gives them to a resource of the type. */
function deployedValue(type: string, id: string, attribute: string | undefined): string | undefined {
  const name = id.toLowerCase();
  const secret = arn('secretsmanager', `secret:${name}-AbCdEf`);
  const values: Record<string, Record<string, string>> = {
    'AWS::Logs::LogGroup': { Arn: arn('logs', `log-group:${name}:*`) },
    'AWS::SQS::Queue': { Arn: arn('sqs', name) },
    'AWS::Lambda::Function': { Arn: arn('lambda', `function:${name}`), Ref: name },
    'AWS::Lambda::Alias': { Ref: arn('lambda', `function:handler:${name}`) },
    'AWS::DynamoDB::Table': { Arn: arn('dynamodb', `table/${name}`), Ref: name },
    'AWS::S3::Bucket': { Arn: `arn:aws:s3:::${name}`, Ref: name },
    'AWS::KMS::Key': { Arn: arn('kms', 'key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f') },
    'AWS::SecretsManager::Secret': { Id: secret, Ref: secret },
    'AWS::ApiGateway::RestApi': { Ref: 'a1b2c3d4e5' },
  };
  return values[type]?.[attribute ?? 'Ref'];
}

function statementsIn(name: string, policy: JsonObject): Statement[] {
  return list(policy['Statement'] as JsonObject[]).map((statement, i) => {
    const condition = Object.entries((statement['Condition'] ?? {}) as Record<string, JsonObject>).map(
      ([operator, keys]) => [
        operator,
        Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, list(value).map(String)])),
      ],
    );
    return {
      name: `${name} ${statement['Sid'] ?? i + 1}`,
      effect: statement['Effect'] as 'Allow' | 'Deny',
      actions: list(statement['Action']).map(String),
      resources: list(statement['Resource']).map(String),
      condition: Object.fromEntries(condition),
    };
  });
}

/** Logical ids of the policies of a role: those that it names, and those that name it. */
export function attachedTo(resources: Record<string, Resource>, role: string): string[] {
  const named = list(resources[role]?.Properties?.['ManagedPolicyArns'])
    .map((one) => (one as JsonObject)['Ref'])
    .filter((one): one is string => typeof one === 'string');
  const naming = Object.keys(resources).filter((id) =>
    list(resources[id]?.Properties?.['Roles']).some((one) => (one as JsonObject)['Ref'] === role),
  );
  return [...named, ...naming];
}

export interface Deployment {
  file: string;
  scenario: string;
  /** References that order the creation stay as they are, except inside of policies. */
  resources: Record<string, Resource>;
}

/** Every template under each of its scenarios. */
export function deployedResources(): Deployment[] {
  return templateFiles().flatMap((file) => {
    const template = readTemplate(file);
    const { base = {}, variations = {} } = scenarios[file] ?? {};
    return [['least', {}] as const, ...Object.entries(variations)].map(([scenario, change]) => {
      const parameters = { ...base, ...change };
      const ordered = resolve(template, parameters).Resources;
      const valued = resolve(template, parameters, {
        attributes: (id, attribute) => deployedValue(template.Resources[id]?.Type ?? '', id, attribute),
      }).Resources;
      const resources = Object.entries(ordered).map(([id, resource]) => [
        id,
        resource.Type.startsWith('AWS::IAM::') ? valued[id] : resource,
      ]);
      return { file, scenario, resources: Object.fromEntries(resources) };
    });
  });
}

/** Every role of every template, under each of its scenarios. */
export const roles = (): Role[] =>
  deployedResources().flatMap(({ file, scenario, resources }) =>
    Object.entries(resources)
      .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
      .map(([id]) => {
        const attached = attachedTo(resources, id);
        const documents = attached.map(
          (policy) => [policy, resources[policy]?.Properties?.['PolicyDocument'] as JsonObject] as const,
        );
        return {
          name: `${file} ${id}`,
          scenario,
          attached: attached.map((policy) => `${file} ${policy}`),
          policies: documents.map(([, document]) => document),
          statements: documents.flatMap(([policy, document]) => statementsIn(`${file} ${policy}`, document)),
        };
      }),
  );
