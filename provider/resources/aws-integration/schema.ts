/** The properties of an integration, and the rules between them. */
import * as z from 'zod/mini';
import { adoptionProperties, eitherOfBoth } from '../../lifecycle/adoption.ts';
import { commonProperties } from '../../lifecycle/resource-type.ts';
import {
  canonicalFreeForm,
  choice,
  type FreeForm,
  flag,
  freeForm,
  invalidProperty,
  PropertyError,
  problemAt,
  text,
} from '../../properties/index.ts';
import { sharedWith } from '../shared-integrations.ts';

export const LAMBDA_TYPE = 'aws-lambda-data-actions';
export const WEB_SERVICES_TYPE = 'custom-rest-actions';

const properties = z.strictObject({
  ...commonProperties,
  Name: text({ max: 256 }),
  IntegrationType: z.optional(choice(LAMBDA_TYPE, WEB_SERVICES_TYPE)),
  RoleArn: z.optional(
    text({
      pattern: /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
      hint: 'must be the ARN of an IAM role',
      explain: problemOfRoleName,
    }),
  ),
  CredentialType: z.optional(choice('userDefined', 'basicAuth', 'userDefinedOAuth')),
  CredentialsSecretArn: z.optional(
    text({
      pattern: /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\/genesys\/credentials\/.+/,
      hint: 'must be the ARN of a secret whose name begins with /genesys/credentials/',
    }),
  ),
  /** Any text: another one makes the provider read the secret again. */
  CredentialsSecretVersion: z.optional(text({ max: 256 })),
  Enabled: z.optional(flag()),
  Notes: z.optional(text({ min: 0, max: 10_000 })),
  Properties: z.optional(freeForm()),
  Advanced: z.optional(freeForm()),
  SharedWith: z.optional(sharedWith()),
  DeletionGuard: z.optional(choice('Actions', 'None')),
  ...adoptionProperties,
});

/** `!Ref` of a role answers its name (AWS::IAM::Role). A name is no secret, so the message shows it. */
function problemOfRoleName(value: string): string | undefined {
  return /^[\w+=,.@-]{1,64}$/.test(value)
    ? `must be the ARN of an IAM role, and ${value} looks like its name: write !GetAtt <logical id of the role>.Arn instead of !Ref`
    : undefined;
}

export const schema = properties.check(eitherOfBoth());

export type IntegrationProperties = z.infer<typeof schema>;

export const typeOf = ({ IntegrationType = LAMBDA_TYPE }: IntegrationProperties) => IntegrationType;

const NONE: FreeForm = { typed: {} };

/** Properties of equal integrations are equal here: a default counts as written out. */
export const canonical = (written: IntegrationProperties): unknown => ({
  ...written,
  IntegrationType: typeOf(written),
  Enabled: written.Enabled ?? true,
  Notes: written.Notes ?? '',
  Properties: canonicalFreeForm(written.Properties ?? NONE),
  Advanced: canonicalFreeForm(written.Advanced ?? NONE),
  SharedWith: written.SharedWith ?? [],
  DeletionGuard: written.DeletionGuard ?? 'Actions',
});

/** Whether an integration that is taken over keeps the credential that it has. */
export const keepsCredential = ({
  ExistingId,
  RoleArn,
  CredentialType,
}: Pick<IntegrationProperties, 'ExistingId' | 'RoleArn' | 'CredentialType'>): boolean =>
  ExistingId !== undefined && RoleArn === undefined && CredentialType === undefined;

/** Rules between properties. @throws PropertyError */
export function checkTogether(properties: IntegrationProperties): void {
  const { RoleArn, CredentialType, CredentialsSecretArn } = properties;
  if (typeOf(properties) === LAMBDA_TYPE) {
    if (RoleArn === undefined && !keepsCredential(properties))
      throw invalidProperty('RoleArn', `is required for ${LAMBDA_TYPE} without ExistingId`, {
        fault: 'missing',
      });
    const ofWebServices = (['CredentialType', 'CredentialsSecretArn'] as const)
      .filter((name) => properties[name] !== undefined)
      .map((name) =>
        problemAt(name, `belongs to IntegrationType ${WEB_SERVICES_TYPE}; ${LAMBDA_TYPE} takes RoleArn`),
      );
    if (ofWebServices.length > 0) throw new PropertyError(ofWebServices);
    return;
  }
  if (RoleArn !== undefined) {
    throw invalidProperty(
      'RoleArn',
      `belongs to IntegrationType ${LAMBDA_TYPE}; ${WEB_SERVICES_TYPE} takes CredentialsSecretArn`,
    );
  }
  if (CredentialType === undefined && CredentialsSecretArn !== undefined)
    throw invalidProperty('CredentialType', 'is required beside CredentialsSecretArn', { fault: 'missing' });
  if (CredentialType !== undefined && CredentialsSecretArn === undefined)
    throw invalidProperty('CredentialsSecretArn', 'is required beside CredentialType', { fault: 'missing' });
}
