/** The provider's function: its settings and rights, and what becomes of an event that fails. */
import {
  type FunctionEventInvokeConfig,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { SettingsError } from '../../common/errors.ts';
import { outputsOf } from '../connection/provider-stack.ts';
import { elements, nameOf } from './aws.ts';
import type { Check } from './check.ts';
import type { Facts } from './facts.ts';
import { fault, faultsOr, fine, inRegionOf, NotLookedAtError } from './outcome.ts';
import { statementsOf } from './policies.ts';
import { DEPLOY } from './stack.ts';

export const functionChecks: Check[] = [
  {
    id: 'function',
    title: 'The function that the ServiceToken names exists and is active',
    reads: ['lambda:GetFunctionConfiguration'],
    look: lookAtFunction,
  },
  {
    id: 'function-settings',
    title: "The function's environment is complete",
    reads: ['lambda:GetFunctionConfiguration', 'kms:Decrypt'],
    look: lookAtSettings,
  },
  {
    id: 'function-limits',
    title: "The function's runtime, handler and time limit are those of the template",
    reads: ['lambda:GetFunctionConfiguration'],
    look: lookAtLimits,
  },
  {
    id: 'function-concurrency',
    title: 'The function may run',
    reads: ['lambda:GetFunctionConcurrency'],
    async look(facts) {
      const arn = await functionArn(facts);
      const { ReservedConcurrentExecutions: reserved } = await facts.aws.ask(
        'lambda:GetFunctionConcurrency',
        () => facts.aws.lambda(arn).send(new GetFunctionConcurrencyCommand({ FunctionName: arn })),
      );
      if (reserved !== 0) return fine(reserved === undefined ? undefined : `${reserved} at once`);
      const wanted = Number((await facts.parameters())['ReservedConcurrency']) || 0;
      // The template takes 0 for none.
      const call =
        wanted === 0
          ? `delete-function-concurrency --function-name ${arn}`
          : `put-function-concurrency --function-name ${arn} --reserved-concurrent-executions ${wanted}`;
      return fault(
        'Its reserved concurrency is 0, so it stands still. Every request waits until its ServiceTimeout.',
        `aws lambda ${call} ${inRegionOf(arn)}`,
      );
    },
  },
  {
    id: 'function-role',
    title: "The function's role has every policy of its stack",
    reads: ['iam:GetRole', 'iam:ListAttachedRolePolicies', 'cloudformation:DescribeStackResources'],
    look: lookAtRole,
  },
  {
    id: 'sealing-secret',
    title: "The secret that seals the ledger's texts can be read",
    reads: ['secretsmanager:GetSecretValue'],
    look: lookAtSealing,
  },
  {
    id: 'log-group',
    title: "The function's log group exists",
    reads: ['logs:DescribeLogGroups'],
    look: lookAtLogs,
  },
  {
    id: 'failed-events',
    title: 'An invocation that fails is repeated, and its event goes into the failure queue',
    reads: ['lambda:GetFunctionEventInvokeConfig', 'cloudformation:DescribeStackResources'],
    look: lookAtInvocations,
  },
  {
    id: 'failure-queue',
    title: 'The failure queue is empty',
    reads: ['sqs:GetQueueAttributes'],
    look: lookAtQueue,
  },
];

async function functionArn(facts: Facts): Promise<string> {
  const { FunctionArn } = await facts.providerFunction();
  return FunctionArn ?? (await facts.serviceToken());
}

async function lookAtFunction(facts: Facts) {
  const arn = await facts.serviceToken();
  try {
    const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } =
      await facts.providerFunction.orError();
    if (LastUpdateStatus === 'Failed')
      return fault(`Its last update failed. ${LastUpdateStatusReason ?? ''}`.trim(), DEPLOY);
    if (State === 'Failed') return fault(`It has failed. ${StateReason ?? ''}`.trim(), DEPLOY);
    // A pending function becomes active by itself, and an inactive one by its next invocation.
    return fine(State === undefined || State === 'Active' ? arn : `${arn} is ${State}`);
  } catch (error) {
    if (nameOf(error) !== 'ResourceNotFoundException') throw error;
    return fault(
      `There is no function ${arn}. Every request fails at once.`,
      `Delete nothing. Make a function of the name ${arn.split(':')[6]} by hand first, with any code, because CloudFormation updates only a function that is there. Then deploy templates/provider.yaml with another CodeS3Key.`,
    );
  }
}

async function lookAtSettings(facts: Facts) {
  try {
    const { ledger } = await facts.settings.orError();
    const stack = await facts.stack();
    if (stack.StackId !== undefined && ledger.stackId !== stack.StackId)
      return fault(`PROVIDER_STACK_ID is ${ledger.stackId}, and the stack is ${stack.StackId}.`, DEPLOY);
    const token = await facts.serviceToken();
    if (ledger.providerArn === token || token.startsWith(`${ledger.providerArn}:`)) return fine();
    return fault(`PROVIDER_ARN is ${ledger.providerArn}, and the ServiceToken is ${token}.`, DEPLOY);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return fault(error.message, DEPLOY);
  }
}

/** As in templates/provider.yaml; a test holds that they agree. */
export const LIMITS = { Runtime: 'nodejs24.x', Handler: 'index.handler', Timeout: 300 } as const;

async function lookAtLimits(facts: Facts) {
  const there = await facts.providerFunction();
  const others = Object.entries(LIMITS).filter(
    ([name, value]) => there[name as keyof typeof LIMITS] !== value,
  );
  return faultsOr(
    others.map(([name, value]) =>
      fault(`${name} is ${there[name as keyof typeof LIMITS]} instead of ${value}.`, DEPLOY),
    ),
  );
}

async function lookAtRole(facts: Facts) {
  const { Role: arn = '' } = await facts.providerFunction();
  const RoleName = arn.split('/').at(-1) ?? '';
  let role: string;
  try {
    role = await facts.aws.iam('GetRole', { RoleName });
  } catch (error) {
    if (nameOf(error) !== 'NoSuchEntity') throw error;
    return fault(`There is no role ${RoleName}.`, DEPLOY);
  }
  const [trust = '{}'] = elements(role, 'AssumeRolePolicyDocument');
  if (!statementsOf(trust).some(({ allows }) => allows))
    return fault(`Nobody may assume the role ${RoleName}, not even Lambda.`, DEPLOY);
  const attached = elements(await facts.aws.iam('ListAttachedRolePolicies', { RoleName }), 'PolicyArn');
  const wanted = (await facts.resources()).filter(
    ({ ResourceType, PhysicalResourceId }) =>
      ResourceType === 'AWS::IAM::ManagedPolicy' && PhysicalResourceId,
  );
  const missing = wanted.filter(({ PhysicalResourceId = '' }) => !attached.includes(PhysicalResourceId));
  return faultsOr(
    missing.map(({ LogicalResourceId, PhysicalResourceId }) =>
      fault(
        `The policy ${LogicalResourceId} is not attached to the role ${RoleName}.`,
        `aws iam attach-role-policy --role-name ${RoleName} --policy-arn ${PhysicalResourceId}`,
      ),
    ),
    RoleName,
  );
}

async function lookAtSealing(facts: Facts) {
  const { settings } = await facts.settings();
  const arn = settings.sealingSecretArn;
  if (arn === undefined) return fault('SEALING_SECRET_ARN is not set, so nothing can be adopted.', DEPLOY);
  try {
    await facts.aws.ask('secretsmanager:GetSecretValue', () =>
      facts.services.secretText(arn, facts.deadline),
    );
    return fine();
  } catch (error) {
    if (!(error instanceof Error && isGone(error.cause))) throw error;
    return fault(
      `${error.message} Former states of adopted objects cannot be opened without it, and drift compares nothing.`,
      `aws secretsmanager restore-secret --secret-id ${arn} ${inRegionOf(arn)}`,
    );
  }
}

/** The answers of Secrets Manager for a secret that is not there, or is scheduled for deletion. */
const isGone = (error: unknown) => /^(ResourceNotFound|InvalidRequest)Exception$/.test(nameOf(error));

// ---- operation

async function lookAtLogs(facts: Facts) {
  const { LoggingConfig, FunctionName } = await facts.providerFunction();
  const name = LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
  const region = (await facts.serviceToken()).split(':')[3];
  const { logGroups = [] } = await facts.aws.json<{ logGroups?: { logGroupName: string }[] }>(
    'logs',
    'DescribeLogGroups',
    { logGroupNamePrefix: name },
    region,
  );
  if (logGroups.some(({ logGroupName }) => logGroupName === name)) return fine(name);
  return fault(
    `There is no log group ${name}, and the role may make none. So nothing is logged.`,
    `aws logs create-log-group --log-group-name ${name} --region ${region}`,
  );
}

async function lookAtInvocations(facts: Facts) {
  const arn = await functionArn(facts);
  const queue = (await facts.resources()).find(
    ({ LogicalResourceId }) => LogicalResourceId === 'FailureQueue',
  );
  const name = queue?.PhysicalResourceId?.split('/').at(-1) ?? '';
  let config: FunctionEventInvokeConfig | undefined;
  try {
    config = await facts.aws.ask('lambda:GetFunctionEventInvokeConfig', () =>
      facts.aws
        .lambda(arn)
        .send(new GetFunctionEventInvokeConfigCommand({ FunctionName: arn, Qualifier: '$LATEST' })),
    );
  } catch (error) {
    if (nameOf(error) !== 'ResourceNotFoundException') throw error;
  }
  const destination = config?.DestinationConfig?.OnFailure?.Destination;
  if (destination?.split(':').at(-1) === name && name !== '') return fine(name);
  return fault(
    `An event whose invocation fails goes ${destination === undefined ? 'nowhere' : `to ${destination}`} instead of the queue ${name}. Its stack waits until its ServiceTimeout, and nobody can answer for it.`,
    DEPLOY,
  );
}

async function lookAtQueue(facts: Facts) {
  const url = outputsOf(await facts.stack())['FailureQueueUrl'];
  if (url === undefined) throw new NotLookedAtError('other-fault', 'see provider-stack');
  try {
    const { Attributes } = await facts.aws.json<{ Attributes?: Record<string, string> }>(
      'sqs',
      'GetQueueAttributes',
      {
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      },
    );
    const kept = Object.values(Attributes ?? {}).reduce((sum, count) => sum + Number(count), 0);
    if (kept === 0) return fine();
    return fault(
      `${kept} ${kept === 1 ? 'event lies' : 'events lie'} in the failure queue. Their stacks got no answer.`,
      'Answer them by npx genesys-cloud-cfn unstick.',
    );
  } catch (error) {
    if (!/NonExistentQueue|QueueDoesNotExist/.test(nameOf(error))) throw error;
    return fault(`There is no queue ${url}, so failed events are lost.`, DEPLOY);
  }
}
