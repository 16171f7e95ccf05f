/**
 * A court judges policies: each row of its table is a request with the answer that the policies must give.
 */
import { type Resolved, resolve } from '../../../scripts/build/templates/resolve.ts';
import { account, genesysAccount, scenarios } from '../../../scripts/build/templates/scenarios.ts';
import { type JsonObject, readTemplate } from '../../../scripts/build/templates/template.ts';
import { noResource, type Policies, type Request } from '../judge.ts';

/** Resolves with ARNs in place of references, as in the deployed policies. */
export function deployed(
  file: string,
  variation: Record<string, string>,
  attributes: Record<string, string> = {},
  imports: Record<string, string> = {},
): Resolved {
  return resolve(
    readTemplate(file),
    { ...scenarios[file]?.base, ...variation },
    {
      imports,
      attributes: (id, attribute) => attributes[attribute === undefined ? id : `${id}.${attribute}`],
    },
  );
}

/** The policy document among a resource's properties, such as PolicyDocument or KeyPolicy. */
export function document({ Resources }: Resolved, id: string, property = 'PolicyDocument'): JsonObject {
  const policy = Resources[id]?.Properties?.[property];
  if (policy === undefined) throw new Error(`${id} has no ${property}`);
  return policy as JsonObject;
}

export interface Row extends Request {
  /** Policy of the resource, where the answer depends on it and it is not judged itself. */
  resourcePolicy?: JsonObject;
  /** The statement that the question is about. */
  statement: string;
  allowed: boolean;
}

export const statementsOf = (policy: JsonObject) => policy['Statement'] as JsonObject[];
export const sidsOf = (policy: JsonObject) =>
  statementsOf(policy).map((statement, i) => String(statement['Sid'] ?? i + 1));

export interface Court {
  name: string;
  /** Policies under judgement. */
  policies: Policies;
  /** Statements that need a row each, by policy. Without `sids`: all of its statements. */
  judged: { policy: JsonObject; sids?: string[] }[];
  /** Account of the resources. */
  owner?: string;
  rows: Row[];
}

export const region = 'eu-west-1';
export const arn = (service: string, resource: string, where = region, owner = account) =>
  `arn:aws:${service}:${where}:${owner}:${resource}`;
export const everything: JsonObject = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' }],
};
export const genesysRole = `arn:aws:iam::${genesysAccount}:role/some-role-of-genesys`;
export const strangerRole = 'arn:aws:iam::999988887777:role/stranger';
export const deployer = `arn:aws:iam::${account}:role/deployer`;
export const actionRole = `arn:aws:iam::${account}:role/data-actions`;

/** A key as AWS makes it: its policy leaves the use of the key to the IAM policies of the account. */
export const ordinaryKey: JsonObject = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
  ],
};

/** A row of the table. */
export const request = (
  statement: string,
  allowed: boolean,
  principal: string,
  action: string,
  resource: string,
  context: Row['context'] = {},
): Row => ({ statement, allowed, principal, action, resource, context });

/** Questions about the statement WriteOwnLogs of a function with a named log group. */
export const ownLogs = (role: string, group: string): Row[] => [
  request('WriteOwnLogs', true, role, 'logs:PutLogEvents', arn('logs', `log-group:${group}:log-stream:one`)),
  request(
    'WriteOwnLogs',
    true,
    role,
    'logs:CreateLogStream',
    arn('logs', `log-group:${group}:log-stream:one`),
  ),
  request('WriteOwnLogs', false, role, 'logs:PutLogEvents', arn('logs', 'log-group:others:log-stream:one')),
  request('WriteOwnLogs', false, role, 'logs:CreateLogGroup', arn('logs', `log-group:${group}`)),
];

/**
 * Questions about the policy that lets Lambda attach a function to a VPC. `denial` keeps the function itself
 * from using it.
 */
export const attachment = (role: string, denial: string, functionArn: string): Row[] => {
  const subnet = arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa');
  const itself = { 'lambda:SourceFunctionArn': functionArn };
  const ask = (statement: string, allowed: boolean, action: string, resource: string) =>
    request(statement, allowed, role, action, resource);
  return [
    ask('CreateInterfaces', true, 'ec2:CreateNetworkInterface', subnet),
    // A shared subnet belongs to another account.
    ask(
      'CreateInterfaces',
      true,
      'ec2:CreateNetworkInterface',
      arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa', region, '444455556666'),
    ),
    ask(
      'CreateInterfaces',
      false,
      'ec2:CreateNetworkInterface',
      arn('ec2', 'subnet/subnet-0aaaaaaaaaaaaaaaa', 'us-east-1'),
    ),
    ask(
      'CreateInterfaces',
      false,
      'ec2:CreateNetworkInterface',
      arn('ec2', 'security-group/sg-0aaaaaaaaaaaaaaaa', region, '444455556666'),
    ),
    ask('ManageInterfaces', true, 'ec2:DeleteNetworkInterface', noResource),
    ask('ManageInterfaces', true, 'ec2:AssignPrivateIpAddresses', noResource),
    ask('ManageInterfaces', true, 'ec2:UnassignPrivateIpAddresses', noResource),
    ask(
      'ManageInterfaces',
      true,
      'ec2:DeleteNetworkInterface',
      arn('ec2', 'network-interface/eni-0aaaaaaaaaaaaaaaa'),
    ),
    ask('ManageInterfaces', true, 'ec2:DescribeNetworkInterfaces', '*'),
    ask('ManageInterfaces', false, 'ec2:DetachNetworkInterface', noResource),
    ask('ManageInterfaces', false, 'ec2:DescribeInstances', '*'),
    ask(denial, true, 'ec2:DescribeSubnets', '*'),
    { ...ask(denial, false, 'ec2:DescribeSubnets', '*'), context: itself },
    { ...ask(denial, false, 'ec2:CreateNetworkInterface', subnet), context: itself },
    { ...ask(denial, false, 'ec2:DeleteNetworkInterface', noResource), context: itself },
  ];
};

/** Only the Lambda service assumes the role of a function. */
export const lambdaTrust = (name: string, policy: JsonObject): Court => ({
  name,
  policies: { resource: policy },
  judged: [{ policy }],
  rows: ['lambda.amazonaws.com', 'ec2.amazonaws.com'].map((service) => ({
    statement: '1',
    allowed: service === 'lambda.amazonaws.com',
    principal: service,
    action: 'sts:AssumeRole',
    resource: actionRole,
  })),
});
