/**
 * The way in of a request. The invoked alias decides it, never the event: the author of a data action writes
 * the whole event of a direct invocation, so nothing in an event can prove that API Gateway or a load
 * balancer sent it.
 */

/**
 * `direct`: IAM let the caller in. `api`: API Gateway authenticated it. `alb`: the handler authenticates it.
 */
export type Way = 'direct' | 'api' | 'alb';

/**
 * API Gateway and load balancers invoke these aliases. templates/iam/data-action-role.yaml admits neither.
 */
const httpAliases: ReadonlySet<string> = new Set<Way>(['api', 'alb']);

/** The handler invokes the worker by this alias, which a data-action role cannot name either. */
export const workerAlias = 'work';

/**
 * Every alias but two, every version and the unqualified function mean direct invocation, which claims least.
 */
export function wayIn(invokedFunctionArn: string): Way {
  const qualifier = qualifierOf(invokedFunctionArn) ?? '';
  return httpAliases.has(qualifier) ? (qualifier as Way) : 'direct';
}

/**
 * The alias or version in the ARN of an invocation; undefined for the unqualified function
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html).
 */
export function qualifierOf(invokedFunctionArn: string): string | undefined {
  // arn:aws:lambda:<Region>:<account>:function:<name>[:<qualifier>]
  return invokedFunctionArn.split(':')[7];
}
