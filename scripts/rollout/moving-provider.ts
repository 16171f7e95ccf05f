/** The provider of a stack, as the move of its ledger stops, switches and starts it. */
import { type CloudFormationClient, GetTemplateCommand, type Stack } from '@aws-sdk/client-cloudformation';
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionCommand,
  type LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { describe, exportsOf, outputsOf, stackSetOf } from '../../cli/connection/provider-stack.ts';
import { type MovingProvider, NotHereError } from './ledger-move.ts';
import { deployStack } from './stack.ts';

export interface StackParts {
  cloudFormation: CloudFormationClient;
  lambda: LambdaClient;
  /** The stack of the provider. */
  stack: Stack;
  onEvent: (line: string) => void;
}

/** @throws Error where the stack is none of a provider, or has not settled */
export async function providerOfStack({
  cloudFormation,
  lambda,
  stack,
  onEvent,
}: StackParts): Promise<MovingProvider> {
  const { StackName: stackName = '', StackStatus: status = '' } = stack;
  const { FunctionName: name, ServiceToken: arn } = outputsOf(stack);
  if (name === undefined || arn === undefined || exportsOf(stack).length === 0)
    throw new Error(`The stack ${stackName} is ${status} and is no provider of this version.`);
  if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT)_COMPLETE$/.test(status))
    throw new Error(`The stack ${stackName} is ${status}; wait until it has settled, or mend it.`);
  const configuration = () => lambda.send(new GetFunctionCommand({ FunctionName: name }));
  const first = await configuration();
  const timeoutMs = (first.Configuration?.Timeout ?? 900) * 1000;

  return {
    arn,
    timeoutMs,
    async ledger() {
      const { Configuration } = await configuration();
      const table = Configuration?.Environment?.Variables?.['LEDGER_TABLE_NAME'] ?? '';
      // A table that the stack makes is named without its account and Region, which are the function's.
      return table.startsWith('arn:') ? table : tableBeside(arn, table);
    },
    async concurrency() {
      return (await configuration()).Concurrency?.ReservedConcurrentExecutions;
    },
    async setConcurrency(reserved) {
      const FunctionName = name;
      if (reserved === undefined) await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      else
        await lambda.send(
          new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: reserved }),
        );
    },
    async switchTo(table) {
      const set = stackSetOf(stack);
      if (set !== undefined) {
        throw new NotHereError(
          `${stackName} is an instance of the stack set ${set}. The provider stands still, and its records are copied. Now give the instance the parameter LedgerTableArn=${table}, by make deploy-stackset or by aws cloudformation update-stack-instances; then run this command again.`,
        );
      }
      const now = await describe(cloudFormation, stack.StackId ?? stackName);
      const { TemplateBody = '' } = await cloudFormation.send(
        new GetTemplateCommand({ StackName: stack.StackId ?? stackName, TemplateStage: 'Original' }),
      );
      await deployStack(cloudFormation, {
        stackName,
        template: TemplateBody,
        parameters: { LedgerTableArn: table },
        tags: Object.fromEntries((now?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
        mustStay: ['ProviderFunction'],
        onEvent,
      });
    },
  };
}

/** The ARN of a table in the account and Region of a function. */
const tableBeside = (functionArn: string, name: string) => {
  const [, partition, , region, account] = functionArn.split(':');
  return `arn:${partition}:dynamodb:${region}:${account}:table/${name}`;
};
