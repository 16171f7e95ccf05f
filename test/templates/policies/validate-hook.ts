/** Policies of validate-hook.yaml. */
import { account } from '../../../scripts/build/templates/scenarios.ts';
import { arn, type Court, deployed, document, lambdaTrust, ownLogs, request, strangerRole } from './court.ts';

const functionRole = `arn:aws:iam::${account}:role/validate-hook-function`;
const executionRole = `arn:aws:iam::${account}:role/validate-hook-execution`;
const hook = deployed(
  'validate-hook.yaml',
  {},
  { 'Logs.Arn': arn('logs', 'log-group:hook:*'), 'Function.Arn': arn('lambda', 'function:hook') },
);
const functionPolicy = document(hook, 'FunctionPolicy');
const invokePolicy = document(hook, 'InvokePolicy');
const trust = document(hook, 'ExecutionRole', 'AssumeRolePolicyDocument');

const assume = (allowed: boolean, principal: string, sourceAccount?: string) => ({
  statement: '1',
  allowed,
  principal,
  action: 'sts:AssumeRole',
  resource: executionRole,
  context: sourceAccount === undefined ? {} : { 'aws:SourceAccount': sourceAccount },
});

export const validateHookCourts: Court[] = [
  {
    name: "the hook's function",
    policies: { identity: [functionPolicy] },
    judged: [{ policy: functionPolicy }],
    rows: [
      ...ownLogs(functionRole, 'hook'),
      request('WriteOwnLogs', false, functionRole, 's3:GetObject', 'arn:aws:s3:::templates/one'),
      request(
        'WriteOwnLogs',
        false,
        functionRole,
        'cloudformation:GetTemplate',
        arn('cloudformation', 'stack/demo/0'),
      ),
    ],
  },
  lambdaTrust("the trust of the hook's function", document(hook, 'FunctionRole', 'AssumeRolePolicyDocument')),
  {
    name: 'what CloudFormation may do for the hook',
    policies: { identity: [invokePolicy] },
    judged: [{ policy: invokePolicy }],
    rows: [
      request('AskTheHook', true, executionRole, 'lambda:InvokeFunction', arn('lambda', 'function:hook')),
      request('AskTheHook', false, executionRole, 'lambda:InvokeFunction', arn('lambda', 'function:other')),
      request(
        'AskTheHook',
        false,
        executionRole,
        'lambda:UpdateFunctionCode',
        arn('lambda', 'function:hook'),
      ),
    ],
  },
  {
    name: 'who may act for the hook',
    policies: { resource: trust },
    judged: [{ policy: trust }],
    rows: [
      assume(true, 'hooks.cloudformation.amazonaws.com', account),
      assume(false, 'hooks.cloudformation.amazonaws.com', '999988887777'),
      assume(false, 'hooks.cloudformation.amazonaws.com'),
      assume(false, 'lambda.amazonaws.com', account),
      assume(false, strangerRole),
    ],
  },
];
