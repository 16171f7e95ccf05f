import { RefusedError, RequestError } from '../../common/errors.ts';
import { nearest } from '../properties/index.ts';
import { type CustomResourceRequest, readPhysicalId } from '../protocol/index.ts';
import { type Settings, stackAllowed } from '../runtime/settings.ts';
import { askingStack } from '../runtime/stack-names.ts';
import type { AnyResourceType } from './resource-type.ts';

/** @throws RequestError that names the nearest type. */
export function refuseUnknownType(types: readonly AnyResourceType[], name: string): never {
  const names = types.map(({ typeName }) => typeName);
  const near = nearest(name, names);
  throw new RequestError(
    `${name.slice(0, 80)} is no resource type of this provider${near ? `: did you mean ${near}?` : `; it knows ${names.join(', ')}.`}`,
  );
}

/** A Delete of a resource that never had an id in Genesys Cloud: it can have nothing to do. */
export function deletesNoObject({ type, physicalId, stackId, logicalId }: CustomResourceRequest): boolean {
  return type === 'Delete' && readPhysicalId(physicalId, stackId, logicalId).kind !== 'object';
}

/**
 * Refuses a type or a stack that the administrator does not admit. An object that exists can always go back
 * to what it was, and be deleted, whatever the settings have become: then nobody asks this.
 * @throws RefusedError
 */
export function refuseNotAdmitted(
  settings: Settings,
  types: readonly AnyResourceType[],
  request: CustomResourceRequest,
): void {
  const served =
    settings.resourceTypes ??
    types.filter(({ servedByDefault }) => servedByDefault).map(({ typeName }) => typeName);
  if (!served.includes(request.resourceType)) {
    throw new RefusedError(
      `This provider does not serve ${request.resourceType}; its administrator has to add it to the provider's parameter ResourceTypes.`,
    );
  }
  if (!stackAllowed(settings, askingStack(request))) {
    throw new RefusedError(
      "This stack may not use this provider; its administrator has to add it to the provider's parameter AllowedStacks.",
    );
  }
}

/** The ARN of the secret to log in with. @throws RefusedError where the administrator has not listed it. */
export function oauthSecretOf(settings: Settings, properties: Record<string, unknown>): string {
  const arn = properties['OAuthSecretArn'];
  if (arn === undefined || arn === '' || arn === settings.oauthSecretArn) return settings.oauthSecretArn;
  if (typeof arn === 'string' && settings.additionalOauthSecretArns.includes(arn)) return arn;
  throw new RefusedError(
    "OAuthSecretArn is none of the secrets that this provider may log in with; its administrator has to add it to the provider's parameter AdditionalOAuthSecretArns.",
  );
}
