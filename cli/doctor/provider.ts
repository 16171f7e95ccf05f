/** The provider's stack, its export and its function. */
import { ListImportsCommand, type Stack } from '@aws-sdk/client-cloudformation';
import {
  type FunctionEventInvokeConfig,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { SettingsError } from '../../common/errors.ts';
import { exportsOf, isFailedCreation, isNotImported, outputsOf } from '../connection/provider-stack.ts';
import { elements, nameOf } from './aws.ts';
import type { Check } from './check.ts';
import { type Facts, NoProviderError } from './facts.ts';
import { fault, faultsOr, fine, NotLookedAtError, nothing, type Outcome } from './outcome.ts';
import { statementsOf } from './policies.ts';

const DEPLOY = "Deploy templates/provider.yaml again with the stack's parameters.";

export const providerChecks: Check[] = [
  {
    id: 'provider-stack',
    title: "The provider's stack is deployed",
    reads: ['cloudformation:ListExports', 'cloudformation:DescribeStacks'],
    look: lookAtStack,
  },
  {
    id: 'export',
    title: "The stack's ServiceToken is exported, and in the SSM parameter",
    reads: ['cloudformation:ListExports', 'ssm:GetParameter'],
    look: lookAtExport,
  },
  {
    id: 'consumers',
    title: 'No stack that imports the ServiceToken or owns an object has failed half-way',
    reads: ['cloudformation:ListImports', 'cloudformation:DescribeStacks', 'dynamodb:Scan'],
    look: lookAtConsumers,
  },
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
      return fault(
        'Its reserved concurrency is 0, so it stands still. Every request waits until its ServiceTimeout.',
        `aws lambda put-function-concurrency --function-name ${arn} --reserved-concurrent-executions ${(await facts.parameters())['ReservedConcurrency'] || '10'}`,
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

// ---- stack

const HALF_WAY = /_FAILED$|^ROLLBACK_COMPLETE$/;

async function lookAtStack(facts: Facts) {
  try {
    const stack = await facts.stack.orError();
    const { StackName, StackStatus = '', StackStatusReason: reason } = stack;
    const because = reason === undefined ? '' : ` ${reason}`;
    if (isFailedCreation(stack) && StackStatus !== 'REVIEW_IN_PROGRESS') {
      return fault(
        `The creation of the stack ${StackName} has failed (${StackStatus}).${because}`,
        deleteAndDeploy(StackName ?? ''),
      );
    }
    if (HALF_WAY.test(StackStatus))
      return fault(`The stack ${StackName} is ${StackStatus}.${because}`, wayOutOf(stack));
    const token = outputsOf(stack)['ServiceToken'];
    if (token === undefined) {
      return fault(
        `The stack ${StackName} (${StackStatus}) has no output ServiceToken: it is no provider.`,
        'Name the stack of the provider by --stack-name, or its prefix by --export-prefix.',
      );
    }
    return fine(`${StackName}: ${StackStatus}, version ${outputsOf(stack)['TemplateVersion'] ?? 'unknown'}`);
  } catch (error) {
    if (!(error instanceof NoProviderError)) throw error;
    return fault(
      error.message,
      'Give the right --region, --export-prefix or --stack-name. Before the first deployment give --secret instead.',
    );
  }
}

/** By the status of the stack. */
const WAYS_OUT: Readonly<Record<string, (name: string) => string>> = {
  UPDATE_ROLLBACK_FAILED: (name) =>
    `Remove the cause, then aws cloudformation continue-update-rollback --stack-name ${name}`,
  DELETE_FAILED: (name) =>
    `Remove what still depends on the object that the reason names, then aws cloudformation delete-stack --stack-name ${name}`,
  UPDATE_FAILED: (name) =>
    `Mend what the reason names and deploy again, or aws cloudformation rollback-stack --stack-name ${name}`,
};

const deleteAndDeploy = (name: string) =>
  `Mend what the first failure in its events names, delete the stack (aws cloudformation delete-stack --stack-name ${name}), and deploy again.`;

const wayOutOf = ({ StackName = '', StackStatus }: Stack) =>
  (WAYS_OUT[String(StackStatus)] ?? deleteAndDeploy)(StackName);

async function lookAtExport(facts: Facts) {
  const stack = await facts.stack();
  const token = await facts.serviceToken();
  const prefix = (await facts.parameters())['ExportPrefix'] ?? '';
  const faults: Outcome[] = [];
  const name = exportsOf(stack).find((one) => one.endsWith('-ServiceToken'));
  const exported = name === undefined ? undefined : (await facts.exports()).get(name);
  if (exported !== token) {
    faults.push(
      fault(
        `${name === undefined ? 'No export has the ServiceToken' : `The export ${name} is ${exported ?? 'gone'}`}, and the stack's output is ${token}.`,
        DEPLOY,
      ),
    );
  }
  const parameter = outputsOf(stack)['ServiceTokenParameterName'] ?? `/${prefix}/provider/service-token`;
  const value = await valueOfParameter(facts, parameter);
  if (value !== token) {
    faults.push(
      fault(
        `The SSM parameter ${parameter} ${value === undefined ? 'is gone' : `holds ${value}`}, and the stack's ServiceToken is ${token}.`,
        `aws ssm put-parameter --overwrite --type String --name ${parameter} --value ${token}`,
      ),
    );
  }
  return faultsOr(faults, name);
}

async function valueOfParameter(facts: Facts, name: string): Promise<string | undefined> {
  try {
    const { Parameter } = await facts.aws.json<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {
      Name: name,
    });
    return Parameter.Value;
  } catch (error) {
    if (nameOf(error) === 'ParameterNotFound') return undefined;
    throw error;
  }
}

/** Names of the stacks that import the ServiceToken. */
async function importersOf(facts: Facts): Promise<string[]> {
  const stack = await facts.stack();
  const name = exportsOf(stack).find((one) => one.endsWith('-ServiceToken'));
  if (name === undefined) return [];
  const names: string[] = [];
  let token: string | undefined;
  try {
    do {
      const { Imports = [], NextToken } = await facts.aws.ask('cloudformation:ListImports', () =>
        facts.aws.cloudFormation.send(
          new ListImportsCommand({ ExportName: name, ...(token ? { NextToken: token } : {}) }),
        ),
      );
      names.push(...Imports);
      token = NextToken;
    } while (token !== undefined);
  } catch (error) {
    if (!isNotImported(error)) throw error;
  }
  return names;
}

async function lookAtConsumers(facts: Facts) {
  const importers = await importersOf(facts);
  const owners = new Set((await facts.ledger()).owners.map(({ stackId }) => stackId));
  const consumers = (await facts.stacks()).filter(
    ({ StackName = '', StackId = '' }) => importers.includes(StackName) || owners.has(StackId),
  );
  if (consumers.length === 0) return nothing('no stack of this account and Region uses it');
  const names = consumers.map(({ StackName }) => StackName).sort();
  return faultsOr(
    consumers
      .filter(({ StackStatus = '' }) => HALF_WAY.test(StackStatus))
      .map((stack) =>
        fault(
          `The stack ${stack.StackName} is ${stack.StackStatus}. ${stack.StackStatusReason ?? ''}`.trim(),
          wayOutOf(stack),
        ),
      ),
    `${names.length}: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`,
  );
}

// ---- function

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
      "Delete nothing. Make the function again: deploy templates/provider.yaml with another CodeS3Key, or ask AWS's support for the resource of the stack.",
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
    if (error instanceof NotLookedAtError) throw error;
    return fault(
      `${(error as Error).message} Former states of adopted objects cannot be opened without it, and drift compares nothing.`,
      `aws secretsmanager restore-secret --secret-id ${arn}`,
    );
  }
}

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
    `aws logs create-log-group --log-group-name ${name}`,
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
