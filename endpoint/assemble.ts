/** Makes the parts of a handler from settings. */
import type { Clock } from '../common/clock.ts';
import { createAuthenticator } from './authenticate.ts';
import { dynamoDB } from './aws/dynamodb.ts';
import { lambda } from './aws/lambda.ts';
import type { Business } from './business.ts';
import type { Parts } from './pipeline.ts';
import { required, type Settings } from './settings.ts';
import { RecordStore } from './store.ts';
import { createTwoPhase } from './two-phase.ts';

export function assembleParts(settings: Settings, business: Business, clock: Clock): Parts {
  const store = new RecordStore(dynamoDB, required(settings, 'IDEMPOTENCY_TABLE_NAME'));
  return {
    settings,
    authenticator: createAuthenticator(settings, clock),
    store,
    business,
    twoPhase:
      settings.WORKER_FUNCTION_ARN === undefined
        ? undefined
        : createTwoPhase({
            store,
            lambda,
            workerArn: settings.WORKER_FUNCTION_ARN,
            bucket: settings.RESULTS_BUCKET_NAME,
            onUnknownOutcome: settings.ON_UNKNOWN_OUTCOME,
            clock,
          }),
  };
}
