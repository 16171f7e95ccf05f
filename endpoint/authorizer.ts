/**
 * The REQUEST authorizer of the REST API. API Gateway caches its policy by the header of the credential, so
 * the policy covers the whole stage and not only the method of the first call.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { type Authenticator, createAuthenticator } from './authenticate.ts';
import { asEndpointError } from './errors.ts';
import { readHeaders } from './request.ts';
import { readSettings } from './settings.ts';

interface AuthorizerEvent {
  methodArn: string;
  headers?: Record<string, string | undefined> | null;
  multiValueHeaders?: Record<string, string[] | undefined> | null;
}

const logger = new Logger();
const metrics = new Metrics({
  namespace: process.env['POWERTOOLS_METRICS_NAMESPACE'] || 'GenesysDataActions',
});
let authenticator: Authenticator | undefined;

/**
 * Shorter than the function's time limit in templates/endpoint-api.yaml, so that the log still gets the
 * reason.
 */
const limitMs = 4000;

// Lambda gives a whole CPU during initialization, so the client is loaded here and not in the first call.
if (process.env['SHARED_SECRET_ARN']) await import('./aws/secrets-manager.ts');

/**
 * @returns Allow, with the caller's name as principal and in the context, or Deny for a wrong credential
 * (403).
 * @throws `Unauthorized` for a missing credential, which API Gateway turns into 401; every other error
 * becomes 500.
 */
export async function handler(event: AuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  try {
    authenticator ??= createAuthenticator(readSettings(process.env));
    const caller = await authenticator.caller({ headers: readHeaders(event) }, AbortSignal.timeout(limitMs));
    return policy('Allow', caller, event.methodArn);
  } catch (thrown) {
    const error = asEndpointError(thrown);
    metrics.addMetric('AuthenticationFailures', MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
    const reason = error.cause instanceof Error ? error.cause.message : undefined;
    if (error.status >= 500) {
      logger.error('caller could not be checked', { code: error.code, reason });
      throw error;
    }
    logger.warn('caller refused', { code: error.code, reason });
    if (error.status === 401) throw new Error('Unauthorized');
    return policy('Deny', 'refused', event.methodArn);
  }
}

function policy(effect: 'Allow' | 'Deny', caller: string, methodArn: string): APIGatewayAuthorizerResult {
  const [api, stage] = methodArn.split('/');
  return {
    principalId: caller,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: `${api}/${stage}/*` }],
    },
    ...(effect === 'Allow' ? { context: { caller } } : {}),
  };
}
