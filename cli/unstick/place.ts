/**
 * From a profile and a Region to a provider's failure queue, function and ledger. Nothing logs in to Genesys
 * Cloud here, because a provider whose OAuth secret is wrong has stuck requests too.
 */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { systemClock } from '../../common/clock.ts';
import { Store } from '../../provider/ledger/index.ts';
import { regionOfArn } from '../../provider/runtime/aws.ts';
import { type ConnectionOptions, environmentOf, providerStackOf } from '../connection/connect.ts';
import { CallerError, endingOf } from '../connection/endings.ts';
import { outputsOf } from '../connection/provider-stack.ts';
import { FailureQueue } from './queue.ts';

export interface Place {
  queue: FailureQueue;
  functionArn: string;
  lambda: LambdaClient;
  /** The client for the stacks of a Region. */
  stacks(region: string): CloudFormationClient;
  ledger: Store | undefined;
  /** Why the ledger cannot be read. */
  ledgerProblem?: string;
}

/** The longest run of the function, and some time for the way. */
const INVOCATION_MILLISECONDS = 330_000;

/** @throws CallerError where there is no provider, and the errors of AWS */
export async function findPlace({ search, region }: ConnectionOptions): Promise<Place> {
  if ('functionArn' in search)
    throw new CallerError(
      'The failure queue is found by the stack of the provider. Name its stack or prefix.',
    );
  const { stack, functionArn } = await providerStackOf(search, region);
  const { FailureQueueUrl } = outputsOf(stack);
  if (FailureQueueUrl === undefined) {
    throw new CallerError(
      `The stack ${stack.StackName} (${stack.StackStatus}) has no output FailureQueueUrl: it is no provider, or its deployment has failed.`,
    );
  }
  const { ledger, problem } = await environmentOf(functionArn).then(
    (environment) => ({ ledger: ledgerOf(environment), problem: undefined }),
    (error: unknown) => ({ ledger: undefined, problem: endingOf(error).line }),
  );
  const place = regionOfArn(functionArn);
  return {
    queue: new FailureQueue(place, FailureQueueUrl),
    functionArn,
    // An invocation that takes long must not be sent twice.
    lambda: new LambdaClient({
      ...place,
      maxAttempts: 1,
      requestHandler: { requestTimeout: INVOCATION_MILLISECONDS },
    }),
    stacks: (of) => new CloudFormationClient({ region: of, maxAttempts: 6 }),
    ledger,
    ...(problem === undefined ? {} : { ledgerProblem: problem }),
  };
}

function ledgerOf(environment: Record<string, string>): Store {
  const { LEDGER_TABLE_NAME: table = '', PROVIDER_ARN: providerArn = '' } = environment;
  const region = regionOfArn(table.startsWith('arn:') ? table : providerArn);
  return new Store(new DynamoDBClient({ ...region, maxAttempts: 6 }), table, systemClock);
}
