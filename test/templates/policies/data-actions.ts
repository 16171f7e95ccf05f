/** Policies of iam/data-action-role.yaml and examples/quickstart.yaml. */
import {
  apiMethod,
  customerFunction,
  organization,
  otherOrganization,
  scenarios,
} from '../../../scripts/build/templates/scenarios.ts';
import {
  actionRole,
  arn,
  type Court,
  deployed,
  deployer,
  document,
  everything,
  genesysRole,
  lambdaTrust,
  ownLogs,
  type Row,
  strangerRole,
} from './court.ts';

export const dataActionCourts: Court[] = [];

const assume = (principal: string, allowed: boolean, context: Record<string, string>): Row => ({
  statement: 'GenesysCloudForThisOrganization',
  allowed,
  principal,
  action: 'sts:AssumeRole',
  resource: actionRole,
  context,
});
const invoke = (statement: string, allowed: boolean, action: string, resource: string): Row => ({
  statement,
  allowed,
  principal: actionRole,
  action,
  resource,
});
for (const [file, variation] of [
  [
    'iam/data-action-role.yaml',
    scenarios['iam/data-action-role.yaml']?.variations['alias, API method and boundary'],
  ],
  ['examples/quickstart.yaml', {}],
] as const) {
  const stack = deployed(file, variation ?? {}, {
    'CustomerFunction.Arn': customerFunction,
    'CustomerFunctionLogs.Arn': arn('logs', 'log-group:customers:*'),
  });
  const trust = document(stack, 'DataActionRole', 'AssumeRolePolicyDocument');
  dataActionCourts.push({
    name: `the trust of the role in ${file}`,
    policies: { identity: [everything], resource: trust },
    judged: [{ policy: trust }],
    rows: [
      assume(genesysRole, true, { 'sts:ExternalId': organization }),
      assume(genesysRole, false, { 'sts:ExternalId': otherOrganization }),
      assume(genesysRole, false, {}),
      assume(strangerRole, false, { 'sts:ExternalId': organization }),
      assume(deployer, false, { 'sts:ExternalId': organization }),
    ],
  });
  const policies = Object.keys(stack.Resources)
    .filter((id) => ['InvokePolicy', 'ApiPolicy'].includes(id))
    .map((id) => document(stack, id));
  dataActionCourts.push({
    name: `the permissions of the role in ${file}`,
    policies: { identity: policies },
    judged: policies.map((policy) => ({ policy })),
    rows:
      file === 'examples/quickstart.yaml'
        ? [
            invoke('InvokeNamedFunction', true, 'lambda:InvokeFunction', customerFunction),
            invoke('InvokeNamedFunction', false, 'lambda:InvokeFunction', `${customerFunction}-2`),
            invoke('InvokeNamedFunction', false, 'lambda:UpdateFunctionCode', customerFunction),
          ]
        : [
            invoke('InvokeNamedFunctions', true, 'lambda:InvokeFunction', `${customerFunction}:live`),
            invoke('InvokeNamedFunctions', true, 'lambda:InvokeFunction', `${customerFunction}-2`),
            invoke('InvokeNamedFunctions', false, 'lambda:InvokeFunction', `${customerFunction}:api`),
            invoke('InvokeNamedFunctions', false, 'lambda:InvokeFunction', `${customerFunction}:alb`),
            // A plain ARN does not cover the aliases of its function.
            invoke('InvokeNamedFunctions', false, 'lambda:InvokeFunction', `${customerFunction}-2:api`),
            invoke('InvokeNamedFunctions', false, 'lambda:InvokeFunction', customerFunction),
            invoke('InvokeNamedFunctions', false, 'lambda:GetFunction', `${customerFunction}:live`),
            invoke('InvokeNamedMethod', true, 'execute-api:Invoke', apiMethod),
            invoke('InvokeNamedMethod', false, 'execute-api:Invoke', apiMethod.replace('POST', 'DELETE')),
            invoke('InvokeNamedMethod', false, 'execute-api:Invoke', apiMethod.replace('/prod/', '/test/')),
          ],
  });
  if (file !== 'examples/quickstart.yaml') continue;
  dataActionCourts.push({
    name: `the function's role in ${file}`,
    policies: { identity: [document(stack, 'CustomerFunctionPolicy')] },
    judged: [{ policy: document(stack, 'CustomerFunctionPolicy') }],
    rows: [...ownLogs(actionRole, 'customers')],
  });
  dataActionCourts.push(
    lambdaTrust(
      `the trust of the function's role in ${file}`,
      document(stack, 'CustomerFunctionRole', 'AssumeRolePolicyDocument'),
    ),
  );
}
