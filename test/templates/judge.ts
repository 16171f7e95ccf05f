/** Asks iam-simulate, an implementation of IAM's evaluation, whether a request would be allowed. */
import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Json, JsonObject } from '../../scripts/build/templates/template.ts';

export interface Request {
  /** ARN of the caller, or a service such as lambda.amazonaws.com. */
  principal: string;
  action: string;
  /** ARN, `*` for an action that knows no resources, or `noResource`. */
  resource: string;
  /** Condition keys of the request. Keys about the caller are filled in. */
  context?: Record<string, string | string[]>;
}

export interface Policies {
  /** Policies of the caller. */
  identity?: Json[];
  /** Policy of the resource; for sts:AssumeRole the trust policy. */
  resource?: Json;
  /** Policy of the VPC endpoint that carries the request. */
  endpoint?: Json;
}

/**
 * iam-simulate ignores condition keys that have a free part after a colon. It accepts the name in IAM's own
 * list. So an encryption context goes by that name, in policies and in requests, and its free part becomes a
 * part of the value.
 */
const encryptionContext = /^kms:EncryptionContext:(.+)$/;
function listed<T>(json: T): T {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map((child) => listed(child)) as T;
  const entries = Object.entries(json).map(([key, value]): [string, unknown] => {
    const [, name] = encryptionContext.exec(key) ?? [];
    if (name === undefined) return [key, listed(value)];
    const named = [value].flat().map((one) => `${name}=${one}`);
    return ['kms:EncryptionContext:${EncryptionContextKey}', Array.isArray(value) ? named : named[0]];
  });
  return Object.fromEntries(entries) as T;
}

/**
 * In place of an ARN: a service asks about the action alone, as Lambda does of a function's role when it
 * attaches the function to a VPC (Lambda developer guide, "Giving Lambda functions access to resources in an
 * Amazon VPC").
 */
export const noResource = 'no resource';

/** The statements that match a request without a resource: those on every resource. */
const onEveryResource = (policy: Json): Json => {
  const { Statement, ...rest } = policy as JsonObject;
  const statements = [Statement ?? []].flat() as JsonObject[];
  return { ...rest, Statement: statements.filter(({ Resource }) => [Resource].flat().includes('*')) };
};

const accountOf = (arn: string) => arn.split(':')[4] ?? '';

/**
 * Whether the policies allow the request to a resource of `owner`'s account. @throws Error when a policy or
 * the request is malformed
 */
export async function allows(request: Request, policies: Policies, owner: string): Promise<boolean> {
  const isWithoutResource = request.resource === noResource;
  const named = (policy: Json, i: number) => ({
    name: `policy ${i}`,
    policy: listed(isWithoutResource ? onEveryResource(policy) : policy),
  });
  const isService = !request.principal.startsWith('arn:');
  const result = await runSimulation(
    {
      request: {
        principal: request.principal,
        action: request.action,
        // To the simulator `*` means any resource, which would match a statement on some.
        resource: { resource: isWithoutResource ? '*' : request.resource, accountId: owner },
        contextVariables: listed({
          ...(isService
            ? {}
            : {
                'aws:PrincipalArn': request.principal,
                'aws:PrincipalAccount': accountOf(request.principal),
              }),
          ...request.context,
        }),
      },
      identityPolicies: (policies.identity ?? []).map(named),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(policies.resource === undefined ? {} : { resourcePolicy: listed(policies.resource) }),
      ...(policies.endpoint === undefined ? {} : { vpcEndpointPolicies: [named(policies.endpoint, 0)] }),
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(JSON.stringify([request, result.errors]));
  return result.overallResult === 'Allowed';
}
